import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { type EventHeader, SubscriptionEvent } from '../subscription-event.type.js';
import { AlertType } from './alert.type.js';

const AlertChangeEnum = {
  OPENED: 'OPENED',
  UPDATED: 'UPDATED',
  ACKNOWLEDGED: 'ACKNOWLEDGED',
  RESOLVED: 'RESOLVED',
} as const;
export type AlertChange = keyof typeof AlertChangeEnum;
registerEnumType(AlertChangeEnum, {
  name: 'AlertChange',
  description: 'What has happened to an alert.',
  valuesConfig: {
    OPENED: { description: 'Its condition was seen.' },
    UPDATED: { description: 'Its condition became worse.' },
    ACKNOWLEDGED: { description: 'Somebody has taken it on.' },
    RESOLVED: { description: 'Its condition is over, or somebody has settled it.' },
  },
});

@ObjectType('AlertEvent', { implements: SubscriptionEvent, description: 'Alerts have changed.' })
export class AlertEvent extends SubscriptionEvent {
  @Field(() => AlertChangeEnum, {
    nullable: true,
    description: 'What has happened to them; null in a snapshot.',
  })
  readonly change: AlertChange | null;

  @Field(() => [AlertType], {
    description: 'The alerts as they were then. In a snapshot: those that are not resolved.',
  })
  readonly alerts: readonly AlertType[];

  constructor(header: EventHeader, change: AlertChange | null, alerts: readonly AlertType[]) {
    super(header);
    this.change = change;
    this.alerts = alerts;
  }
}

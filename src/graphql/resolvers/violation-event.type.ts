import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { type EventHeader, SubscriptionEvent } from '../subscription-event.type.js';
import { SlaViolationType } from './violation.type.js';

const ViolationChangeEnum = { OPENED: 'OPENED', UPDATED: 'UPDATED', CLOSED: 'CLOSED' } as const;
export type ViolationChange = keyof typeof ViolationChangeEnum;
registerEnumType(ViolationChangeEnum, {
  name: 'SlaViolationChange',
  description: 'What has happened to a violation.',
  valuesConfig: {
    OPENED: { description: 'The rate fell below its target.' },
    UPDATED: { description: 'It has new figures, or became worse.' },
    CLOSED: { description: 'The rate is at its target again.' },
  },
});

@ObjectType('SlaViolationEvent', { implements: SubscriptionEvent, description: 'Violations have changed.' })
export class SlaViolationEvent extends SubscriptionEvent {
  @Field(() => ViolationChangeEnum, {
    nullable: true,
    description: 'What has happened to them; null in a snapshot.',
  })
  readonly change: ViolationChange | null;

  @Field(() => [SlaViolationType], {
    description: 'The violations as they were then. In a snapshot: those that are open.',
  })
  readonly violations: readonly SlaViolationType[];

  constructor(header: EventHeader, change: ViolationChange | null, violations: readonly SlaViolationType[]) {
    super(header);
    this.change = change;
    this.violations = violations;
  }
}

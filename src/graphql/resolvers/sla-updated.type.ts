import { Field, ObjectType } from 'type-graphql';
import { type EventHeader, SubscriptionEvent } from '../subscription-event.type.js';
import { SlaType, WaveForecastType } from './sla.type.js';

@ObjectType('SlaUpdatedEvent', {
  implements: SubscriptionEvent,
  description: 'The service levels were looked at again.',
})
export class SlaUpdatedEvent extends SubscriptionEvent {
  @Field(() => [SlaType], { description: 'How each policy stands, the one over everything first.' })
  readonly slas: readonly SlaType[];

  @Field(() => [WaveForecastType], { description: 'What is expected of the runs that are under way.' })
  readonly waves: readonly WaveForecastType[];

  constructor(header: EventHeader, slas: readonly SlaType[], waves: readonly WaveForecastType[]) {
    super(header);
    this.slas = slas;
    this.waves = waves;
  }
}

import { Field, ObjectType } from 'type-graphql';
import { DeliveryType } from '../../schema/delivery.type.js';
import { type EventHeader, SubscriptionEvent } from '../subscription-event.type.js';

@ObjectType('DeliveryUpdatedEvent', { implements: SubscriptionEvent, description: 'Deliveries have moved.' })
export class DeliveryUpdatedEvent extends SubscriptionEvent {
  @Field(() => [DeliveryType], {
    description:
      'Those that have moved, as they are now, at most 200; more come in further events. In a snapshot: the newest 200 that are watched.',
  })
  readonly deliveries: readonly DeliveryType[];

  constructor(header: EventHeader, deliveries: readonly DeliveryType[]) {
    super(header);
    this.deliveries = deliveries;
  }
}

import { Field, Int, ObjectType } from 'type-graphql';
import { DeliveryType } from '../../schema/delivery.type.js';
import { Payload } from '../../schema/user-error.js';

@ObjectType('SchedulePayload', { implements: Payload, description: 'What became of one message.' })
export class SchedulePayload extends Payload {
  @Field(() => DeliveryType, { nullable: true, description: 'The delivery; null when it was refused.' })
  delivery?: DeliveryType;

  @Field(() => Boolean, {
    nullable: true,
    description: 'False when the delivery was found under its idempotency key; null when it was refused.',
  })
  created?: boolean;
}

@ObjectType('SendNowPayload', { implements: Payload, description: 'What became of one message.' })
export class SendNowPayload extends SchedulePayload {}

@ObjectType('ScheduleBulkPayload', { implements: Payload, description: 'What became of many messages.' })
export class ScheduleBulkPayload extends Payload {
  @Field(() => [DeliveryType], {
    nullable: 'itemsAndList',
    description:
      'By position: the delivery, or null where `errors` holds that index. Null when all was refused as a whole.',
  })
  deliveries?: (DeliveryType | null)[];

  @Field(() => Int, { description: 'Items accepted, those found under their key included.' })
  accepted = 0;

  @Field(() => Int, { description: 'Items that made a new delivery.' })
  created = 0;

  @Field(() => Int, { description: 'Items refused; each has its entry in `errors`.' })
  refused = 0;
}

@ObjectType('CancelPayload', { implements: Payload, description: 'What became of a cancellation.' })
export class CancelPayload extends Payload {
  @Field(() => DeliveryType, { nullable: true, description: 'The cancelled delivery; null when it was not.' })
  delivery?: DeliveryType;
}

@ObjectType('ReschedulePayload', { implements: Payload, description: 'What became of a move.' })
export class ReschedulePayload extends Payload {
  @Field(() => DeliveryType, { nullable: true, description: 'The moved delivery; null when it was not.' })
  delivery?: DeliveryType;
}

import { Field, ID, InputType, Int } from 'type-graphql';
import { WhenInput } from '../../schema/when.input.js';
import { DeliveryFilterInput } from './delivery-filter.input.js';
import { MessageInput } from './message.input.js';

/** Items of one `scheduleBulk`. The body's limit of 256 kB usually comes first; clients send several. */
export const MOST_ITEMS = 10_000;
/** Deliveries that one `retryFailed` revives. */
export const MOST_RETRIED = 10_000;

@InputType('ScheduleInput', { description: 'A message and when it is due.' })
export class ScheduleInput extends MessageInput {
  @Field(() => WhenInput, { description: 'When it is due.' })
  at!: WhenInput;
}

@InputType('SendNowInput', { description: 'A message that is due at once.' })
export class SendNowInput extends MessageInput {}

@InputType('ScheduleBulkInput', { description: 'Many messages, each accepted or refused on its own.' })
export class ScheduleBulkInput {
  @Field(() => [ScheduleInput], {
    description: `1 to ${MOST_ITEMS}, within a request body of 256 kB.`,
  })
  items!: ScheduleInput[];

  @Field(() => String, {
    nullable: true,
    description: 'For items without a key of their own: theirs becomes `KEY:POSITION`. Null: none.',
  })
  idempotencyKey?: string | null;
}

@InputType('CancelInput', { description: 'Which delivery to cancel.' })
export class CancelInput {
  @Field(() => ID, { description: 'Its global id.' })
  id!: string;
}

@InputType('RescheduleInput', { description: 'Which delivery to move, and to when.' })
export class RescheduleInput {
  @Field(() => ID, { description: 'Its global id.' })
  id!: string;

  @Field(() => WhenInput, { description: 'When it is to be due instead. Its zone stays as it was.' })
  at!: WhenInput;
}

@InputType('RetryFailedInput', { description: 'Which failed and dead-lettered deliveries to try again.' })
export class RetryFailedInput {
  @Field(() => DeliveryFilterInput, { nullable: true, description: 'Null: all that the caller may change.' })
  filter?: DeliveryFilterInput | null;

  @Field(() => Boolean, { defaultValue: false, description: 'True: only count what matches.' })
  dryRun!: boolean;

  @Field(() => Int, {
    defaultValue: 1_000,
    description: `At most so many, 1 to ${MOST_RETRIED}; the newest first.`,
  })
  limit!: number;
}

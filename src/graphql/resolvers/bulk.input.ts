import { Field, ID, InputType, Int } from 'type-graphql';
import type { DeliveryState } from '../../core/index.js';
import { DeliveryStateEnum } from '../../schema/enums.js';
import { DeliveryFilterInput } from './delivery-filter.input.js';

/** Deliveries that one `retryFailed` revives. */
export const MOST_RETRIED = 1_000_000;

const DRY_RUN = 'True: only count what matches. Nothing is changed, and no run is made.';
const KEY =
  'Makes a repetition of the request answer with the run of the first; 1 to 512 characters. Null: each request acts.';

@InputType('RetryFailedInput', { description: 'Which failed and dead-lettered deliveries to try again.' })
export class RetryFailedInput {
  @Field(() => DeliveryFilterInput, { nullable: true, description: 'Null: all that the caller may change.' })
  filter?: DeliveryFilterInput | null;

  @Field(() => Boolean, { defaultValue: false, description: DRY_RUN })
  dryRun!: boolean;

  @Field(() => Int, {
    defaultValue: 1_000,
    description: `At most so many, 1 to ${MOST_RETRIED}; those whose last try is the latest first.`,
  })
  limit!: number;

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

@InputType('CancelManyInput', { description: 'Which waiting deliveries to cancel.' })
export class CancelManyInput {
  @Field(() => DeliveryFilterInput, {
    description: 'At least one thing that all of them have in common. What has an attempt is left alone.',
  })
  filter!: DeliveryFilterInput;

  @Field(() => Boolean, { defaultValue: false, description: DRY_RUN })
  dryRun!: boolean;

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

@InputType('CleanQueueInput', { description: 'Which queue to clean, and of what.' })
export class CleanQueueInput {
  @Field(() => String, { description: "The queue's name." })
  name!: string;

  @Field(() => [DeliveryStateEnum], {
    nullable: true,
    description: 'What is cancelled: SCHEDULED, QUEUED and RETRYING, or some of these. Null: all three.',
  })
  states?: DeliveryState[] | null;

  @Field(() => Boolean, { defaultValue: false, description: DRY_RUN })
  dryRun!: boolean;

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

@InputType('CancelRunInput', { description: 'Which run to cancel.' })
export class CancelRunInput {
  @Field(() => ID, { description: 'Its global id.' })
  id!: string;
}

import 'reflect-metadata';
import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { Percentiles, StateCounts } from '../core/index.js';

@ObjectType('Percentiles', {
  description:
    'How a length of time is spread, in ms. Percentiles are upper bounds: at most 6 % above the true value.',
})
export class PercentilesType {
  @Field(() => Float, { description: 'Mean, in ms.' })
  readonly average!: number;

  @Field(() => Float, { description: 'Half of the values are at most this, in ms.' })
  readonly p50!: number;

  @Field(() => Float, { description: '95 of 100 values are at most this, in ms.' })
  readonly p95!: number;

  @Field(() => Float, { description: '99 of 100 values are at most this, in ms.' })
  readonly p99!: number;

  @Field(() => Float, { description: 'The largest value, in ms.' })
  readonly max!: number;

  constructor(values: Percentiles) {
    Object.assign(this, values);
  }
}

/** Percentiles for the API; null stays null. */
export function percentiles(values: Percentiles | null): PercentilesType | null {
  return values && new PercentilesType(values);
}

@ObjectType('StateCounts', { description: 'How many deliveries are in each state.' })
export class StateCountsType {
  constructor(private readonly counts: StateCounts) {}

  @Field(() => Int, { description: 'Waiting for their instant.' })
  get scheduled(): number {
    return this.counts.SCHEDULED;
  }

  @Field(() => Int, { description: 'Due, waiting for a worker, a rate token or a channel that works.' })
  get queued(): number {
    return this.counts.QUEUED;
  }

  @Field(() => Int, { description: 'With an attempt under way.' })
  get sending(): number {
    return this.counts.SENDING;
  }

  @Field(() => Int, { description: 'Waiting for their next attempt.' })
  get retrying(): number {
    return this.counts.RETRYING;
  }

  @Field(() => Int, { description: 'Accepted by the provider, with no later report.' })
  get sent(): number {
    return this.counts.SENT;
  }

  @Field(() => Int, { description: 'Reported to have reached the device.' })
  get delivered(): number {
    return this.counts.DELIVERED;
  }

  @Field(() => Int, { description: 'Reported to have been read.' })
  get read(): number {
    return this.counts.READ;
  }

  @Field(() => Int, { description: 'Answered by the recipient.' })
  get responded(): number {
    return this.counts.RESPONDED;
  }

  @Field(() => Int, { description: 'Refused for good.' })
  get failed(): number {
    return this.counts.FAILED;
  }

  @Field(() => Int, { description: 'Out of tries, or held with an unknown outcome.' })
  get deadLettered(): number {
    return this.counts.DEAD_LETTERED;
  }

  @Field(() => Int, { description: 'Cancelled before an attempt.' })
  get cancelled(): number {
    return this.counts.CANCELLED;
  }

  @Field(() => Int, { description: 'Expired unsent.' })
  get missed(): number {
    return this.counts.MISSED;
  }
}

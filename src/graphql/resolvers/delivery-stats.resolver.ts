import { Arg, Ctx, Field, Float, Int, ObjectType, Query, Resolver } from 'type-graphql';
import type { StatsView } from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { DateTime } from '../../schema/scalars.js';
import { readFromTo, readStatsFilter, StatsFilterInput, type TimeWindow } from './stats.input.js';

@ObjectType('DeliveryStats', { description: 'The figures of a window that a report begins with (CP-6).' })
export class DeliveryStatsType {
  constructor(
    private readonly view: StatsView,
    private readonly window: TimeWindow,
  ) {}

  @Field(() => DateTime, { description: "The window's beginning." })
  get from(): Date {
    return this.window.from;
  }

  @Field(() => DateTime, { description: "The window's end." })
  get to(): Date {
    return this.window.to;
  }

  @Field(() => Int, { description: 'Accepted by a provider in the window.' })
  get sent(): number {
    return this.view.sent;
  }

  @Field(() => Int, {
    description:
      'Reported in the window to have reached the recipient. A channel whose provider does not report that counts none.',
  })
  get successful(): number {
    return this.view.delivered;
  }

  @Field(() => Int, { description: 'Refused for good, given up, or expired unsent in the window.' })
  get failed(): number {
    return this.view.failed + this.view.deadLettered + this.view.missed;
  }

  @Field(() => Float, {
    nullable: true,
    description:
      "Mean time from the due instant to the provider's acceptance, in ms; null when nothing was sent.",
  })
  get averageDeliveryTimeMs(): number | null {
    return this.view.lateness?.average ?? null;
  }

  @Field(() => Float, {
    nullable: true,
    description: 'Answered among those delivered, 0 to 1; null when none was delivered.',
  })
  get responseRate(): number | null {
    return this.view.responseRate;
  }
}

/** CP-6. Operators see the figures of all owners, others their own. */
@Resolver()
export class DeliveryStatsResolver {
  @Query(() => DeliveryStatsType, {
    description: 'What became of deliveries in a stretch of time, counted in whole minutes.',
  })
  async deliveryStats(
    @Arg('from', () => DateTime, { description: 'Beginning, inclusive.' }) from: string,
    @Arg('to', () => DateTime, { description: 'End, exclusive; at most 366 days later.' }) to: string,
    @Arg('filter', () => StatsFilterInput, { nullable: true, description: 'Null: all.' })
    filter: StatsFilterInput | null,
    @Ctx() { core, caller }: Context,
  ): Promise<DeliveryStatsType> {
    const span = readFromTo(from, to);
    return new DeliveryStatsType(await core.stats.stats(caller, readStatsFilter(filter), span), span);
  }
}

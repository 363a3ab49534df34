import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import type { HistoryPoint } from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { Duration } from '../../schema/scalars.js';
import {
  readBucket,
  readStatsFilter,
  readWindow,
  SeriesEnum,
  StatsFilterInput,
  WindowInput,
} from './stats.input.js';
import { HistoryPointType, StatsType } from './stats.type.js';

/** CORE-43, CORE-44. Operators see the figures of all owners, others their own. */
@Resolver()
export class StatsResolver {
  @Query(() => StatsType, { description: 'Figures of a window, and how many deliveries are open now.' })
  async stats(
    @Arg('filter', () => StatsFilterInput, { nullable: true, description: 'Null: all.' })
    filter: StatsFilterInput | null,
    @Arg('window', () => WindowInput, { nullable: true, description: 'Null: the last hour.' })
    window: WindowInput | null,
    @Ctx() { core, caller }: Context,
  ): Promise<StatsType> {
    const span = readWindow(window, core.clock);
    return new StatsType(await core.stats.stats(caller, readStatsFilter(filter), span), span);
  }

  @Query(() => [HistoryPointType], {
    description: 'A series of figures, one point for each bucket, oldest first.',
  })
  async history(
    @Arg('series', () => SeriesEnum, { description: 'Which figures.' }) series: keyof typeof SeriesEnum,
    @Arg('filter', () => StatsFilterInput, { nullable: true, description: 'Null: all.' })
    filter: StatsFilterInput | null,
    @Arg('window', () => WindowInput, { nullable: true, description: 'Null: the last hour.' })
    window: WindowInput | null,
    @Arg('bucket', () => Duration, { defaultValue: '1m', description: 'Length of a bucket, whole minutes.' })
    bucket: string,
    @Ctx() { core, caller }: Context,
  ): Promise<HistoryPointType[]> {
    const span = readWindow(window, core.clock);
    const points: readonly HistoryPoint[] = await core.stats.history(
      caller,
      readStatsFilter(filter),
      series,
      span,
      readBucket(bucket, span),
    );
    return points.map((point) => new HistoryPointType(point));
  }
}

import type { Collection } from 'mongodb';
import { EVERYBODY } from '../access/caller.js';
import type { ChannelName } from '../channel/channel.js';
import type { Database } from '../database.js';
import { type DeliveryState, STATES } from '../delivery/states.js';
import { type StateCounts, sumCounts } from './counts.js';
import { type Histogram, sumHistograms } from './histogram.js';
import { Tally, type TallyDoc } from './tally.entity.js';

/** What has become of the deliveries of one queue on one channel, of all owners. */
export interface LaneFigures {
  readonly queue: string;
  readonly channel: ChannelName;
  /** How many are in each state now. */
  readonly counts: StateCounts;
  /** Since ever: moves into each state; CREATED is what was accepted into Punctual. */
  readonly moved: Readonly<Record<DeliveryState | 'CREATED', number>>;
  /** Since ever: accepted by the provider within the target lateness. */
  readonly onTime: number;
  /** Since ever, ms. */
  readonly lateness: Histogram;
  readonly latenessSum: number;
  readonly provider: Histogram;
  readonly providerSum: number;
}

/** Figures that only ever grow, for who counts differences: Prometheus. They come from tallies, not from deliveries. */
export class LaneStatistics {
  readonly #tallies: Collection<TallyDoc>;

  constructor(database: Database) {
    this.#tallies = database.collection(Tally) as unknown as Collection<TallyDoc>;
  }

  async list(): Promise<LaneFigures[]> {
    const found = await this.#tallies.find({ kind: 'NOW', owner: EVERYBODY }).toArray();
    return [...Map.groupBy(found, ({ queue, channel }) => `${queue}|${channel}`).values()].flatMap(figuresOf);
  }
}

function figuresOf(tallies: readonly TallyDoc[]): LaneFigures[] {
  const [first] = tallies;
  if (!first) return [];
  const sum = (of: (tally: TallyDoc) => number | undefined): number =>
    tallies.reduce((all, tally) => all + (of(tally) ?? 0), 0);
  const moved = Object.fromEntries(
    (['CREATED', ...STATES] as const).map((to) => [to, sum((tally) => tally.moved?.[to])]),
  ) as LaneFigures['moved'];
  return [
    {
      queue: first.queue,
      channel: first.channel,
      counts: sumCounts(tallies),
      moved,
      onTime: sum((tally) => tally.onTime),
      lateness: sumHistograms(tallies.map((tally) => tally.lateness ?? {})),
      latenessSum: sum((tally) => tally.latenessSum),
      provider: sumHistograms(tallies.map((tally) => tally.provider ?? {})),
      providerSum: sum((tally) => tally.providerSum),
    },
  ];
}

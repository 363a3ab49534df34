import type { ObjectId } from '@mikro-orm/mongodb';
import type { Collection, Filter } from 'mongodb';
import { type Caller, mayAct } from '../access/caller.js';
import type { ChannelName } from '../channel/channel.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { type Tier, TIERS } from '../delivery/rank.js';
import type { Delays } from '../delivery/delay.js';
import { type DeliveryState, OPEN } from '../delivery/states.js';
import { type StateCounts, sumCounts } from './counts.js';
import { type HistoryPoint, type Series, seriesOf, type Window } from './history.js';
import type { RollUp } from './roll-up.js';
import { type Grain, spansOf } from './spans.js';
import { Tally, type TallyDoc } from './tally.entity.js';
import { EVERYBODY } from '../access/caller.js';
import { addUp, type Figures, figuresOf, type Percentiles } from './totals.js';

/** What statistics are asked for. Omitted fields mean all. */
export interface StatsFilter {
  readonly queue?: string;
  readonly channel?: ChannelName;
  readonly tier?: Tier;
  readonly program?: string;
}

/** Figures of a window, and the counts of now (CORE-43). */
export interface StatsView extends Figures {
  readonly counts: StateCounts;
}

/** Where a run stands. */
export interface RunProgress {
  /** Deliveries that the run has made. */
  readonly planned: number;
  readonly counts: StateCounts;
  /** Accepted by the provider. */
  readonly sent: number;
  /** Failed, dead-lettered or missed. */
  readonly failed: number;
  /** Ended, one way or another. */
  readonly done: number;
  readonly onTimeRate: number | null;
  readonly lateness: Percentiles | null;
  /** Where the lateness of what was sent went, in ms by cause. */
  readonly lost: Delays;
  readonly byTier: readonly {
    readonly tier: Tier;
    readonly planned: number;
    readonly sent: number;
    readonly failed: number;
    readonly onTimeRate: number | null;
  }[];
  /** The queues and tiers that its deliveries are in. */
  readonly queues: readonly { readonly queue: string; readonly tier: Tier }[];
  /** True when none of its deliveries is open. */
  readonly finished: boolean;
}

const MINUTES_A_DAY = 1_440;
const MINUTES_AN_HOUR = 60;
/** Another process's clock may be ahead by less than this; ms. */
const SPARE_MS = 60_000;

/** Answers from tallies only: what an answer costs depends on the window, not on the history behind it. */
export class Statistics {
  readonly #tallies: Collection<TallyDoc>;

  constructor(
    database: Database,
    private readonly clock: Clock,
    private readonly rollUp: RollUp,
  ) {
    this.#tallies = database.collection(Tally) as unknown as Collection<TallyDoc>;
  }

  async stats(caller: Caller, filter: StatsFilter, window: Window): Promise<StatsView> {
    const [now, minutes] = await Promise.all([
      this.#tallies.find({ kind: 'NOW', ...scope(caller, filter) }, { projection: { counts: 1 } }).toArray(),
      this.#within(caller, filter, window, 'DAY'),
    ]);
    return { counts: sumCounts(now), ...figuresOf(addUp(minutes)) };
  }

  /** One point for each bucket of `bucketMinutes`, oldest first; for the depth of queues, as it was at the bucket's end. */
  async history(
    caller: Caller,
    filter: StatsFilter,
    series: Series,
    window: Window,
    bucketMinutes: number,
  ): Promise<HistoryPoint[]> {
    // The depth of then is the depth of now without what has changed since.
    const until = series === 'QUEUE_DEPTH' ? this.#end() : window.to;
    const [now, minutes] = await Promise.all([
      series === 'QUEUE_DEPTH' ? this.#tallies.find({ kind: 'NOW', ...scope(caller, filter) }).toArray() : [],
      this.#within(caller, filter, { from: window.from, to: until }, coarsestFor(bucketMinutes)),
    ]);
    return seriesOf(series, window, bucketMinutes, minutes, sumCounts(now));
  }

  /** Where a run stands. The caller's right to see it is checked by finding the run. */
  async progress(run: ObjectId): Promise<RunProgress> {
    const tallies = await this.#tallies.find({ kind: 'RUN', run: run.toHexString() }).toArray();
    const totals = addUp(tallies);
    const counts = sumCounts(tallies);
    const byTier = TIERS.map((tier) => {
      const own = tallies.filter((tally) => tally.tier === tier);
      const { accepted, onTimeRate } = figuresOf(addUp(own));
      return { tier, planned: accepted, ...ended(sumCounts(own)), onTimeRate };
    });
    const { sent, failed } = ended(counts);
    const open = [...OPEN, 'SENDING' as const].reduce((sum, state) => sum + counts[state], 0);
    const { onTimeRate, lateness, lost } = figuresOf(totals);
    return {
      planned: totals.accepted,
      counts,
      sent,
      failed,
      done: totals.accepted - open,
      onTimeRate,
      lateness,
      lost,
      byTier,
      queues: distinct(tallies),
      finished: totals.accepted > 0 && open === 0,
    };
  }

  /** What happened in a window; its beginning is that of a minute, or of an hour where minutes are no longer kept. */
  async #within(caller: Caller, filter: StatsFilter, window: Window, coarsest: Grain): Promise<TallyDoc[]> {
    // Minutes to come hold promises alone, and as many as deliveries are scheduled.
    const to = new Date(Math.min(window.to.getTime(), this.#end().getTime()));
    const spans = spansOf({ from: window.from, to }, await this.rollUp.rolledUp(), coarsest);
    const parts = await Promise.all(
      spans.map(({ kind, from, to }) =>
        this.#tallies
          .find(
            { kind, ...scope(caller, filter), at: { $gte: new Date(from), $lt: new Date(to) } },
            // What the SLA counts by second is large, and is for the SLA alone.
            { projection: { sla: 0 } },
          )
          .toArray(),
      ),
    );
    return parts.flat();
  }

  /** Nothing has happened after this. */
  #end(): Date {
    return new Date(this.clock.now() + SPARE_MS);
  }
}

/** A bucket is filled from tallies that do not reach beyond it. */
function coarsestFor(bucketMinutes: number): Grain {
  if (bucketMinutes % MINUTES_A_DAY === 0) return 'DAY';
  return bucketMinutes % MINUTES_AN_HOUR === 0 ? 'HOUR' : 'MINUTE';
}

/** The part of the tallies that a caller may see and has asked for. */
function scope(caller: Caller, filter: StatsFilter): Filter<TallyDoc> {
  const query: Filter<TallyDoc> = { owner: mayAct(caller, 'OPERATOR') ? EVERYBODY : caller.owner };
  if (filter.queue !== undefined) query.queue = filter.queue;
  if (filter.channel !== undefined) query.channel = filter.channel;
  if (filter.tier !== undefined) query.tier = filter.tier;
  if (filter.program !== undefined) query.program = filter.program;
  return query;
}

function distinct(tallies: readonly TallyDoc[]): { queue: string; tier: Tier }[] {
  const found = new Map(tallies.map(({ queue, tier }) => [`${queue}|${tier}`, { queue, tier }]));
  return [...found.values()];
}

function ended(counts: StateCounts): { sent: number; failed: number } {
  const of = (...states: DeliveryState[]): number => states.reduce((sum, state) => sum + counts[state], 0);
  return {
    sent: of('SENT', 'DELIVERED', 'READ', 'RESPONDED'),
    failed: of('FAILED', 'DEAD_LETTERED', 'MISSED'),
  };
}

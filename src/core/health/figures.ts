import { hostname } from 'node:os';
import type { Collection, Filter } from 'mongodb';
import { EVERYBODY } from '../access/caller.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Delivery, type DeliveryDoc } from '../delivery/delivery.entity.js';
import { retryPlace, waitingPlace } from '../delivery/place.js';
import type { ChannelStates, ChannelStateView } from '../dispatch/channel-states.js';
import type { Queues, QueueView } from '../dispatch/queues.js';
import type { WorkerReport } from '../dispatch/worker.entity.js';
import type { Workers, WorkerView } from '../dispatch/workers.js';
import { Run, type RunDoc } from '../schedule/run.entity.js';
import { Tally, type TallyDoc } from '../stats/tally.entity.js';
import type { Vitals, VitalSigns } from '../vitals.js';

/** A queue, as far as its health goes. */
export interface QueueDepth {
  readonly queue: string;
  readonly paused: boolean;
  /** Due and waiting: QUEUED, and what no alarm has rung for although its instant has come. */
  readonly pending: number;
}

/** What came of the attempts and deliveries of the last hour. */
export interface HourFigures {
  readonly sent: number;
  readonly retried: number;
  readonly failed: number;
  readonly deadLettered: number;
  readonly missed: number;
}

/** A process and its memory. */
export interface ProcessMemory extends Pick<VitalSigns, 'rssBytes' | 'memoryLimitBytes'> {
  /** `this process`, or a worker's id. */
  readonly name: string;
}

/** A run that has not ended. */
export type OpenRun = Pick<RunDoc, 'program' | 'type' | 'occurrence' | 'startedAt' | 'window'>;

/** Where a process takes send tokens from, and whether memory is on purpose. */
export type TokensFrom = Pick<WorkerReport, 'tokens' | 'memoryOnPurpose'>;

/** Everything that health is judged by, at one instant. */
export interface HealthFigures {
  /** Engine time. */
  readonly at: Date;
  readonly queues: readonly QueueDepth[];
  readonly lastHour: HourFigures;
  /**
   * How many deliveries were due already when `idleMs` began, and are still open; null when something has been processed
   * since then.
   */
  readonly dueAllAlong: number | null;
  readonly runs: readonly OpenRun[];
  readonly channels: readonly ChannelStateView[];
  readonly workers: readonly WorkerView[];
  /** This process and the workers; a process that is both is named once. */
  readonly processes: readonly ProcessMemory[];
  /** Where this process would take send tokens from. */
  readonly ownTokens: TokensFrom;
}

/** Where the figures come from. */
export interface FigureSources {
  readonly database: Database;
  readonly clock: Clock;
  readonly queues: Queues;
  readonly channelStates: ChannelStates;
  readonly workers: Workers;
  readonly vitals: Vitals;
  readonly ownTokens: () => TokensFrom;
  /** How long nothing may be processed while something is due, in engine ms. */
  readonly idleMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** What waits past its instant is counted up to here, for each queue: enough to tell, and a bounded look at an index. */
const MOST_COUNTED = 20_000;
/** Runs that are under way at once are far fewer. */
const MOST_RUNS = 200;

/** Moves that show that work is being done. Expiry and cancelling are none. */
const PROCESSED = ['SENT', 'RETRYING', 'FAILED', 'DEAD_LETTERED'] as const;

/**
 * Gathers what health is judged by: from tallies, from the heads of indexes, and from what workers say of themselves.
 * What that costs does not grow with the number of deliveries stored.
 */
export class FigureReader {
  readonly #tallies: Collection<TallyDoc>;
  readonly #deliveries: Collection<DeliveryDoc>;
  readonly #runs: Collection<RunDoc>;

  constructor(private readonly sources: FigureSources) {
    this.#tallies = sources.database.collection(Tally) as unknown as Collection<TallyDoc>;
    this.#deliveries = sources.database.collection(Delivery);
    this.#runs = sources.database.collection(Run);
  }

  async read(): Promise<HealthFigures> {
    const { clock, channelStates, workers: allWorkers } = this.sources;
    const at = clock.date();
    const views = await this.sources.queues.list();
    const [queues, lastHour, dueAllAlong, runs, channels, workers] = await Promise.all([
      Promise.all(views.map((view) => this.#depth(view, at))),
      this.#lastHour(at),
      this.#dueAllAlong(views, at),
      this.#openRuns(),
      channelStates.list(),
      allWorkers.list(),
    ]);
    // Asked last: whoever lists the channels has just asked for tokens.
    const ownTokens = this.sources.ownTokens();
    const processes = this.#processes(workers);
    return { at, queues, lastHour, dueAllAlong, runs, channels, workers, processes, ownTokens };
  }

  async #depth({ name, paused, counts }: QueueView, at: Date): Promise<QueueDepth> {
    return { queue: name, paused, pending: counts.QUEUED + (await this.#unrung(name, at)) };
  }

  /** What waits for an instant that has come. Next to nothing, unless no worker rings. */
  #unrung(queue: string, until: Date): Promise<number> {
    return this.#deliveries.countDocuments(
      { place: { $in: [waitingPlace(queue), retryPlace(queue)] }, order: { $lte: until.getTime() } },
      { hint: 'work', limit: MOST_COUNTED },
    );
  }

  async #lastHour(at: Date): Promise<HourFigures> {
    const [sums] = await this.#tallies
      .aggregate<HourFigures>([
        { $match: minutes(new Date(at.getTime() - HOUR_MS), at) },
        {
          $group: {
            _id: null,
            sent: { $sum: '$moved.SENT' },
            retried: { $sum: '$moved.RETRYING' },
            failed: { $sum: '$moved.FAILED' },
            deadLettered: { $sum: '$moved.DEAD_LETTERED' },
            missed: { $sum: '$moved.MISSED' },
          },
        },
        { $project: { _id: 0 } },
      ])
      .toArray();
    return sums ?? { sent: 0, retried: 0, failed: 0, deadLettered: 0, missed: 0 };
  }

  async #dueAllAlong(queues: readonly QueueView[], at: Date): Promise<number | null> {
    const since = new Date(Math.floor((at.getTime() - this.sources.idleMs) / MINUTE_MS) * MINUTE_MS);
    const span = minutes(since, at);
    // The newest first: where work is done, the first that is looked at shows it.
    const processed = await this.#tallies.findOne(
      { ...span, $or: PROCESSED.map((state) => ({ [`moved.${state}`]: { $gt: 0 } })) },
      { sort: { at: -1 }, projection: { _id: 1 } },
    );
    if (processed) return null;
    const now = queues.reduce((sum, { counts }) => sum + counts.QUEUED, 0);
    // The depth of then is the depth of now without what has changed since.
    const [change] = await this.#tallies
      .aggregate<{ queued: number }>([
        { $match: span },
        { $group: { _id: null, queued: { $sum: '$counts.QUEUED' } } },
      ])
      .toArray();
    const unrung = await Promise.all(queues.map(({ name }) => this.#unrung(name, since)));
    const queued = Math.max(0, Math.min(now, now - (change?.queued ?? 0)));
    return unrung.reduce((sum, count) => sum + count, queued);
  }

  #openRuns(): Promise<OpenRun[]> {
    return this.#runs
      .find<OpenRun>(
        { status: 'RUNNING' },
        { hint: 'running', projection: { program: 1, type: 1, occurrence: 1, startedAt: 1, window: 1 } },
      )
      .limit(MOST_RUNS)
      .toArray();
  }

  #processes(workers: readonly WorkerView[]): ProcessMemory[] {
    const others = workers.flatMap(({ id, host, pid, report }) =>
      report === null || (host === hostname() && pid === process.pid)
        ? []
        : [{ name: id, ...memoryOf(report) }],
    );
    return [{ name: 'this process', ...memoryOf(this.sources.vitals.read()) }, ...others];
  }
}

/** Everybody's figures from the minute of one instant to that of another. Tallies of minutes to come are not among them. */
function minutes(from: Date, to: Date): Filter<TallyDoc> {
  return { kind: 'MINUTE', owner: EVERYBODY, at: { $gte: from, $lte: to } };
}

function memoryOf({ rssBytes, memoryLimitBytes }: VitalSigns): Omit<ProcessMemory, 'name'> {
  return { rssBytes, memoryLimitBytes };
}

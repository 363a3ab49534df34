import type { Collection } from 'mongodb';
import { type Clock, monotonicMs } from '../clock.js';
import type { Database } from '../database.js';
import { Delivery, type DeliveryDoc } from '../delivery/delivery.entity.js';
import { LANES, NOWHERE } from '../delivery/place.js';
import type { TakeBack } from '../outcome/take-back.js';
import type { Jobs } from '../schedule/jobs.js';
import type { Ringer } from '../schedule/ring.js';
import type { Runs } from '../schedule/runs.js';
import { DIMENSIONS, type Dimensions } from '../stats/changes.js';
import type { Recorder } from '../stats/recorder.js';
import type { Statistics } from '../stats/statistics.js';
import { Worker, type WorkerDoc } from './worker.entity.js';

const BATCH = 500;
/**
 * A transaction of ours takes some ms. One that is open for so long, in ms, has lost its process; if the process was
 * only slow, it is done anew.
 */
const STUCK_MS = 5_000;
/** What is held by nobody who is alive is looked for this often, in real ms: it is a look at all that waits. */
const STRAYS_MS = 60_000;

/** The parts that a sweep goes through. */
export interface SweeperParts {
  readonly ringer: Ringer;
  readonly takeBack: TakeBack;
  readonly jobs: Jobs;
  readonly runs: Runs;
  readonly statistics: Statistics;
  readonly recorder: Recorder;
}

/**
 * Looks for what should not be: leases that have run out, alarms that were lost, what has expired, runs that nobody has
 * ended. Every worker sweeps; each step is a conditional write, so that two at once do the work once. So a crash between
 * any two writes costs seconds and never a delivery.
 */
export class Sweeper {
  readonly #workers: Collection<WorkerDoc>;
  readonly #deliveries: Collection<DeliveryDoc>;
  #timer: NodeJS.Timeout | null = null;
  #unsticker: NodeJS.Timeout | null = null;
  #sweeping: Promise<void> | null = null;
  #unsticking: Promise<void> | null = null;
  #lookedForStraysAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly queues: () => Iterable<string>,
    private readonly lanes: () => Iterable<string>,
    private readonly parts: SweeperParts,
    private readonly times: { readonly leaseMs: number; readonly sweepMs: number },
    private readonly onSwept: () => Promise<void>,
    private readonly onError: (error: unknown, doing: string) => void,
  ) {
    this.#workers = database.collection(Worker);
    this.#deliveries = database.collection(Delivery);
  }

  start(): void {
    this.#timer = setInterval(() => void this.sweep(), this.times.sweepMs);
    // Beside the sweeps: what is stuck would hold them up, too.
    this.#unsticker = setInterval(() => {
      this.#unsticking ??= this.#step('ending stuck transactions', () =>
        this.database.endStuckTransactions(STUCK_MS),
      ).finally(() => (this.#unsticking = null));
    }, this.times.sweepMs);
    void this.sweep();
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    if (this.#unsticker) clearInterval(this.#unsticker);
    await this.#unsticking;
    await this.#sweeping;
  }

  /** One sweep; a call during one waits for that one. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep().finally(() => (this.#sweeping = null));
    return this.#sweeping;
  }

  async #sweep(): Promise<void> {
    // Beside the rest: what a dead process has open in MongoDB can hold it up until the server ends that.
    const takingBack = this.#step('taking back from lost workers', () => this.#takeBack());
    for (const queue of this.queues()) await this.#step('ringing', () => this.parts.ringer.ring(queue));
    await this.#step('expiring', () => this.#expire());
    await this.#step('ending runs', () => this.#endRuns());
    await this.#step('starting jobs', () => this.parts.jobs.startDue());
    await this.#step('looking again', () => this.onSwept());
    await takingBack;
  }

  /** One step's failure does not keep the others from being done. */
  async #step(doing: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.onError(error, doing);
    }
  }

  async #takeBack(): Promise<void> {
    const silent = { $lt: ['$seenAt', { $subtract: ['$$NOW', this.times.leaseMs] }] };
    for (const worker of await this.#workers.find({ status: 'ALIVE', $expr: silent }).toArray()) {
      // Conditional on the heartbeat that was seen: one that beats meanwhile stays.
      const given = await this.#workers.updateOne(
        { _id: worker._id, status: 'ALIVE', seenAt: worker.seenAt },
        { $set: { status: 'LOST' } },
      );
      if (given.modifiedCount === 1)
        await this.parts.recorder.announce('worker.lost', { data: { worker: worker._id } });
    }
    const lost = (await this.#workers.find({ status: 'LOST' }).toArray()).map((worker) => worker._id);
    for (const worker of new Set([...lost, ...(await this.#strays())])) {
      const { queues } = await this.parts.takeBack.from(worker);
      for (const queue of queues) await this.parts.ringer.ring(queue);
    }
    await this.#workers.updateMany({ _id: { $in: lost }, status: 'LOST' }, { $set: { status: 'STOPPED' } });
  }

  /**
   * Workers that hold deliveries and are not alive: a claim that was under way when its worker was given up may be
   * committed after everything else of it has been taken back.
   */
  async #strays(): Promise<string[]> {
    if (monotonicMs() - this.#lookedForStraysAt < STRAYS_MS) return [];
    this.#lookedForStraysAt = monotonicMs();
    const holders = await this.#deliveries.distinct('worker', { place: LANES, state: 'SENDING' });
    // Read after what is held: whoever began in between is alive here.
    const alive = await this.#workers.distinct('_id', {
      _id: { $in: holders.filter(isId) },
      status: 'ALIVE',
    });
    return holders.filter(isId).filter((holder) => !alive.includes(holder));
  }

  /**
   * What expires in a lane that stands still (paused, or its breaker open); where work flows, the claim sees to it. Only
   * the head of each lane is looked at: what is behind it expires later, or is met as the head goes.
   */
  async #expire(): Promise<void> {
    for (const place of this.lanes()) {
      await this.database.transaction(async (session) => {
        const at = this.clock.date();
        const head = await this.#deliveries
          .find<Dimensions & Pick<DeliveryDoc, 'expiresAt'>>(
            { place, state: 'QUEUED' },
            { session, hint: 'work', projection: { ...DIMENSIONS, expiresAt: 1 } },
          )
          .sort({ order: 1 })
          .limit(BATCH)
          .toArray();
        const found = head.filter((d) => d.expiresAt !== null && d.expiresAt <= at);
        if (found.length === 0) return;
        await this.#deliveries.updateMany(
          { _id: { $in: found.map((d) => d._id) }, state: 'QUEUED' },
          {
            $set: { state: 'MISSED', ...NOWHERE },
            $push: { history: { state: 'MISSED', at, reason: 'EXPIRED' } } as never,
          },
          { session },
        );
        const missed = found.map((delivery) => ({
          delivery,
          from: 'QUEUED' as const,
          to: 'MISSED' as const,
          reason: 'EXPIRED',
        }));
        await this.parts.recorder.record(session, missed);
      });
    }
  }

  async #endRuns(): Promise<void> {
    for (const run of await this.parts.runs.unended()) {
      const { finished } = await this.parts.statistics.progress(run._id);
      if (finished || run.scheduled === 0) await this.parts.runs.end(run._id, 'COMPLETED');
    }
  }
}

function isId(worker: string | null): worker is string {
  return worker !== null;
}

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Collection } from 'mongodb';
import { type Clock, monotonicMs } from '../clock.js';
import type { Database } from '../database.js';
import type { Recorder } from '../stats/recorder.js';
import { Worker, type WorkerDoc, type WorkerReport } from './worker.entity.js';

/** How long a worker may be silent, and how often it speaks; real ms. */
export interface LeaseTimes {
  readonly leaseMs: number;
  readonly heartbeatMs: number;
}

/**
 * This process's right to hold deliveries (CORE-29): a document that it renews by the database server's clock. One write
 * a heartbeat, however many deliveries it holds. `isValid` is asked before each send, by the monotonic clock, so that a
 * process that was stopped for longer than its lease sends nothing when it wakes up.
 */
export class Lease {
  readonly #workers: Collection<WorkerDoc>;
  #id = '';
  #renewedAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #beating: Promise<void> | null = null;
  #alive: readonly string[] = [];

  /**
   * @param report what is told with each heartbeat
   * @param onLost called when this life is over and a new one has begun: what was held is held no longer
   */
  constructor(
    database: Database,
    private readonly clock: Clock,
    private readonly recorder: Recorder,
    private readonly times: LeaseTimes,
    private readonly report: () => WorkerReport,
    private readonly onLost: () => void,
    private readonly onError: (error: unknown) => void,
  ) {
    this.#workers = database.collection(Worker);
  }

  /** The id of this life. */
  get id(): string {
    return this.#id;
  }

  /** How many workers were alive at the last heartbeat, this one included; at least 1. */
  get aliveWorkers(): number {
    return Math.max(1, this.#alive.length);
  }

  /** This worker's place among those alive, from 0: workers share out the claims by it. */
  get place(): number {
    return Math.max(0, this.#alive.indexOf(this.#id));
  }

  /** True while no other process can have given this one up: a heartbeat's time is kept as a margin. */
  isValid(): boolean {
    return monotonicMs() - this.#renewedAt < this.times.leaseMs - this.times.heartbeatMs;
  }

  async start(): Promise<void> {
    await this.#begin();
    this.#timer = setInterval(() => {
      this.#beating ??= this.#beat().finally(() => (this.#beating = null));
    }, this.times.heartbeatMs);
  }

  /**
   * Ends this life.
   * @param inOrder nothing is held any more; else the life is LOST, and others take back what it holds
   */
  async stop(inOrder: boolean): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    await this.#beating;
    this.#renewedAt = Number.NEGATIVE_INFINITY;
    await this.#workers.updateOne(
      { _id: this.#id, status: 'ALIVE' },
      { $set: { status: inOrder ? 'STOPPED' : 'LOST' } },
    );
    await this.recorder.announce(inOrder ? 'worker.stopped' : 'worker.lost', { data: { worker: this.#id } });
  }

  async #begin(): Promise<void> {
    const asked = monotonicMs();
    const id = `${hostname().slice(0, 24)}-${process.pid}-${randomBytes(4).toString('hex')}`;
    await this.#workers.updateOne(
      { _id: id },
      {
        $setOnInsert: {
          host: hostname(),
          pid: process.pid,
          status: 'ALIVE',
          startedAt: this.clock.date(),
          report: this.report(),
        },
        $currentDate: { seenAt: true },
      },
      { upsert: true },
    );
    this.#id = id;
    this.#renewedAt = asked;
    await this.recorder.announce('worker.started', { data: { worker: id } });
    await this.#count();
  }

  async #beat(): Promise<void> {
    try {
      // Valid from when it was asked, not from when it was answered: the answer may have been long under way.
      const asked = monotonicMs();
      const renewed = await this.#workers.updateOne(
        { _id: this.#id, status: 'ALIVE' },
        { $set: { report: this.report() }, $currentDate: { seenAt: true } },
      );
      if (renewed.matchedCount === 1) {
        this.#renewedAt = asked;
        await this.#count();
      } else {
        this.#renewedAt = Number.NEGATIVE_INFINITY;
        this.onLost();
        await this.#begin();
      }
    } catch (error) {
      this.onError(error);
    }
  }

  async #count(): Promise<void> {
    const alive = await this.#workers
      .find({ status: 'ALIVE' }, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .toArray();
    this.#alive = alive.map((worker) => worker._id);
  }
}

import { randomUUID } from 'node:crypto';
import type { Collection } from 'mongodb';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { jobAlarm, type SetAlarm } from './alarms.js';
import { JobState, type JobStateDoc } from './job-state.entity.js';

/** Something that a program, or the core, does by itself, again and again. */
export interface Job {
  /** `daily-content.plan`. */
  readonly name: string;
  /** The first instant after `after` at which it is to run; engine time, ms. */
  next(after: number): number;
  /**
   * Does the work of the instant `at` (engine ms). One process at a time runs it; after a crash another one begins it
   * anew, so unique keys have to make what was done already change nothing.
   * @param stopping aborted when the process is to end: a job that can go on later ends soon after
   */
  run(at: number, stopping: AbortSignal): Promise<void>;
}

/** How long the process that runs a job has the say without renewing it, in real ms. */
const SAY_MS = 30_000;
/** A job that failed is tried again after this long, in engine ms. */
const AGAIN_MS = 60_000;

/**
 * Runs the jobs of the core and of the programs. The next run is computed by the job itself, stored, and set as a one-off
 * alarm; the sweeper finds what has lost its alarm. (Agenda's own cron would end for good at an error of its parser.)
 */
export class Jobs {
  readonly #states: Collection<JobStateDoc>;
  readonly #jobs: ReadonlyMap<string, Job>;
  readonly #running = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(
    database: Database,
    private readonly clock: Clock,
    private readonly setAlarm: SetAlarm,
    jobs: readonly Job[],
    private readonly onError: (job: string, error: unknown) => void,
  ) {
    this.#states = database.collection(JobState);
    this.#jobs = new Map(jobs.map((job) => [job.name, job]));
  }

  /** Makes sure that each job has a next run and an alarm for it. */
  async start(): Promise<void> {
    for (const job of this.#jobs.values()) {
      const nextAt = new Date(job.next(this.clock.now()));
      await this.#states.updateOne(
        { _id: job.name },
        {
          $setOnInsert: {
            nextAt,
            requestedAt: null,
            holder: null,
            runningUntil: null,
            lastAt: null,
            lastError: null,
          },
        },
        { upsert: true },
      );
    }
    await this.startDue();
  }

  /**
   * Starts what is due and is not running anywhere, and sets the alarms of what is not due: at the start, at an alarm, and
   * by the sweeper. A job is not waited for: it may plan for minutes.
   */
  async startDue(): Promise<void> {
    for (const state of await this.#states.find({ _id: { $in: [...this.#jobs.keys()] } }).toArray()) {
      const job = this.#jobs.get(state._id);
      if (!job || this.#running.has(job.name) || this.#stopping.signal.aborted) continue;
      const isDue = state.nextAt.getTime() <= this.clock.now();
      if (!isDue && !state.requestedAt) await this.#arm(job.name, state.nextAt.getTime());
      else {
        const holder = await this.#claim(state);
        if (holder !== null) this.#start(job, state, holder);
      }
    }
  }

  /** Starts no more, tells those that run, and waits for them as `idle` does. */
  stop(boundMs: number): Promise<void> {
    this.#stopping.abort();
    return this.idle(boundMs);
  }

  /** Resolves when no job is running in this process, or after `boundMs`: what was cut off is begun anew elsewhere. */
  async idle(boundMs: number): Promise<void> {
    let bound: NodeJS.Timeout | undefined;
    const waited = new Promise((resolve) => (bound = setTimeout(resolve, boundMs)));
    await Promise.race([Promise.allSettled(this.#running.values()), waited]);
    clearTimeout(bound);
  }

  /** Takes the right to run an occurrence; conditional, so that one process does. @returns what this right goes by */
  async #claim(state: JobStateDoc): Promise<string | null> {
    const now = this.clock.realNow();
    const free = { $or: [{ runningUntil: null }, { runningUntil: { $lte: new Date(now) } }] };
    const holder = randomUUID();
    const claimed = await this.#states.updateOne(
      { _id: state._id, nextAt: state.nextAt, requestedAt: state.requestedAt ?? null, ...free },
      { $set: { holder, runningUntil: new Date(now + SAY_MS) } },
    );
    return claimed.modifiedCount === 1 ? holder : null;
  }

  #start(job: Job, state: JobStateDoc, holder: string): void {
    const renewal = setInterval(() => {
      const until = new Date(this.clock.realNow() + SAY_MS);
      this.#states
        .updateOne({ _id: job.name, holder }, { $set: { runningUntil: until } })
        .catch((error: unknown) => this.onError(job.name, error));
    }, SAY_MS / 3);
    const running = this.#run(job, state, holder)
      .catch((error: unknown) => this.onError(job.name, error))
      .finally(() => {
        clearInterval(renewal);
        this.#running.delete(job.name);
      });
    this.#running.set(job.name, running);
  }

  async #run(job: Job, state: JobStateDoc, holder: string): Promise<void> {
    const begun = this.clock.now();
    // One that was asked for before its instant runs beside its schedule, which stays as it is.
    const isDue = state.nextAt.getTime() <= begun;
    const at = isDue ? state.nextAt.getTime() : begun;
    let lastError: string | null = null;
    try {
      await job.run(at, this.#stopping.signal);
    } catch (error) {
      this.onError(job.name, error);
      lastError = error instanceof Error ? error.message : String(error);
    }
    const next = isDue ? this.#nextOf(job, at, lastError !== null) : state.nextAt.getTime();
    const ended = await this.#states.findOneAndUpdate(
      { _id: job.name, holder },
      [
        {
          $set: {
            nextAt: new Date(next),
            // A request that came meanwhile stands.
            requestedAt: {
              $cond: [
                { $eq: [{ $ifNull: ['$requestedAt', null] }, { $literal: state.requestedAt ?? null }] },
                null,
                '$requestedAt',
              ],
            },
            holder: null,
            runningUntil: null,
            lastAt: this.clock.date(),
            lastError: { $literal: lastError },
          },
        },
      ],
      { returnDocument: 'after' },
    );
    await this.#arm(job.name, ended?.requestedAt ? this.clock.now() : next);
  }

  #nextOf(job: Job, at: number, failed: boolean): number {
    const now = this.clock.now();
    const regular = job.next(Math.max(at, now));
    return failed ? Math.min(regular, now + AGAIN_MS) : regular;
  }

  #arm(name: string, at: number): Promise<void> {
    return this.setAlarm(jobAlarm(name, at, this.clock));
  }
}

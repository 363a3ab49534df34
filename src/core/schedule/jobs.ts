import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { Collection } from 'mongodb';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import type { SetAlarm } from './alarms.js';

/** Something that a program does by itself, again and again. */
export interface Job {
  /** `daily-content.plan`. */
  readonly name: string;
  /** The first instant after `after` at which it is to run; engine time, ms. */
  next(after: number): number;
  /**
   * Does the work of the instant `at` (engine ms). One process at a time runs it; after a crash another one begins it
   * anew, so unique keys have to make what was done already change nothing.
   */
  run(at: number): Promise<void>;
}

/** When a job is to run next, and when it ran last. */
export const JobState = defineEntity({
  name: 'JobState',
  collection: 'job_states',
  properties: {
    /** The job's name. */
    _id: p.string().primary(),
    nextAt: p.datetime(),
    /** Real time until which the process that runs it has the say; it renews it while it runs. Null: nobody runs it. */
    runningUntil: p.datetime().strictNullable(),
    lastAt: p.datetime().strictNullable(),
    lastError: p.string().strictNullable(),
  },
});

type JobStateDoc = InferEntity<typeof JobState>;

/** How long the process that runs a job has the say without renewing it, in real ms. */
const SAY_MS = 30_000;
/** A job that failed is tried again after this long, in engine ms. */
const AGAIN_MS = 60_000;

/**
 * Runs the programs' jobs. The next run is computed by the job itself, stored, and set as a one-off alarm; the sweeper
 * finds what has lost its alarm. (Agenda's own cron would end for good at an error of its parser.)
 */
export class Jobs {
  readonly #states: Collection<JobStateDoc>;
  readonly #jobs: ReadonlyMap<string, Job>;
  readonly #running = new Map<string, Promise<void>>();

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
        { $setOnInsert: { nextAt, runningUntil: null, lastAt: null, lastError: null } },
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
      if (!job || this.#running.has(job.name)) continue;
      if (state.nextAt.getTime() > this.clock.now()) await this.#arm(job.name, state.nextAt.getTime());
      else if (await this.#claim(state)) this.#start(job, state);
    }
  }

  /** Resolves when no job is running in this process, or after `boundMs`: what was cut off is begun anew elsewhere. */
  async idle(boundMs: number): Promise<void> {
    let bound: NodeJS.Timeout | undefined;
    const waited = new Promise((resolve) => (bound = setTimeout(resolve, boundMs)));
    await Promise.race([Promise.allSettled(this.#running.values()), waited]);
    clearTimeout(bound);
  }

  /** Takes the right to run an occurrence; conditional, so that one process does. */
  async #claim(state: JobStateDoc): Promise<boolean> {
    const now = this.clock.realNow();
    const free = { $or: [{ runningUntil: null }, { runningUntil: { $lte: new Date(now) } }] };
    const claimed = await this.#states.updateOne(
      { _id: state._id, nextAt: state.nextAt, ...free },
      { $set: { runningUntil: new Date(now + SAY_MS) } },
    );
    return claimed.modifiedCount === 1;
  }

  #start(job: Job, state: JobStateDoc): void {
    const renewal = setInterval(() => {
      const until = new Date(this.clock.realNow() + SAY_MS);
      this.#states
        .updateOne({ _id: job.name, nextAt: state.nextAt }, { $set: { runningUntil: until } })
        .catch((error: unknown) => this.onError(job.name, error));
    }, SAY_MS / 3);
    const running = this.#run(job, state)
      .catch((error: unknown) => this.onError(job.name, error))
      .finally(() => {
        clearInterval(renewal);
        this.#running.delete(job.name);
      });
    this.#running.set(job.name, running);
  }

  async #run(job: Job, state: JobStateDoc): Promise<void> {
    const at = state.nextAt.getTime();
    let lastError: string | null = null;
    try {
      await job.run(at);
    } catch (error) {
      this.onError(job.name, error);
      lastError = error instanceof Error ? error.message : String(error);
    }
    const now = this.clock.now();
    const regular = job.next(Math.max(at, now));
    const next = lastError === null ? regular : Math.min(regular, now + AGAIN_MS);
    await this.#states.updateOne(
      { _id: job.name, nextAt: state.nextAt },
      { $set: { nextAt: new Date(next), runningUntil: null, lastAt: this.clock.date(), lastError } },
    );
    await this.#arm(job.name, next);
  }

  #arm(name: string, at: number): Promise<void> {
    return this.setAlarm({ kind: 'job', name: `${name}@${at}`, at: new Date(this.clock.toReal(at)) });
  }
}

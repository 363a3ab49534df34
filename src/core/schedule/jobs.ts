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
   * Does the work of the instant `at` (engine ms). It may be called twice for the same instant, at the same time by two
   * processes: unique keys make the second one change nothing.
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
    lastAt: p.datetime().strictNullable(),
    lastError: p.string().strictNullable(),
  },
});

type JobStateDoc = InferEntity<typeof JobState>;

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
        { $setOnInsert: { nextAt, lastAt: null, lastError: null } },
        { upsert: true },
      );
    }
    await this.runDue();
  }

  /** Runs what is due, and sets the alarms of what is not: at the start, at an alarm, and by the sweeper. */
  async runDue(): Promise<void> {
    for (const state of await this.#states.find({ _id: { $in: [...this.#jobs.keys()] } }).toArray()) {
      const job = this.#jobs.get(state._id);
      if (!job) continue;
      if (state.nextAt.getTime() <= this.clock.now()) {
        await (this.#running.get(job.name) ?? this.#start(job, state));
      } else {
        await this.#arm(job.name, state.nextAt.getTime());
      }
    }
  }

  /** Resolves when no job is running in this process. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  #start(job: Job, state: JobStateDoc): Promise<void> {
    const running = this.#run(job, state).finally(() => this.#running.delete(job.name));
    this.#running.set(job.name, running);
    return running;
  }

  async #run(job: Job, state: JobStateDoc): Promise<void> {
    const at = state.nextAt.getTime();
    let next = job.next(Math.max(at, this.clock.now()));
    let lastError: string | null = null;
    try {
      await job.run(at);
    } catch (error) {
      this.onError(job.name, error);
      lastError = error instanceof Error ? error.message : String(error);
      next = Math.min(next, this.clock.now() + AGAIN_MS);
    }
    // Conditional: of two processes that ran it, one moves it on.
    await this.#states.updateOne(
      { _id: job.name, nextAt: state.nextAt },
      { $set: { nextAt: new Date(next), lastAt: this.clock.date(), lastError } },
    );
    await this.#arm(job.name, next);
  }

  #arm(name: string, at: number): Promise<void> {
    return this.setAlarm({ kind: 'job', name: `${name}@${at}`, at: new Date(this.clock.toReal(at)) });
  }
}

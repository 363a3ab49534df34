import type { Collection } from 'mongodb';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { PunctualError } from '../errors.js';
import type { Alarms } from './alarms.js';
import type { Job } from './jobs.js';
import { JobState, type JobStateDoc } from './job-state.entity.js';

/** A job as operators see it. */
export interface JobView {
  readonly name: string;
  /** Null: no worker has ever had it. */
  readonly nextAt: Date | null;
  /** When it last ended; null: it has not run yet. */
  readonly lastAt: Date | null;
  /** Why its last run failed; null when it did not. */
  readonly lastError: string | null;
  readonly running: boolean;
}

/** The jobs that exist, where they stand, and the wish to run one now. The workers run them: see Jobs. */
export class JobBook {
  readonly #states: Collection<JobStateDoc>;
  readonly #jobs = new Map<string, Job>();

  constructor(
    database: Database,
    private readonly clock: Clock,
    private readonly alarms: Alarms,
  ) {
    this.#states = database.collection(JobState);
  }

  /** Adds jobs, as a program brings them. One of the same name takes the place of the one before. */
  add(jobs: readonly Job[]): void {
    for (const job of jobs) this.#jobs.set(job.name, job);
  }

  /** All that were added. */
  all(): readonly Job[] {
    return [...this.#jobs.values()];
  }

  /** By name. */
  async list(): Promise<JobView[]> {
    const states = await this.#states.find({ _id: { $in: [...this.#jobs.keys()] } }).toArray();
    const byName = new Map(states.map((state) => [state._id, state]));
    return [...this.#jobs.keys()].sort().map((name) => this.#view(name, byName.get(name)));
  }

  /**
   * Has a job run now, besides its schedule. It is run once, however often that is asked before it begins.
   * @throws NOT_FOUND, INVALID_OPERATION while it runs, or when no worker has ever had it
   */
  async trigger(name: string): Promise<JobView> {
    const state = await this.#states.findOne({ _id: name });
    if (!this.#jobs.has(name)) {
      throw new PunctualError('NOT_FOUND', `there is no job ${JSON.stringify(name.slice(0, 64))}`, {
        path: 'name',
      });
    }
    const view = this.#view(name, state ?? undefined);
    if (!state || view.running) {
      const problem = view.running ? 'is running' : 'has not been taken up by any worker yet';
      throw new PunctualError('INVALID_OPERATION', `the job ${name} ${problem}`, { path: 'name' });
    }
    await this.request(name);
    return view;
  }

  /** Has a job run once more after this moment, whether it runs now or not. */
  async request(name: string): Promise<void> {
    const now = this.clock.date();
    await this.#states.updateOne({ _id: name }, { $set: { requestedAt: now } });
    await this.alarms.setJob(name, now.getTime());
  }

  #view(name: string, state: JobStateDoc | undefined): JobView {
    const { nextAt = null, lastAt = null, lastError = null, runningUntil = null } = state ?? {};
    const running = runningUntil !== null && runningUntil.getTime() > this.clock.realNow();
    return { name, nextAt, lastAt, lastError, running };
  }
}

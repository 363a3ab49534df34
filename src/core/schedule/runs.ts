import { ObjectId } from '@mikro-orm/mongodb';
import type { Collection } from 'mongodb';
import { type Caller, ownedBy } from '../access/caller.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import type { Page } from '../delivery/filter.js';
import { isDuplicateKey, PunctualError } from '../errors.js';
import type { Recorder } from '../stats/recorder.js';
import { Run, type RunDoc, type RunRemark, type RunStatus } from './run.entity.js';

/** Remarks that a run keeps. */
const REMARKS = 100;

/** What a run is begun with. */
export type NewRun = Pick<RunDoc, 'owner' | 'program' | 'type' | 'occurrence'> & {
  readonly window?: RunDoc['window'];
};

/** Figures that a planner adds to a run. */
export interface RunFigures {
  readonly scheduled?: number;
  readonly skipped?: number;
  readonly failed?: number;
  readonly remarks?: readonly RunRemark[];
}

/** The runs of programs' jobs, kept as history (CORE-44). */
export class Runs {
  readonly #runs: Collection<RunDoc>;

  constructor(
    database: Database,
    private readonly clock: Clock,
    private readonly recorder: Recorder,
  ) {
    this.#runs = database.collection(Run);
  }

  /** Creates the run of an occurrence, or finds it: a unique key decides, so that two planners share one run. */
  async begin(run: NewRun): Promise<{ run: RunDoc; created: boolean }> {
    const key = { owner: run.owner, program: run.program, type: run.type, occurrence: run.occurrence };
    const doc: RunDoc = {
      _id: new ObjectId(),
      ...key,
      status: 'RUNNING',
      startedAt: this.clock.date(),
      endedAt: null,
      window: run.window ?? null,
      scheduled: 0,
      skipped: 0,
      failed: 0,
      remarks: [],
      error: null,
    };
    try {
      await this.#runs.insertOne(doc);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const found = await this.#runs.findOne(key);
      if (!found) throw error;
      return { run: found, created: false };
    }
    await this.recorder.announce('run.started', { owner: doc.owner, program: doc.program, run: doc._id });
    return { run: doc, created: true };
  }

  /** Adds to a run's figures; the first hundred remarks are kept. @throws RUN_NOT_FOUND */
  async report(id: ObjectId, figures: RunFigures): Promise<RunDoc> {
    const run = await this.#runs.findOneAndUpdate(
      { _id: id },
      {
        $inc: {
          scheduled: figures.scheduled ?? 0,
          skipped: figures.skipped ?? 0,
          failed: figures.failed ?? 0,
        },
        $push: { remarks: { $each: figures.remarks ?? [], $slice: REMARKS } } as never,
      },
      { returnDocument: 'after' },
    );
    if (!run) throw notFound();
    await this.recorder.announce('run.updated', { owner: run.owner, program: run.program, run: run._id });
    return run;
  }

  /** Ends a run; ending it again changes nothing. @throws RUN_NOT_FOUND */
  async end(id: ObjectId, status: RunStatus, error?: string): Promise<RunDoc> {
    const ended = await this.#runs.findOneAndUpdate(
      { _id: id, status: 'RUNNING' },
      { $set: { status, endedAt: this.clock.date(), error: error ?? null } },
      { returnDocument: 'after' },
    );
    if (!ended) {
      const found = await this.#runs.findOne({ _id: id });
      if (!found) throw notFound();
      return found;
    }
    await this.recorder.announce('run.ended', {
      owner: ended.owner,
      program: ended.program,
      run: ended._id,
      data: { status },
    });
    return ended;
  }

  find(caller: Caller, id: ObjectId): Promise<RunDoc | null> {
    return this.#runs.findOne({ _id: id, ...ownedBy(caller) });
  }

  findOccurrence(caller: Caller, program: string, type: string, occurrence: string): Promise<RunDoc | null> {
    return this.#runs.findOne({ ...ownedBy(caller), program, type, occurrence });
  }

  /** Newest first. */
  async list(
    caller: Caller,
    filter: { readonly program?: string; readonly type?: string; readonly status?: RunStatus },
    page: Page,
  ): Promise<{ items: RunDoc[]; hasMore: boolean }> {
    const { program, type, status } = filter;
    const found = await this.#runs
      .find({
        ...(program === undefined ? {} : { program }),
        ...(type === undefined ? {} : { type }),
        ...(status === undefined ? {} : { status }),
        ...(page.after ? { _id: { $lt: page.after } } : {}),
        ...ownedBy(caller),
      })
      .sort({ _id: -1 })
      .limit(page.first + 1)
      .toArray();
    return { items: found.slice(0, page.first), hasMore: found.length > page.first };
  }

  /** Runs that make deliveries and have not been ended, of all owners; at most 200. */
  running(): Promise<RunDoc[]> {
    return this.#runs
      .find({ status: 'RUNNING', window: { $ne: null } }, { hint: 'running' })
      .limit(200)
      .toArray();
  }

  /** Runs whose window is over and that have not been ended: the sweeper asks whether their deliveries have. */
  async unended(): Promise<RunDoc[]> {
    const running = await this.running();
    const now = this.clock.date();
    return running.filter((run) => run.window !== null && run.window.to <= now);
  }
}

function notFound(): PunctualError {
  return new PunctualError('RUN_NOT_FOUND', 'there is no such run');
}

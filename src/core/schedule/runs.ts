import { ObjectId } from '@mikro-orm/mongodb';
import type { ClientSession, Collection } from 'mongodb';
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
export type NewRun = Pick<RunDoc, 'owner' | 'program' | 'type' | 'occurrence'> &
  Partial<Pick<RunDoc, 'window' | 'matched' | 'task' | 'heldUntil'>>;

/** Figures that are added to a run. */
export interface RunFigures {
  readonly scheduled?: number;
  readonly skipped?: number;
  readonly failed?: number;
  readonly changed?: number;
  readonly remarks?: readonly RunRemark[];
}

/** The task of a run that ends. It is kept as history: one that erased a person must not be what still knows them (SEC-7). */
const FORGETTING = {
  $cond: [{ $eq: ['$task.kind', 'ERASE'] }, { $mergeObjects: ['$task', { person: null }] }, '$task'],
};

/** Runs that are gone on with at once, at most: a batch of each in turn. */
const TASKS = 20;

/** The runs of programs' jobs and of bulk actions, kept as history (CORE-44). */
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
      matched: run.matched ?? null,
      changed: run.task ? 0 : null,
      task: run.task ?? null,
      heldUntil: run.heldUntil ?? null,
      remarks: [],
      error: null,
    };
    try {
      await this.#runs.insertOne(doc);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const found = await this.begun(key);
      if (!found) throw error;
      return { run: found, created: false };
    }
    await this.recorder.announce('run.started', { owner: doc.owner, program: doc.program, run: doc._id });
    return { run: doc, created: true };
  }

  /**
   * Adds to a run's figures; the first hundred remarks are kept.
   * @param session the transaction of what is reported, where a report that is lost would matter
   * @throws RUN_NOT_FOUND
   */
  async report(id: ObjectId, figures: RunFigures, session?: ClientSession): Promise<RunDoc> {
    const run = await this.#runs.findOneAndUpdate(
      { _id: id },
      {
        $inc: {
          scheduled: figures.scheduled ?? 0,
          skipped: figures.skipped ?? 0,
          failed: figures.failed ?? 0,
          ...(figures.changed === undefined ? {} : { changed: figures.changed }),
        },
        $push: { remarks: { $each: figures.remarks ?? [], $slice: REMARKS } } as never,
      },
      { returnDocument: 'after', ...(session ? { session } : {}) },
    );
    if (!run) throw notFound();
    const about = { owner: run.owner, program: run.program, run: run._id };
    await this.recorder.announce('run.updated', about, session);
    return run;
  }

  /** Ends a run; ending it again changes nothing. @throws RUN_NOT_FOUND */
  async end(id: ObjectId, status: RunStatus, error?: string): Promise<RunDoc> {
    const ended = await this.#runs.findOneAndUpdate(
      { _id: id, status: 'RUNNING' },
      [
        {
          $set: {
            status,
            endedAt: this.clock.date(),
            error: { $literal: error ?? null },
            task: FORGETTING,
          },
        },
      ],
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

  /**
   * Stops a run. What it has done stays done; one that was cancelled before stays as it is.
   * @throws RUN_NOT_FOUND, INVALID_OPERATION when it has ended otherwise
   */
  async cancel(caller: Caller, id: ObjectId): Promise<RunDoc> {
    const found = await this.find(caller, id);
    if (!found) throw notFound('id');
    const cancelled = await this.end(id, 'CANCELLED');
    if (cancelled.status !== 'CANCELLED') {
      throw new PunctualError('INVALID_OPERATION', `a run that is ${cancelled.status} cannot be cancelled`, {
        path: 'id',
      });
    }
    return cancelled;
  }

  find(caller: Caller, id: ObjectId): Promise<RunDoc | null> {
    return this.#runs.findOne({ _id: id, ...ownedBy(caller) });
  }

  /** Whether somebody has stopped it: a planner that goes on page by page asks before each. */
  async isCancelled(id: ObjectId): Promise<boolean> {
    const cancelled = { _id: id, status: 'CANCELLED' as const };
    return (await this.#runs.findOne(cancelled, { projection: { _id: 1 } })) !== null;
  }

  /** What `begin` would find instead of making a run; null: nothing. */
  begun(key: Pick<RunDoc, 'owner' | 'program' | 'type' | 'occurrence'>): Promise<RunDoc | null> {
    return this.#runs.findOne(key);
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

  /** Tasks that are to be done and that nobody has the say over, the oldest first. */
  tasks(): Promise<RunDoc[]> {
    const free = { $or: [{ heldUntil: null }, { heldUntil: { $lte: new Date(this.clock.realNow()) } }] };
    return this.#runs
      .find({ status: 'RUNNING', task: { $ne: null }, ...free }, { hint: 'running' })
      .sort({ _id: 1 })
      .limit(TASKS)
      .toArray();
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

function notFound(path?: string): PunctualError {
  return new PunctualError('RUN_NOT_FOUND', 'there is no such run', path === undefined ? {} : { path });
}

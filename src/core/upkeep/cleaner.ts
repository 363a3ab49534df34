import { ObjectId } from '@mikro-orm/mongodb';
import type { Collection, Filter } from 'mongodb';
import type { TaskOf, TaskWork } from '../bulk/tasks.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Attempt, type AttemptDoc, attemptId } from '../delivery/attempt.entity.js';
import { Delivery, type DeliveryDoc } from '../delivery/delivery.entity.js';
import type { RunDoc } from '../schedule/run.entity.js';
import type { Runs } from '../schedule/runs.js';
import { DIMENSIONS, type Dimensions } from '../stats/changes.js';
import { countsOf } from '../stats/counts.js';
import type { Recorder } from '../stats/recorder.js';
import { type Beyond, deletable, ENDED, endedBefore, type RetentionRules, type Share } from './retention.js';

const HOUR_MS = 3_600_000;
/** Deliveries looked at in one step. */
const LOOKED_AT = 5_000;
/** Deliveries deleted in one transaction, with their attempts. */
const BATCH = 500;
/** Ids tell when they were made by the clock of the machine that made them: so far it may be off, in ms. */
const CLOCKS_DIFFER_MS = 10 * 60_000;

/** Smaller than any id. */
const OLDEST = new ObjectId('000000000000000000000000');

/** What may be deleted, and the smallest id that none of it has. */
interface Plan {
  readonly query: Filter<DeliveryDoc>;
  readonly until: ObjectId;
}

/**
 * Deletes what has ended and is not to be kept any longer, with its attempts (CORE-50). It walks from the oldest id up to
 * those that are too young, so that its cost is that of the old ones. Counters of what has happened stay, and so does the
 * audit; the counts of now lose what is gone. What is live is never in its query, which each transaction asks again.
 */
export class Cleaner implements TaskWork<'CLEAN_UP'> {
  readonly #deliveries: Collection<DeliveryDoc>;
  readonly #attempts: Collection<AttemptDoc>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly runs: Runs,
    private readonly recorder: Recorder,
    private readonly rules: RetentionRules,
  ) {
    this.#deliveries = database.collection(Delivery);
    this.#attempts = database.collection(Attempt);
  }

  steps(run: RunDoc, { olderThanHours, program }: TaskOf<'CLEAN_UP'>): AsyncGenerator<void, void> {
    const plan = this.#older(run.startedAt, olderThanHours, program);
    return this.#clean(run, () => Promise.resolve(plan));
  }

  /** The same by the rules. */
  byRules(run: RunDoc): AsyncGenerator<void, void> {
    return this.#clean(run, () => this.#beyondRules());
  }

  /** How many `steps` would delete, of a run that begins now. */
  count(olderThanHours: number, program: string | null): Promise<number> {
    const { query, until } = this.#older(this.clock.date(), olderThanHours, program);
    return this.#deliveries.countDocuments({ $and: [{ _id: { $lt: until } }, query] }, { hint: '_id_' });
  }

  async *#clean(run: RunDoc, plan: () => Promise<Plan>): AsyncGenerator<void, void> {
    const { query, until } = await plan();
    for (let from: ObjectId | null = OLDEST; from;) {
      const end = await this.#end(from, until);
      const range = { _id: { $gt: from, ...(end ? { $lte: end } : { $lt: until }) } };
      const found = await this.#deliveries
        .find<Pick<DeliveryDoc, '_id'>>({ $and: [range, query] }, { projection: { _id: 1 }, hint: '_id_' })
        .toArray();
      for (let i = 0; i < found.length; i += BATCH) {
        await this.#delete(
          run,
          found.slice(i, i + BATCH).map(({ _id }) => _id),
          query,
        );
        yield;
      }
      from = end;
      if (found.length === 0) yield;
    }
  }

  #delete(run: RunDoc, ids: readonly ObjectId[], query: Filter<DeliveryDoc>): Promise<void> {
    return this.database.transaction(async (session) => {
      const gone = await this.#deliveries
        .find<Dimensions & Pick<DeliveryDoc, 'state' | 'attempts'>>(
          { $and: [{ _id: { $in: [...ids] } }, query] },
          { session, hint: '_id_', projection: { ...DIMENSIONS, state: 1, attempts: 1 } },
        )
        .toArray();
      if (gone.length === 0) return;
      await this.#deliveries.deleteMany({ _id: { $in: gone.map(({ _id }) => _id) } }, { session });
      const attempts = gone.flatMap(({ _id, attempts: tries }) =>
        Array.from({ length: tries }, (_, i) => attemptId(_id, i + 1)),
      );
      if (attempts.length > 0) await this.#attempts.deleteMany({ _id: { $in: attempts } }, { session });
      await this.recorder.forget(session, gone);
      await this.runs.report(run._id, { changed: gone.length }, session);
    });
  }

  /** The last id of a step that begins behind `from`, from the index alone; null when it is the last step. */
  async #end(from: ObjectId, until: ObjectId): Promise<ObjectId | null> {
    const [last] = await this.#deliveries
      .find<Pick<DeliveryDoc, '_id'>>(
        { _id: { $gt: from, $lt: until } },
        { projection: { _id: 1 }, hint: '_id_' },
      )
      .sort({ _id: 1 })
      .skip(LOOKED_AT - 1)
      .limit(1)
      .toArray();
    return last?._id ?? null;
  }

  #older(now: Date, hours: number, program: string | null): Plan {
    const shares = program === null ? this.rules.shares() : [this.rules.of(program)];
    const before = new Date(now.getTime() - hours * HOUR_MS);
    const query = { $or: shares.map((share) => endedBefore(share, before, now.getTime())) };
    return { query, until: this.#idAt(before.getTime()) };
  }

  async #beyondRules(): Promise<Plan> {
    const now = this.clock.now();
    const clauses: Filter<DeliveryDoc>[] = [];
    const ages: number[] = [];
    let tooMany = false;
    for (const share of this.rules.shares()) {
      const beyond = await this.#beyond(share);
      clauses.push(...deletable(share, beyond, now));
      ages.push(share.retention.completed.ageMs, share.retention.failed.ageMs);
      tooMany ||= beyond.completed !== null || beyond.failed !== null;
    }
    return { query: { $or: clauses }, until: this.#idAt(tooMany ? now : now - Math.min(...ages)) };
  }

  async #beyond(share: Share): Promise<Beyond> {
    const { completed, failed } = share.retention;
    if (completed.count === null && failed.count === null) return { completed: null, failed: null };
    const counts = await countsOf(this.database, share.program);
    const newestBeyond = async (
      end: 'completed' | 'failed',
      most: number | null,
    ): Promise<ObjectId | null> => {
      const states = ENDED[end];
      const there = states.reduce((sum, state) => sum + counts[state], 0);
      if (most === null || there <= most) return null;
      const program = typeof share.program === 'string' ? share.program : { $nin: [...share.program.$nin] };
      const [first] = await this.#deliveries
        .find<Pick<DeliveryDoc, '_id'>>(
          { program, state: { $in: [...states] } },
          { projection: { _id: 1 }, hint: '_id_' },
        )
        .sort({ _id: -1 })
        .skip(most)
        .limit(1)
        .toArray();
      return first?._id ?? null;
    };
    return {
      completed: await newestBeyond('completed', completed.count),
      failed: await newestBeyond('failed', failed.count),
    };
  }

  /** Larger than any id that was made before an engine instant (ms). */
  #idAt(engineMs: number): ObjectId {
    const seconds = Math.ceil((this.clock.toReal(engineMs) + CLOCKS_DIFFER_MS) / 1_000);
    return ObjectId.createFromTime(Math.max(0, seconds));
  }
}

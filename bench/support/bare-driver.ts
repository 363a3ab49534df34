import {
  type AnyBulkWriteOperation,
  type ClientSession,
  type Collection,
  type MongoClient,
  ObjectId,
} from 'mongodb';
import { EVERYBODY } from '../../src/core/access/caller.js';
import { type AttemptDoc, attemptId } from '../../src/core/delivery/attempt.entity.js';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import { lanePlace, NOWHERE } from '../../src/core/delivery/place.js';
import type { EventDoc } from '../../src/core/events/event.entity.js';
import { bucketOf } from '../../src/core/stats/histogram.js';
import type { TallyDoc } from '../../src/core/stats/tally.entity.js';
import { CHANNEL, OWNER, QUEUE } from './work.js';

/** As large as the engine's. */
const BATCH = 500;
/** Batches of outcomes that are written side by side; a third one was no faster. */
const WRITERS = 2;
const WORKER = 'bare-driver';
const MINUTE_MS = 60_000;

/** One call of the driver, in a transaction or not. */
type Statement = (session: { session?: ClientSession }) => Promise<unknown>;

/**
 * The limit that the engine is measured against: a straight line of driver calls that takes the same deliveries through
 * the same states and leaves the same documents behind. No lease, no limits, no timers, no fallback, no error but an end,
 * and no thought for a second worker. It claims a batch while the outcomes of the two before it are being written.
 */
export class BareDriver {
  readonly #deliveries: Collection<DeliveryDoc>;
  readonly #attempts: Collection<AttemptDoc>;
  readonly #events: Collection<EventDoc>;
  readonly #tallies: Collection<TallyDoc>;

  /**
   * @param transactional true: one transaction for each batch's claim and one for its outcomes, so that a crash leaves
   *   nothing half-written, as with the engine; false: single statements, those of a step all at once
   */
  constructor(
    private readonly client: MongoClient,
    database: string,
    private readonly transactional: boolean,
  ) {
    const db = client.db(database);
    this.#deliveries = db.collection('deliveries');
    this.#attempts = db.collection('attempts');
    this.#events = db.collection('events');
    this.#tallies = db.collection('tallies');
  }

  /** @returns ms from the first claim to the last acknowledged outcome */
  async drain(): Promise<number> {
    const started = performance.now();
    const writing: Promise<void>[] = [];
    for (let turn = 0; ; turn = (turn + 1) % WRITERS) {
      const batch = await this.#claim();
      if (batch.length === 0) break;
      await writing[turn];
      // Each writer has a shard of the tallies to itself, so that transactions do not meet; the claims have shard 0.
      writing[turn] = this.#finish(batch, turn + 1);
    }
    await Promise.all(writing);
    return performance.now() - started;
  }

  async #claim(): Promise<DeliveryDoc[]> {
    const found = await this.#deliveries
      .find({ place: lanePlace(QUEUE.name, CHANNEL), state: 'QUEUED' }, { hint: 'work' })
      .sort({ order: 1 })
      .limit(BATCH)
      .toArray();
    if (found.length === 0) return found;
    const at = new Date();
    const ids = found.map((d) => d._id);
    const n = ids.length;
    await this.#apply([
      async (session) => {
        const { matchedCount } = await this.#deliveries.updateMany(
          { _id: { $in: ids }, state: 'QUEUED' },
          {
            $set: { state: 'SENDING', worker: WORKER },
            $inc: { fence: 1, attempts: 1 },
            $push: { history: { state: 'SENDING', at, by: WORKER } } as never,
          },
          session,
        );
        if (matchedCount !== n) throw new Error(`claimed ${matchedCount} of ${n}`);
      },
      (session) => this.#events.insertOne(eventOf('delivery.sending', at, ids), session),
      (session) => {
        const counts = { 'counts.QUEUED': -n, 'counts.SENDING': n };
        return this.#count(session, 0, at, counts, { 'moved.SENDING': n }, {});
      },
    ]);
    return found.map((d) => ({ ...d, state: 'SENDING', fence: d.fence + 1, attempts: d.attempts + 1 }));
  }

  async #finish(batch: readonly DeliveryDoc[], shard: number): Promise<void> {
    const attempts = batch.map(attemptOf);
    const deadlines = batch.map((d) => d.deadlineAt.getTime());
    const ids = batch.map((d) => d._id);
    const n = ids.length;
    const at = new Date();
    const { inc, max } = flowOf(attempts, deadlines);
    await this.#apply([
      async (session) => {
        const { matchedCount } = await this.#deliveries.updateMany(
          { _id: { $in: ids }, state: 'SENDING', worker: WORKER, fence: 1, receipts: null },
          {
            $set: { state: 'SENT', ...NOWHERE, worker: null, lastError: null },
            $push: { history: { state: 'SENT', at } } as never,
          },
          session,
        );
        if (matchedCount !== n) throw new Error(`finished ${matchedCount} of ${n}`);
      },
      (session) => this.#attempts.insertMany(attempts, { ...session, ordered: false }),
      (session) => this.#events.insertOne(eventOf('delivery.sent', at, ids), session),
      (session) => {
        const counts = { 'counts.SENDING': -n, 'counts.SENT': n };
        return this.#count(session, shard, at, counts, inc, max, judged(attempts, deadlines));
      },
    ]);
  }

  async #apply(statements: readonly Statement[]): Promise<void> {
    if (!this.transactional) {
      await Promise.all(statements.map((statement) => statement({})));
      return;
    }
    const session = this.client.startSession();
    try {
      await session.withTransaction(
        async () => {
          for (const statement of statements) await statement({ session });
        },
        { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } },
      );
    } finally {
      await session.endSession();
    }
  }

  /** The owner's tallies and everybody's: as they are now, for the minute, and for the minutes of the deadlines. */
  #count(
    session: { session?: ClientSession },
    shard: number,
    at: Date,
    counts: Record<string, number>,
    flow: Record<string, number>,
    max: Record<string, number>,
    promises: ReadonlyMap<number, Record<string, number>> = new Map(),
  ): Promise<unknown> {
    const minute = minuteOf(at.getTime());
    const $max = Object.keys(max).length > 0 ? { $max: max } : {};
    const minutes = new Map(promises).set(minute, { ...counts, ...flow, ...promises.get(minute) });
    const updates = [OWNER, EVERYBODY].flatMap((owner) => [
      tallyUpdate('NOW', owner, null, shard, { $inc: { ...counts, ...flow }, ...$max }),
      ...[...minutes].map(([of, $inc]) =>
        tallyUpdate('MINUTE', owner, new Date(of), shard, { $inc, ...(of === minute ? $max : {}) }),
      ),
    ]);
    return this.#tallies.bulkWrite(updates, { ...session, ordered: false });
  }
}

function attemptOf(delivery: DeliveryDoc): AttemptDoc {
  const { _id, attempts: number, fence, channel } = delivery;
  const now = new Date();
  return {
    _id: attemptId(_id, number),
    delivery: _id,
    number,
    fence,
    channel,
    provider: 'instant',
    worker: WORKER,
    outcome: 'ACCEPTED',
    startedAt: now,
    endedAt: now,
    latenessMs: now.getTime() - delivery.dueAt.getTime(),
    waited: { WAKE: now.getTime() - delivery.dueAt.getTime() },
    messageId: `instant-${_id.toHexString()}-${number}`,
    errorClass: null,
    errorCode: null,
    errorMessage: null,
  };
}

/** What the attempts add to the figures of a minute. */
function flowOf(
  attempts: readonly AttemptDoc[],
  deadlines: readonly number[],
): {
  inc: Record<string, number>;
  max: Record<string, number>;
} {
  const inc: Record<string, number> = {
    'moved.SENT': attempts.length,
    onTime: 0,
    latenessSum: 0,
    providerSum: 0,
  };
  const add = (field: string, n: number): void => {
    inc[field] = (inc[field] ?? 0) + n;
  };
  let latenessMax = 0;
  attempts.forEach(({ latenessMs, endedAt }, i) => {
    const lateness = latenessMs ?? 0;
    add(`lateness.${bucketOf(lateness)}`, 1);
    add('provider.0', 1);
    add('latenessSum', lateness);
    add('lost.WAKE', lateness);
    if (endedAt.getTime() <= (deadlines[i] ?? 0)) add('onTime', 1);
    latenessMax = Math.max(latenessMax, lateness);
  });
  return { inc, max: { latenessMax, providerMax: 0 } };
}

/** What the SLA counts of them, by minute: accepted now, and settled in the second of the deadline. */
function judged(
  attempts: readonly AttemptDoc[],
  deadlines: readonly number[],
): ReadonlyMap<number, Record<string, number>> {
  const minutes = new Map<number, Record<string, number>>();
  const add = (at: number, field: string): void => {
    const minute = minuteOf(at);
    const inc = minutes.get(minute) ?? {};
    const path = `sla.${Math.floor((at - minute) / 1_000)}.${field}`;
    inc[path] = (inc[path] ?? 0) + 1;
    minutes.set(minute, inc);
  };
  attempts.forEach(({ endedAt }, i) => {
    add(endedAt.getTime(), 'good');
    add(deadlines[i] ?? 0, 'settled');
  });
  return minutes;
}

function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}

function eventOf(type: EventDoc['type'], at: Date, deliveries: readonly ObjectId[]): EventDoc {
  return {
    _id: new ObjectId(),
    type,
    at,
    writtenAt: new Date(),
    owner: OWNER,
    queue: QUEUE.name,
    channel: CHANNEL,
    program: null,
    run: null,
    deliveries,
    reason: null,
    data: null,
  };
}

function tallyUpdate(
  kind: TallyDoc['kind'],
  owner: string,
  at: Date | null,
  shard: number,
  change: { $inc: Record<string, number>; $max?: Record<string, number> },
): AnyBulkWriteOperation<TallyDoc> {
  const dimensions = { queue: QUEUE.name, channel: CHANNEL, tier: 'STANDARD', program: null } as const;
  return {
    updateOne: {
      filter: { _id: `${kind}|${at?.getTime() ?? ''}|${owner}|${QUEUE.name}|${CHANNEL}|STANDARD||${shard}` },
      update: { $setOnInsert: { kind, owner, at, run: null, ...dimensions }, ...change },
      upsert: true,
    },
  };
}

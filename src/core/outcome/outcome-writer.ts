import type { ObjectId } from '@mikro-orm/mongodb';
import type { AnyBulkWriteOperation, ClientSession, Collection } from 'mongodb';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Attempt, type AttemptDoc } from '../delivery/attempt.entity.js';
import { Delivery, type DeliveryDoc, type HistoryEntry, type Receipts } from '../delivery/delivery.entity.js';
import { NOWHERE, type Place, placeIn } from '../delivery/place.js';
import type { DeliveryState } from '../delivery/states.js';
import { type Change, isJudged } from '../stats/changes.js';
import type { Recorder } from '../stats/recorder.js';
import { attemptDocument, type EndedAttempt, isUnsent, latenessOf, lostBy } from './ended-attempt.js';
import { acceptedAt, advance } from './receipt-state.js';

/**
 * The moves of a worker after an attempt, in bulk: one transaction holds the deliveries, the attempts, the events and
 * the counters of a batch. Each write is conditional on the worker and on the fence of its claim (INV-4).
 */
export class OutcomeWriter {
  readonly #deliveries: Collection<DeliveryDoc>;
  readonly #attempts: Collection<AttemptDoc>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly recorder: Recorder,
  ) {
    this.#deliveries = database.collection(Delivery);
    this.#attempts = database.collection(Attempt);
  }

  /**
   * Writes ended attempts of one worker. Those that it no longer holds (its lease was lost, another took over) are
   * left alone.
   * @returns the ones that were left alone, for the log
   */
  async write(worker: string, ended: readonly EndedAttempt[]): Promise<EndedAttempt[]> {
    try {
      await this.database.transaction((session) => this.#writeAll(session, worker, ended, null));
      return [];
    } catch (error) {
      if (!(error instanceof NotAllHeld)) throw error;
    }
    // Some are no longer held, or were reported on before we wrote: look at each, in the same snapshot as the write.
    return await this.database.transaction(async (session) => {
      const held = await this.#held(session, worker, ended);
      const isMine = (e: EndedAttempt): boolean => held.get(keyOf(e))?.fence === e.delivery.fence;
      const mine = ended.filter(isMine).map((e) => settledBy(e, held.get(keyOf(e))?.receipts ?? null));
      if (mine.length > 0) await this.#writeAll(session, worker, mine, held);
      return ended.filter((e) => !isMine(e));
    });
  }

  /** @param held what is known to be held; null on the fast path, where the counts of the updates tell */
  async #writeAll(
    session: ClientSession,
    worker: string,
    ended: readonly EndedAttempt[],
    held: Held | null,
  ): Promise<void> {
    const at = this.clock.date();
    const changes: Change[] = [];
    const rest: AnyBulkWriteOperation<DeliveryDoc>[] = [];
    const accepted: EndedAttempt[] = [];
    for (const e of ended) {
      const reported = held?.get(keyOf(e))?.receipts ?? null;
      if (e.verdict.move === 'send' && reported === null) accepted.push(e);
      else {
        const filter = { ...heldBy(worker, e), ...(held === null ? { receipts: null } : {}) };
        rest.push({ updateOne: { filter, update: updateOf(e, reported, at) } });
      }
      changes.push(changeOf(e, reported));
    }
    await this.#sendAll(session, worker, accepted, at);
    if (rest.length > 0) {
      const result = await this.#deliveries.bulkWrite(rest, { session, ordered: false });
      if (result.matchedCount !== rest.length) throw new NotAllHeld();
    }
    const attempts = ended.map((e) => attemptDocument(e, worker)).filter((doc) => doc !== null);
    if (attempts.length > 0) await this.#attempts.insertMany(attempts, { session, ordered: false });
    await this.recorder.record(session, changes);
  }

  /** The common case is one update for each fence, which is nearly always one. */
  async #sendAll(
    session: ClientSession,
    worker: string,
    accepted: readonly EndedAttempt[],
    at: Date,
  ): Promise<void> {
    for (const [fence, group] of Map.groupBy(accepted, (e) => e.delivery.fence)) {
      const ids = group.map((e) => e.delivery._id);
      const result = await this.#deliveries.updateMany(
        { _id: { $in: ids }, state: 'SENDING', worker, fence, receipts: null },
        {
          $set: { state: 'SENT', ...NOWHERE, worker: null, lastError: null },
          $push: { history: { state: 'SENT', at } } as never,
        },
        { session },
      );
      if (result.matchedCount !== ids.length) throw new NotAllHeld();
    }
  }

  async #held(session: ClientSession, worker: string, ended: readonly EndedAttempt[]): Promise<Held> {
    const found = await this.#deliveries
      .find<Pick<DeliveryDoc, '_id' | 'fence' | 'receipts'>>(
        { _id: { $in: ended.map((e) => e.delivery._id) }, state: 'SENDING', worker },
        { session, projection: { fence: 1, receipts: 1 } },
      )
      .toArray();
    return new Map(found.map((doc) => [doc._id.toHexString(), doc]));
  }
}

type Held = ReadonlyMap<string, Pick<DeliveryDoc, '_id' | 'fence' | 'receipts'>>;

/** The fast path met a delivery that is not held as expected; the transaction is undone and the slow path looks. */
class NotAllHeld extends Error {}

function keyOf(e: EndedAttempt): string {
  return e.delivery._id.toHexString();
}

/**
 * What was reported while the attempt was under way outweighs what we made of its end: the provider has the message, so
 * it is neither sent again nor given up. (The answer was lost, or the report is about a try before this one.)
 */
function settledBy(e: EndedAttempt, reported: Receipts | null): EndedAttempt {
  const accepted = acceptedAt(reported);
  if (!accepted || e.verdict.move === 'send') return e;
  const verdict = { move: 'send' } as const;
  if (e.result.outcome === 'ACCEPTED' || e.result.errorClass !== 'UNKNOWN') return { ...e, verdict };
  const endedAt = Math.max(accepted.getTime(), e.delivery.dueAt.getTime());
  return { ...e, verdict, endedAt, result: { outcome: 'ACCEPTED', messageId: reported?.messageId ?? null } };
}

function heldBy(
  worker: string,
  e: EndedAttempt,
): { _id: ObjectId; state: 'SENDING'; worker: string; fence: number } {
  return { _id: e.delivery._id, state: 'SENDING', worker, fence: e.delivery.fence };
}

/** The state that a verdict leads to; reports that came before it count. */
function stateAfter(e: EndedAttempt, reported: Receipts | null): DeliveryState {
  switch (e.verdict.move) {
    case 'send':
      return reported ? advance('SENT', reported) : 'SENT';
    case 'retry':
      return 'RETRYING';
    case 'fail':
      return 'FAILED';
    case 'deadLetter':
      return 'DEAD_LETTERED';
    case 'reroute':
      return 'QUEUED';
    case 'release':
      return e.verdict.readyAt === undefined ? 'QUEUED' : 'SCHEDULED';
  }
}

function reasonOf(e: EndedAttempt): string | undefined {
  const { verdict } = e;
  switch (verdict.move) {
    case 'send':
      return undefined;
    case 'retry':
    case 'fail':
      return verdict.error.code;
    case 'deadLetter':
      return verdict.reason;
    case 'reroute':
      return 'REROUTED';
    case 'release':
      return verdict.reason;
  }
}

function changeOf(e: EndedAttempt, reported: Receipts | null): Change {
  const reason = reasonOf(e);
  const lost = e.verdict.move === 'send' ? lostBy(e) : null;
  return {
    delivery: e.delivery,
    from: 'SENDING',
    to: stateAfter(e, reported),
    ...(e.verdict.move === 'reroute' ? { toChannel: e.verdict.route.channel } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(e.verdict.move === 'send' ? { latenessMs: latenessOf(e), isJudged: isJudged(e.delivery) } : {}),
    ...(lost ? { lost } : {}),
    ...(e.providerMs === null ? {} : { providerMs: e.providerMs }),
  };
}

function updateOf(
  e: EndedAttempt,
  reported: Receipts | null,
  at: Date,
): Record<string, Record<string, unknown>> {
  const { verdict, delivery } = e;
  const state = stateAfter(e, reported);
  const reason = reasonOf(e);
  const entry: HistoryEntry = { state, at, ...(reason === undefined ? {} : { reason }) };
  const push = { history: entry };
  const freed = { state, worker: null, ...placeIn(state, delivery) };
  switch (verdict.move) {
    case 'send':
      return {
        $set: { ...freed, lastError: null },
        ...(isUnsent(e) ? { $inc: { attempts: -1 } } : {}),
        $push: push,
      };
    case 'retry':
      return {
        $set: { ...freed, ...readyFrom(state, delivery, verdict.readyAt), lastError: verdict.error },
        $push: push,
      };
    case 'fail':
    case 'deadLetter':
      return { $set: { ...freed, lastError: verdict.error }, $push: push };
    case 'reroute': {
      const { channel, to, content } = verdict.route;
      const maxAttempts = delivery.attempts + delivery.retry.attempts;
      const fallback = delivery.fallback.slice(1);
      return {
        $set: {
          ...freed,
          ...placeIn(state, { ...delivery, channel }),
          channel,
          to,
          content,
          fallback,
          maxAttempts,
          lastError: verdict.error,
        },
        $push: push,
      };
    }
    case 'release': {
      const ready = verdict.readyAt === undefined ? {} : readyFrom(state, delivery, verdict.readyAt);
      // Unsent: the try never was. Refused for our own fault: it was one, and is not held against the delivery.
      return {
        $set: { ...freed, ...ready },
        $inc: isUnsent(e) ? { attempts: -1 } : { maxAttempts: 1 },
        $push: push,
      };
    }
  }
}

/** A new instant to be ready at, and the place that goes with it. */
function readyFrom(
  state: DeliveryState,
  delivery: DeliveryDoc,
  readyAtMs: number,
): Place & { readyAt: Date } {
  const readyAt = new Date(readyAtMs);
  return { readyAt, ...placeIn(state, { ...delivery, readyAt }) };
}

import type { ObjectId } from '@mikro-orm/mongodb';
import type { Collection, Filter } from 'mongodb';
import { type Caller, ownedBy } from '../access/caller.js';
import type { Channel, ChannelName } from '../channel/channel.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import type { AttemptDoc } from '../delivery/attempt.entity.js';
import { checkDelivery, checkDueAt } from '../delivery/check.js';
import { Delivery, type DeliveryDoc, type HistoryEntry } from '../delivery/delivery.entity.js';
import { type DeliveryFilter, type Page, toMongo } from '../delivery/filter.js';
import type { ItemResult, NewDelivery } from '../delivery/new-delivery.js';
import { failedPlace, FAILED_PLACES, NOWHERE, placeIn, QUEUED_BY_PIPELINE } from '../delivery/place.js';
import { rankOf } from '../delivery/rank.js';
import { DeliveryReader } from '../delivery/reader.js';
import type { SlaPolicies } from '../delivery/sla-policy.js';
import { FAILED_STATES, OPEN } from '../delivery/states.js';
import { PunctualError } from '../errors.js';
import { DIMENSIONS, type Dimensions } from '../stats/changes.js';
import type { Recorder } from '../stats/recorder.js';
import { Intake } from './accept.js';
import type { Alarms } from './alarms.js';
import type { Ringer } from './ring.js';

/** Deliveries revived in one transaction. */
const REVIVE_BATCH = 500;

/** What callers and programs do with deliveries (CORE-3, CORE-4, CORE-5, CORE-26). */
export class Deliveries {
  readonly #deliveries: Collection<DeliveryDoc>;
  readonly #reader: DeliveryReader;
  readonly #intake: Intake;

  /** @param queues the names of the queues that exist, as they are at each call */
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly channels: ReadonlyMap<ChannelName, Channel>,
    private readonly queues: () => ReadonlySet<string>,
    private readonly policies: SlaPolicies,
    private readonly alarms: Alarms,
    private readonly ringer: Ringer,
    private readonly recorder: Recorder,
    intakeRecorder: Recorder,
  ) {
    this.#deliveries = database.collection(Delivery);
    this.#reader = new DeliveryReader(database);
    this.#intake = new Intake(database, clock, policies, alarms, ringer, intakeRecorder);
  }

  /** Accepts or refuses each item on its own; one result an item, in order. */
  async accept(owner: string, items: readonly NewDelivery[]): Promise<ItemResult[]> {
    const context = { channels: this.channels, queues: this.queues(), now: this.clock.date().getTime() };
    const results: ItemResult[] = new Array<ItemResult>(items.length);
    const good: NewDelivery[] = [];
    const places: number[] = [];
    items.forEach((item, i) => {
      try {
        good.push(checkDelivery(item, context));
        places.push(i);
      } catch (error) {
        if (!(error instanceof PunctualError)) throw error;
        results[i] = { ok: false, error };
      }
    });
    const accepted = await this.#intake.accept(owner, good);
    accepted.forEach((result, k) => (results[places[k] ?? -1] = result));
    return results;
  }

  /** @throws DELIVERY_NOT_FOUND, INVALID_OPERATION once an attempt has started (CORE-4) */
  cancel(caller: Caller, id: ObjectId): Promise<DeliveryDoc> {
    const at = this.clock.date();
    const entry: HistoryEntry = { state: 'CANCELLED', at, by: caller.owner };
    return this.#moveOpen(caller, id, 'cancelled', () => ({ state: 'CANCELLED', ...NOWHERE }), entry);
  }

  /** @throws DELIVERY_NOT_FOUND, INVALID_OPERATION once an attempt has started, INVALID_SCHEDULED_TIME */
  async reschedule(caller: Caller, id: ObjectId, dueAt: Date): Promise<DeliveryDoc> {
    checkDueAt(dueAt, this.clock.date().getTime());
    const state = this.alarms.isSoon(dueAt.getTime()) ? 'QUEUED' : 'SCHEDULED';
    const found = await this.#reader.find(caller, id);
    if (!found) throw notFound();
    if (found.expiresAt && found.expiresAt <= dueAt) {
      throw new PunctualError(
        'INVALID_SCHEDULED_TIME',
        `it expires at ${found.expiresAt.toISOString()}, before that`,
        { path: 'at' },
      );
    }
    if (state === 'SCHEDULED') await this.alarms.setFor(found.queue, [dueAt.getTime()]);
    const entry: HistoryEntry = { state, at: this.clock.date(), by: caller.owner, reason: 'RESCHEDULED' };
    const moved = await this.#moveOpen(
      caller,
      id,
      'rescheduled',
      (doc) => {
        const rank = rankOf(dueAt.getTime(), doc.tier, doc.priority);
        const deadlineAt = this.policies.deadline(dueAt, doc);
        return {
          state,
          dueAt,
          deadlineAt,
          readyAt: dueAt,
          rank,
          ...placeIn(state, { ...doc, readyAt: dueAt, rank }),
        };
      },
      entry,
    );
    if (state === 'SCHEDULED') await this.ringer.ringIfSoon(moved.queue, [dueAt.getTime()]);
    return moved;
  }

  /**
   * Tries failed and dead-lettered deliveries again, with a fresh set of tries each.
   * @param options.limit how many at most; `dryRun` only counts, up to the limit
   */
  async retryFailed(
    caller: Caller,
    filter: DeliveryFilter,
    options: { readonly dryRun: boolean; readonly limit: number },
  ): Promise<{ matched: number; retried: number }> {
    const { owner } = ownedBy(caller);
    const place = owner === undefined ? FAILED_PLACES : failedPlace(owner);
    const failed: Filter<DeliveryDoc> = { $and: [{ place }, toMongo(filter), ownedBy(caller)] };
    const ids = await this.#deliveries
      .find<Pick<DeliveryDoc, '_id'>>(failed, { projection: { _id: 1 } })
      .limit(options.limit)
      .toArray();
    let retried = 0;
    for (let i = 0; !options.dryRun && i < ids.length; i += REVIVE_BATCH) {
      retried += await this.#revive(
        caller,
        ids.slice(i, i + REVIVE_BATCH).map((d) => d._id),
      );
    }
    return { matched: ids.length, retried };
  }

  find(caller: Caller, id: ObjectId): Promise<DeliveryDoc | null> {
    return this.#reader.find(caller, id);
  }

  list(
    caller: Caller,
    filter: DeliveryFilter,
    page: Page,
  ): Promise<{ items: DeliveryDoc[]; hasMore: boolean }> {
    return this.#reader.list(caller, filter, page);
  }

  attemptsOf(
    deliveries: readonly Pick<DeliveryDoc, '_id' | 'attempts'>[],
  ): Promise<Map<string, AttemptDoc[]>> {
    return this.#reader.attemptsOf(deliveries);
  }

  /** A move that is permitted while no attempt is under way; the condition is in the write itself. */
  #moveOpen(
    caller: Caller,
    id: ObjectId,
    what: string,
    change: (doc: DeliveryDoc) => Partial<DeliveryDoc>,
    entry: HistoryEntry,
  ): Promise<DeliveryDoc> {
    return this.database.transaction(async (session) => {
      const before = await this.#deliveries.findOne({ _id: id, ...ownedBy(caller) }, { session });
      if (!before) throw notFound();
      const after = await this.#deliveries.findOneAndUpdate(
        { _id: id, state: { $in: [...OPEN] } },
        { $set: change(before), $push: { history: entry } as never },
        { session, returnDocument: 'after' },
      );
      if (!after) {
        throw new PunctualError('INVALID_OPERATION', `a delivery that is ${before.state} cannot be ${what}`, {
          path: 'id',
        });
      }
      const reason = entry.reason === undefined ? {} : { reason: entry.reason };
      const rescheduledFrom = entry.reason === 'RESCHEDULED' ? { rescheduledFrom: before.deadlineAt } : {};
      await this.recorder.record(session, [
        { delivery: after, from: before.state, to: after.state, ...reason, ...rescheduledFrom },
      ]);
      return after;
    });
  }

  #revive(caller: Caller, ids: readonly ObjectId[]): Promise<number> {
    return this.database.transaction(async (session) => {
      const failed = { _id: { $in: [...ids] }, state: { $in: [...FAILED_STATES] } };
      const found = await this.#deliveries
        .find<Dimensions & Pick<DeliveryDoc, 'state'>>(failed, {
          session,
          projection: { ...DIMENSIONS, state: 1 },
        })
        .toArray();
      if (found.length === 0) return 0;
      const now = this.clock.date();
      const entry = { state: 'QUEUED', at: now, by: caller.owner, reason: 'REVIVED' };
      await this.#deliveries.updateMany(
        { _id: { $in: found.map((d) => d._id) }, state: { $in: [...FAILED_STATES] } },
        [
          {
            $set: {
              state: 'QUEUED',
              ...QUEUED_BY_PIPELINE,
              readyAt: now,
              // What was reported was about the tries before: it must not settle the next one.
              receipts: null,
              maxAttempts: { $add: ['$attempts', '$retry.attempts'] },
              history: { $concatArrays: ['$history', [entry]] },
            },
          },
        ],
        { session },
      );
      await this.recorder.record(
        session,
        found.map((delivery) => ({
          delivery,
          from: delivery.state,
          to: 'QUEUED' as const,
          reason: 'REVIVED',
        })),
      );
      return found.length;
    });
  }
}

function notFound(): PunctualError {
  return new PunctualError('DELIVERY_NOT_FOUND', 'there is no such delivery', { path: 'id' });
}

import type { ObjectId } from '@mikro-orm/mongodb';
import type { Collection } from 'mongodb';
import { type Caller, ownedBy } from '../access/caller.js';
import type { Channel, ChannelName } from '../channel/channel.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import type { AttemptDoc } from '../delivery/attempt.entity.js';
import { checkDelivery, checkDueAt } from '../delivery/check.js';
import { Delivery, type DeliveryDoc, type HistoryEntry } from '../delivery/delivery.entity.js';
import { type FailedPage, FailedReader } from '../delivery/failed-reader.js';
import type { DeliveryFilter, Page } from '../delivery/filter.js';
import type { ItemResult, NewDelivery } from '../delivery/new-delivery.js';
import { NOWHERE, placeIn } from '../delivery/place.js';
import { rankOf } from '../delivery/rank.js';
import { DeliveryReader } from '../delivery/reader.js';
import type { SlaPolicies } from '../delivery/sla-policy.js';
import { OPEN } from '../delivery/states.js';
import { PunctualError } from '../errors.js';
import type { Recorder } from '../stats/recorder.js';
import { Intake } from './accept.js';
import type { Alarms } from './alarms.js';
import type { Ringer } from './ring.js';

/** What callers and programs do with deliveries (CORE-3, CORE-4, CORE-5); many at once: bulk/. */
export class Deliveries {
  readonly #deliveries: Collection<DeliveryDoc>;
  readonly #reader: DeliveryReader;
  readonly #failed: FailedReader;
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
    this.#failed = new FailedReader(database);
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

  find(caller: Caller, id: ObjectId): Promise<DeliveryDoc | null> {
    return this.#reader.find(caller, id);
  }

  list(caller: Caller, filter: DeliveryFilter, page: Page): ReturnType<DeliveryReader['list']> {
    return this.#reader.list(caller, filter, page);
  }

  /** What has failed, the latest first (CORE-26). */
  listFailed(caller: Caller, filter: DeliveryFilter, page: FailedPage): ReturnType<FailedReader['list']> {
    return this.#failed.list(caller, filter, page);
  }

  /** Why it has. */
  failureReasons(caller: Caller, filter: DeliveryFilter): ReturnType<FailedReader['reasons']> {
    return this.#failed.reasons(caller, filter);
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
}

function notFound(): PunctualError {
  return new PunctualError('DELIVERY_NOT_FOUND', 'there is no such delivery', { path: 'id' });
}

import type { ObjectId } from '@mikro-orm/mongodb';
import type { Collection } from 'mongodb';
import { type Caller, ownedBy } from '../access/caller.js';
import type { Database } from '../database.js';
import { Attempt, type AttemptDoc, attemptId } from './attempt.entity.js';
import { Delivery, type DeliveryDoc } from './delivery.entity.js';
import { type DeliveryFilter, type Page, SCANNED, toMongo } from './filter.js';

/** Reads deliveries for callers: the owner is part of every query (CORE-5). */
export class DeliveryReader {
  readonly #deliveries: Collection<DeliveryDoc>;
  readonly #attempts: Collection<AttemptDoc>;

  constructor(database: Database) {
    this.#deliveries = database.collection(Delivery);
    this.#attempts = database.collection(Attempt);
  }

  find(caller: Caller, id: ObjectId): Promise<DeliveryDoc | null> {
    return this.#deliveries.findOne({ _id: id, ...ownedBy(caller) });
  }

  /**
   * Newest first. A page costs the same wherever it lies: it goes on from the last id. Where no index finds what a filter
   * asks for, ten thousand are looked at for a page: it may hold fewer than `first`, and none, and the list still go on.
   * @returns `end`: the id that the next page goes on from; null when there is none
   */
  async list(
    caller: Caller,
    filter: DeliveryFilter,
    { first, after }: Page,
  ): Promise<{ items: DeliveryDoc[]; hasMore: boolean; end: ObjectId | null }> {
    const oldest = await this.#oldest(caller, filter, after);
    const _id = { ...(after ? { $lt: after } : {}), ...(oldest ? { $gte: oldest } : {}) };
    const range = Object.keys(_id).length > 0 ? { _id } : {};
    const found = await this.#deliveries
      .find({ $and: [toMongo(filter), range, ownedBy(caller)] }, filter.run ? { hint: 'run' } : {})
      .sort({ _id: -1 })
      .limit(first + 1)
      .toArray();
    const items = found.slice(0, first);
    const end = found.length > first ? (items.at(-1)?._id ?? null) : oldest;
    return { items, hasMore: end !== null, end };
  }

  /** The attempts of many deliveries in one query, by the delivery's hex id, in the order of the tries. */
  async attemptsOf(
    deliveries: readonly Pick<DeliveryDoc, '_id' | 'attempts'>[],
  ): Promise<Map<string, AttemptDoc[]>> {
    const ids = deliveries.flatMap((d) =>
      Array.from({ length: d.attempts }, (_, i) => attemptId(d._id, i + 1)),
    );
    const found = ids.length === 0 ? [] : await this.#attempts.find({ _id: { $in: ids } }).toArray();
    found.sort((a, b) => a.number - b.number);
    return Map.groupBy(found, (attempt) => attempt.delivery.toHexString());
  }

  /** The last one that may be looked at for a page, from the index alone; null when all may. */
  async #oldest(
    caller: Caller,
    filter: DeliveryFilter,
    after: ObjectId | undefined,
  ): Promise<ObjectId | null> {
    const { ids, run, ...others } = filter;
    if (ids || Object.keys(others).length === 0) return null;
    const { owner } = ownedBy(caller);
    const within = run ? { run } : owner === undefined ? {} : { owner };
    const [last] = await this.#deliveries
      .find<Pick<DeliveryDoc, '_id'>>(
        { ...within, ...(after ? { _id: { $lt: after } } : {}) },
        { projection: { _id: 1 }, hint: run ? 'run' : owner === undefined ? '_id_' : 'owner_newest' },
      )
      .sort({ _id: -1 })
      .skip(SCANNED)
      .limit(1)
      .toArray();
    return last?._id ?? null;
  }
}

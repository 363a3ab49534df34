import type { ObjectId } from '@mikro-orm/mongodb';
import type { Collection } from 'mongodb';
import { type Caller, ownedBy } from '../access/caller.js';
import type { Database } from '../database.js';
import { Attempt, type AttemptDoc, attemptId } from './attempt.entity.js';
import { Delivery, type DeliveryDoc } from './delivery.entity.js';
import { type DeliveryFilter, type Page, toMongo } from './filter.js';

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

  /** Newest first. A page costs the same wherever it lies: it goes on from the last id. */
  async list(
    caller: Caller,
    filter: DeliveryFilter,
    page: Page,
  ): Promise<{ items: DeliveryDoc[]; hasMore: boolean }> {
    const query = {
      $and: [toMongo(filter), page.after ? { _id: { $lt: page.after } } : {}, ownedBy(caller)],
    };
    const found = await this.#deliveries
      .find(query)
      .sort({ _id: -1 })
      .limit(page.first + 1)
      .toArray();
    return { items: found.slice(0, page.first), hasMore: found.length > page.first };
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
}

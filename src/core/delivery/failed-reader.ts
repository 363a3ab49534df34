import { ObjectId } from '@mikro-orm/mongodb';
import type { Collection, Filter } from 'mongodb';
import { type Caller, ownedBy } from '../access/caller.js';
import type { Database } from '../database.js';
import { Delivery, type DeliveryDoc } from './delivery.entity.js';
import { type DeliveryFilter, REPORTED, SCANNED, toMongo } from './filter.js';
import { failedPlace, FAILED_PLACES } from './place.js';
import type { DeliveryState } from './states.js';

/** Where a list of failed ones goes on: behind this order, and there behind this id. */
export interface FailedCursor {
  readonly order: number;
  readonly id: ObjectId;
}

/** Of a page: how many, and where it goes on. */
export interface FailedPage {
  /** 1 to 200. */
  readonly first: number;
  readonly after?: FailedCursor;
}

/** Why deliveries failed, and how many for that reason. */
export interface FailureReason {
  readonly code: string;
  /** Of the newest of them. */
  readonly message: string | null;
  readonly state: DeliveryState;
  readonly count: number;
}

const NO_ID = new ObjectId('000000000000000000000000');

/**
 * Reads what has failed (CORE-26), by the instant that the last try was set for, the latest first. However many there are,
 * a call looks at ten thousand of them at most.
 */
export class FailedReader {
  readonly #deliveries: Collection<DeliveryDoc>;

  constructor(database: Database) {
    this.#deliveries = database.collection(Delivery);
  }

  /** @returns `end`: where the next page goes on; null when there is none */
  async list(
    caller: Caller,
    filter: DeliveryFilter,
    { first, after }: FailedPage,
  ): Promise<{ items: DeliveryDoc[]; end: FailedCursor | null }> {
    const place = await this.#places(caller);
    if (place.$in.length === 0) return { items: [], end: null };
    const isNarrowed = Object.keys(filter).length > 0;
    const oldest = isNarrowed
      ? await this.#orderOf({ place, ...(after ? { order: { $lte: after.order } } : {}) })
      : null;
    const find = (range: Filter<DeliveryDoc>): Promise<DeliveryDoc[]> => {
      const byId = '_id' in range || typeof range.order === 'number';
      return this.#deliveries
        .find({ $and: [{ place, ...range }, toMongo(filter)] }, { hint: 'work' })
        .sort(byId ? { _id: -1 } : { order: -1 })
        .limit(first + 1)
        .toArray();
    };
    const order = { ...(after ? { $lt: after.order } : {}), ...(oldest === null ? {} : { $gte: oldest }) };
    const besides = after ? await find({ order: after.order, _id: { $lt: after.id } }) : [];
    const below = await find(Object.keys(order).length > 0 ? { order } : {});
    // The index does not tell those of one order apart: where the limit may have cut through them, they are read again.
    const last = below.length > first ? below.at(-1)?.order : undefined;
    const cut = last === undefined ? [] : await find({ order: last });
    const found = [...besides, ...below.filter((d) => d.order !== last), ...cut].sort(newestFirst);
    const items = found.slice(0, first);
    const lastItem = items.at(-1);
    if (found.length > first && lastItem) return { items, end: { order: lastItem.order, id: lastItem._id } };
    return { items, end: oldest === null ? null : { order: oldest, id: NO_ID } };
  }

  /**
   * The reasons of the latest ten thousand, the most frequent first.
   * @returns `partial`: there are more than those that were counted
   */
  async reasons(
    caller: Caller,
    filter: DeliveryFilter,
  ): Promise<{ reasons: FailureReason[]; partial: boolean }> {
    const place = await this.#places(caller);
    if (place.$in.length === 0) return { reasons: [], partial: false };
    const groups = this.#deliveries.aggregate<{
      _id: { code: string; state: DeliveryState };
      message: string | null;
      count: number;
    }>(
      [
        { $match: { place } },
        { $sort: { order: -1 } },
        { $limit: SCANNED },
        { $match: toMongo(filter) },
        {
          $group: {
            _id: { code: { $ifNull: ['$lastError.code', REPORTED] }, state: '$state' },
            message: { $first: { $ifNull: ['$lastError.message', '$receipts.failure', null] } },
            count: { $sum: 1 },
          },
        },
        { $sort: { count: -1, _id: 1 } },
      ],
      { hint: 'work' },
    );
    const [found, beyond] = await Promise.all([groups.toArray(), this.#orderOf({ place })]);
    return {
      reasons: found.map(({ _id, message, count }) => ({ ..._id, message, count })),
      partial: beyond !== null,
    };
  }

  /** The places of what the caller may see: one for each owner, which the index merges in order. */
  async #places(caller: Caller): Promise<{ $in: string[] }> {
    const { owner } = ownedBy(caller);
    if (owner !== undefined) return { $in: [failedPlace(owner)] };
    const places = await this.#deliveries.distinct('place', { place: FAILED_PLACES });
    return { $in: places.filter((place) => place !== null) };
  }

  /** The order of the last one that may be looked at, from the index alone; null when there are fewer. */
  async #orderOf(range: Filter<DeliveryDoc>): Promise<number | null> {
    const [last] = await this.#deliveries
      .find<Pick<DeliveryDoc, 'order'>>(range, { projection: { _id: 0, order: 1 }, hint: 'work' })
      .sort({ order: -1 })
      .skip(SCANNED)
      .limit(1)
      .toArray();
    return last?.order ?? null;
  }
}

function newestFirst(a: DeliveryDoc, b: DeliveryDoc): number {
  return b.order - a.order || b._id.toHexString().localeCompare(a._id.toHexString());
}

import { ObjectId } from '@mikro-orm/mongodb';
import type { Collection, Filter, Sort } from 'mongodb';
import { CHANNELS } from '../channel/channel.js';
import type { DeliveryDoc } from '../delivery/delivery.entity.js';
import { type DeliveryFilter, toMongo } from '../delivery/filter.js';
import { failedPlace, FAILED_PLACES, OPEN_PLACES, placeIn } from '../delivery/place.js';
import { FAILED_STATES, OPEN } from '../delivery/states.js';
import type { Person, TaskScope } from '../schedule/task.js';

/** Ids that are read at once, and moved in one transaction. */
const BATCH = 500;
/** Counts stop here: what is beyond is more than anybody acts on by a number. */
const COUNTED = 1_000_000;

/** Deliveries that an action is about, and the index that finds them. */
export interface Selection {
  readonly query: Filter<DeliveryDoc>;
  readonly hint: string;
  readonly sort: Sort;
}

/** What has failed, the newest first, but for what was revived at `since` or later. */
export function failedOnes(scope: TaskScope, filter: DeliveryFilter, since: Date): Selection {
  const place = scope === null ? FAILED_PLACES : failedPlace(scope);
  const notAgain = { history: { $not: { $elemMatch: { reason: 'REVIVED', at: { $gte: since } } } } };
  return select(scope, filter, [{ place, state: { $in: [...FAILED_STATES] } }, notAgain], -1);
}

/** What waits, has no attempt under way, and was accepted by `until`; of one run, whenever it was accepted. */
export function openOnes(scope: TaskScope, filter: DeliveryFilter, until: Date): Selection {
  const place = filter.queue === undefined ? OPEN_PLACES : { $in: placesOf(filter.queue) };
  const accepted = filter.run ? {} : { createdAt: { $lte: until } };
  return select(scope, filter, [{ place, state: { $in: [...OPEN] } }, accepted], 1);
}

/**
 * What was accepted for a person by `until` and still knows them. No index holds addresses, as each would cost every
 * delivery and serve this alone: all of the owner's deliveries are looked at.
 */
export function personsOnes(scope: TaskScope, { addresses, recipients }: Person, until: Date): Selection {
  const theirs = {
    $or: [
      { to: { $in: [...addresses] } },
      { 'fallback.to': { $in: [...addresses] } },
      { recipient: { $in: [...recipients] } },
    ],
  };
  const conditions = [theirs, { createdAt: { $lte: until } }];
  return scope === null
    ? { query: { $and: conditions }, hint: '_id_', sort: { _id: -1 } }
    : { query: { $and: [{ owner: scope }, ...conditions] }, hint: 'owner_newest', sort: { _id: -1 } };
}

/** How many are selected: up to `most`, and up to a million at that. */
export function count(
  deliveries: Collection<DeliveryDoc>,
  { query, hint }: Selection,
  most = COUNTED,
): Promise<number> {
  return deliveries.countDocuments(query, { hint, limit: Math.min(most, COUNTED) });
}

/**
 * The ids of what is selected, in batches. The cursor walks along the index once, however many of them an action moves
 * away behind it.
 */
export async function* batches(
  deliveries: Collection<DeliveryDoc>,
  { query, hint, sort }: Selection,
  most = Number.POSITIVE_INFINITY,
): AsyncGenerator<ObjectId[], void> {
  const size = Math.min(BATCH, most);
  const cursor = deliveries
    .find<Pick<DeliveryDoc, '_id'>>(query, { projection: { _id: 1 }, hint, sort, batchSize: size + 1 })
    .limit(Number.isFinite(most) ? most : 0);
  try {
    let batch: ObjectId[] = [];
    for await (const { _id } of cursor) {
      batch.push(_id);
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  } finally {
    await cursor.close();
  }
}

/** By the ids, the run's own index, or the one of the work: whichever looks at the fewest. */
function select(
  scope: TaskScope,
  filter: DeliveryFilter,
  conditions: readonly Filter<DeliveryDoc>[],
  direction: 1 | -1,
): Selection {
  const query = { $and: [...conditions, toMongo(filter), scope === null ? {} : { owner: scope }] };
  if (filter.ids) return { query, hint: '_id_', sort: { _id: direction } };
  if (filter.run) return { query, hint: 'run', sort: { _id: direction } };
  return { query, hint: 'work', sort: { place: direction, order: direction } };
}

/** The parts of a delivery that the place of one that waits does not depend on. */
const NOBODY = { _id: new ObjectId(), owner: '', readyAt: new Date(0), rank: 0 };

/** Where a queue's deliveries wait, whatever for. */
function placesOf(queue: string): string[] {
  const places = OPEN.flatMap((state) =>
    CHANNELS.map((channel) => placeIn(state, { ...NOBODY, queue, channel }).place),
  );
  return [...new Set(places)].filter((place) => place !== null);
}

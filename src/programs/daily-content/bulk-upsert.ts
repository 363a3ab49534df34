import type { Collection, Filter, UpdateFilter } from 'mongodb';
import { PunctualError } from '../../core/index.js';

/** What the owner keeps under ids of its own. */
interface Named {
  owner: string;
  externalId: string;
}

/** One object to be stored: what it is set to, and what a new one gets where it is not set. */
export interface Upsert<D extends Named> {
  readonly externalId: string;
  readonly set: Partial<D>;
  readonly defaults: Partial<D>;
}

/** How many objects were new, changed, or already so. */
export interface UpsertCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
}

/** An item of a bulk call, or a line of a file, that was not stored. */
export interface Refusal {
  /** Its position, from 0. */
  readonly index: number;
  readonly error: PunctualError;
}

/** Stores objects by (owner, externalId) in one round trip. An externalId may stand in `items` only once. */
export async function upsertByExternalId<D extends Named>(
  collection: Collection<D>,
  owner: string,
  items: readonly Upsert<D>[],
): Promise<UpsertCounts> {
  if (items.length === 0) return { inserted: 0, updated: 0, unchanged: 0 };
  const result = await collection.bulkWrite(
    items.map(({ externalId, set, defaults }) => ({
      updateOne: {
        filter: { owner, externalId } as Filter<D>,
        update: updateOf(set, defaults),
        upsert: true,
      },
    })),
    { ordered: false },
  );
  return {
    inserted: result.upsertedCount,
    updated: result.modifiedCount,
    unchanged: result.matchedCount - result.modifiedCount,
  };
}

function updateOf<D extends Named>(set: Partial<D>, defaults: Partial<D>): UpdateFilter<D> {
  const onInsert = { ...defaults };
  // MongoDB refuses an update that names a field in both.
  for (const field of Object.keys(set)) Reflect.deleteProperty(onInsert, field);
  return { $set: set, $setOnInsert: onInsert };
}

/** Checks each item on its own; what is refused does not stop the others, and the first of equal ids counts. */
export function checkEach<I extends { readonly externalId: string }, D extends Named>(
  items: readonly I[],
  check: (item: I) => Upsert<D>,
): { readonly good: Upsert<D>[]; readonly refused: Refusal[] } {
  const good: Upsert<D>[] = [];
  const refused: Refusal[] = [];
  const seen = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    try {
      const checked = check(item);
      const first = seen.get(checked.externalId);
      if (first !== undefined) {
        throw new PunctualError('VALIDATION_ERROR', `externalId is that of item ${first} too`, {
          path: 'externalId',
        });
      }
      seen.set(checked.externalId, index);
      good.push(checked);
    } catch (error) {
      if (!(error instanceof PunctualError)) throw error;
      refused.push({ index, error });
    }
  }
  return { good, refused };
}

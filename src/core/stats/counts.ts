import type { Collection } from 'mongodb';
import type { Database } from '../database.js';
import { type DeliveryState, STATES } from '../delivery/states.js';
import { Tally, type TallyDoc } from './tally.entity.js';
import { EVERYBODY } from '../access/caller.js';

/** How many deliveries are in each state. */
export type StateCounts = Readonly<Record<DeliveryState, number>>;

/** No deliveries in any state. */
export function noCounts(): Record<DeliveryState, number> {
  return Object.fromEntries(STATES.map((state) => [state, 0])) as Record<DeliveryState, number>;
}

/** Adds the shards' counts up. */
export function sumCounts(tallies: Iterable<Pick<TallyDoc, 'counts'>>): StateCounts {
  const sum = noCounts();
  for (const tally of tallies) {
    for (const state of STATES) sum[state] += tally.counts?.[state] ?? 0;
  }
  return sum;
}

/** The counts of all queues, or of one, over all owners: reads tallies only, so history does not slow it down. */
export async function countsByQueue(database: Database, queue?: string): Promise<Map<string, StateCounts>> {
  const tallies = database.collection(Tally) as unknown as Collection<TallyDoc>;
  const found = await tallies
    .find(
      { kind: 'NOW', owner: EVERYBODY, ...(queue === undefined ? {} : { queue }) },
      { projection: { queue: 1, counts: 1 } },
    )
    .toArray();
  const counts = new Map<string, StateCounts>();
  for (const [name, group] of Map.groupBy(found, (tally) => tally.queue)) counts.set(name, sumCounts(group));
  return counts;
}

/** The counts of a program, or of all programs but some, over all owners. */
export async function countsOf(
  database: Database,
  program: string | { readonly $nin: readonly string[] },
): Promise<StateCounts> {
  const tallies = database.collection(Tally) as unknown as Collection<TallyDoc>;
  const of = typeof program === 'string' ? program : { $nin: [...program.$nin] };
  const now = { kind: 'NOW' as const, owner: EVERYBODY, program: of };
  return sumCounts(await tallies.find(now, { projection: { counts: 1 } }).toArray());
}

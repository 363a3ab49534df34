import { isDeepStrictEqual } from 'node:util';
import { BSON, type Collection, type Db, type Document } from 'mongodb';
import type { AttemptDoc } from '../../src/core/delivery/attempt.entity.js';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import type { EventDoc } from '../../src/core/events/event.entity.js';
import { countOf } from '../../src/core/stats/histogram.js';
import type { TallyDoc } from '../../src/core/stats/tally.entity.js';

/** So many differences are told; one is enough to fail. */
const TOLD = 5;
/** Of a value that differs, so many characters are shown. */
const LONGEST = 200;

/**
 * Compares, field by field, what two programs left behind that began with the same deliveries. Left aside is what has to
 * differ: the instants of what they did, their workers' names, and into how many batches, shards and minutes they parted it.
 * @returns the first differences; none when all is the same
 */
export async function differences(one: Db, other: Db): Promise<string[]> {
  const [left, right] = await Promise.all([leftBehind(one), leftBehind(other)]);
  const told: string[] = [];
  for (const collection of Object.keys(left) as (keyof LeftBehind)[]) {
    const [a, b] = [left[collection], right[collection]];
    if (a.size !== b.size) told.push(`${collection}: ${a.size} and ${b.size}`);
    for (const [id, document] of a) {
      if (told.length >= TOLD) return told;
      for (const field of fieldsUnlike(document, b.get(id) ?? {})) told.push(`${collection} ${id}: ${field}`);
    }
  }
  return told;
}

/** Each field that differs, with both values. */
function fieldsUnlike(one: Document, other: Document): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .filter((field) => !isDeepStrictEqual(one[field], other[field]))
    .map((field) => `${field} is ${cut(one[field])} and ${cut(other[field])}`);
}

function cut(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value).slice(0, LONGEST);
}

/** Comparable documents by what identifies them. */
interface LeftBehind {
  readonly deliveries: ReadonlyMap<string, Document>;
  readonly attempts: ReadonlyMap<string, Document>;
  readonly events: ReadonlyMap<string, Document>;
  readonly tallies: ReadonlyMap<string, Document>;
}

async function leftBehind(db: Db): Promise<LeftBehind> {
  const deliveries = await all(db.collection<DeliveryDoc>('deliveries'));
  const attempts = await all(db.collection<AttemptDoc>('attempts'));
  const dueAt = new Map(deliveries.map((d) => [d._id.toHexString(), d.dueAt.getTime()]));
  return {
    deliveries: new Map(deliveries.map((d) => [d._id.toHexString(), plain(comparableDelivery(d))])),
    attempts: new Map(
      attempts.map((a) => [a._id, plain(comparableAttempt(a, dueAt.get(a.delivery.toHexString())))]),
    ),
    events: comparableEvents(await all(db.collection<EventDoc>('events'))),
    tallies: comparableTallies(await all(db.collection<TallyDoc>('tallies'))),
  };
}

function all<T extends Document>(collection: Collection<T>): Promise<T[]> {
  return collection.find<T>({}, { sort: { _id: 1 } }).toArray();
}

/** The history that was there before is the same for both; of what was added, the instants and names are each one's own. */
function comparableDelivery(delivery: DeliveryDoc): Document {
  const [accepted, ...added] = delivery.history;
  return {
    ...delivery,
    history: [
      accepted,
      ...added.map((entry) => ({
        ...entry,
        at: kindOf(entry.at),
        ...('by' in entry && { by: kindOf(entry.by) }),
      })),
    ],
  };
}

function comparableAttempt(attempt: AttemptDoc, dueAt: number | undefined): Document {
  const { startedAt, endedAt, latenessMs, waited, worker } = attempt;
  return {
    ...attempt,
    startedAt: kindOf(startedAt),
    endedAt: kindOf(endedAt),
    latenessMs: latenessMs === endedAt.getTime() - (dueAt ?? Number.NaN) ? 'endedAt - dueAt' : latenessMs,
    // Which causes it waited for is for the engine alone to tell; that it is told is the same work.
    waited: waited === null ? null : 'an account',
    worker: kindOf(worker),
  };
}

/** For each kind of event, the deliveries that it tells of, once each. */
function comparableEvents(events: readonly EventDoc[]): Map<string, Document> {
  const kinds = new Map<string, string[]>();
  for (const { _id, at, writtenAt, deliveries, ...rest } of events) {
    if (!rest.type.startsWith('delivery.')) continue;
    const kind = JSON.stringify({ ...rest, at: kindOf(at), writtenAt: kindOf(writtenAt) });
    const told = kinds.get(kind) ?? [];
    for (const id of deliveries) told.push(id.toHexString());
    kinds.set(kind, told);
  }
  return new Map([...kinds].map(([kind, told]) => [kind, { deliveries: told.sort() }]));
}

/** The sums over shards and minutes; of measured times, how many were counted. */
function comparableTallies(tallies: readonly TallyDoc[]): Map<string, Document> {
  const groups = Map.groupBy(tallies, ({ kind, owner, run, queue, channel, tier, program }) =>
    JSON.stringify({ kind, owner, run, queue, channel, tier, program }),
  );
  return new Map(
    [...groups].map(([dimensions, group]) => [
      dimensions,
      {
        fields: [...new Set(group.flatMap((tally) => Object.keys(tally)))].sort(),
        sla: judgedIn(group),
        counts: summed(group.map((tally) => tally.counts)),
        moved: summed(group.map((tally) => tally.moved)),
        onTime: group.reduce((sum, { onTime }) => sum + (onTime ?? 0), 0),
        lateness: group.reduce((sum, { lateness }) => sum + countOf(lateness ?? {}), 0),
        provider: group.reduce((sum, { provider }) => sum + countOf(provider ?? {}), 0),
      },
    ]),
  );
}

/** What the SLA has counted; which second of which minute it was is each one's own. */
function judgedIn(tallies: readonly TallyDoc[]): Record<string, number> {
  return summed(tallies.flatMap((tally) => Object.values(tally.sla ?? {})));
}

function summed(parts: readonly (Readonly<Record<string, number>> | undefined)[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const part of parts) {
    for (const [name, n] of Object.entries(part ?? {})) sum[name] = (sum[name] ?? 0) + n;
  }
  return sum;
}

function kindOf(value: unknown): string {
  return value instanceof Date ? 'an instant' : typeof value === 'string' ? 'a name' : String(value);
}

/** Ids and dates in a form that compares by value. */
function plain(document: Document): Document {
  return BSON.EJSON.serialize(document, { relaxed: true });
}

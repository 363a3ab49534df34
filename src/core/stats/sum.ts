import type { AnyBulkWriteOperation } from 'mongodb';
import { ACCEPTED, type DeliveryState } from '../delivery/states.js';
import type { Change } from './changes.js';
import { bucketOf } from './histogram.js';
import type { LateOne, TallyDoc } from './tally.entity.js';

/** So many of the latest are kept with each tally. */
const LATE_KEPT = 5;

/** What a batch adds to tallies that are alike: fields to be added to, and largest values. */
export class Sum {
  readonly inc: Record<string, number> = {};
  readonly max: Record<string, number> = {};
  /** The latest ones past their deadline. */
  readonly late: LateOne[] = [];

  /** By how many the deliveries in a state have changed. */
  state(state: DeliveryState, by: number): void {
    this.add(`counts.${state}`, by);
  }

  /** What has happened to one. */
  flow(change: Change): void {
    if (change.from === null) this.add('moved.CREATED', 1);
    for (const state of passedBy(change)) this.add(`moved.${state}`, 1);
    if (change.latenessMs !== undefined) {
      const { dueAt, deadlineAt } = change.delivery;
      if (dueAt.getTime() + change.latenessMs <= deadlineAt.getTime()) this.add('onTime', 1);
      else this.late.push({ delivery: change.delivery._id, latenessMs: change.latenessMs });
      this.#measure('lateness', change.latenessMs);
      for (const [cause, ms] of Object.entries(change.lost ?? {})) this.add(`lost.${cause}`, ms);
    }
    if (change.providerMs !== undefined) this.#measure('provider', change.providerMs);
  }

  add(path: string, n: number): void {
    this.inc[path] = (this.inc[path] ?? 0) + n;
  }

  /** Takes another's in. */
  merge(other: Sum): void {
    for (const [path, n] of Object.entries(other.inc)) this.add(path, n);
    this.late.push(...other.late);
    for (const [path, n] of Object.entries(other.max)) this.max[path] = Math.max(this.max[path] ?? n, n);
  }

  /** As an update of the tally with this id, which is made where it is missing. */
  writeTo(tally: Omit<TallyDoc, '_id'>, id: string): AnyBulkWriteOperation<TallyDoc> {
    const update = {
      $setOnInsert: tally,
      $inc: this.inc,
      ...(Object.keys(this.max).length > 0 ? { $max: this.max } : {}),
      ...(this.late.length > 0 ? { $push: { late: latest(this.late) } } : {}),
    };
    return { updateOne: { filter: { _id: id }, update, upsert: true } };
  }

  #measure(what: 'lateness' | 'provider', ms: number): void {
    this.add(`${what}.${bucketOf(ms)}`, 1);
    this.add(`${what}Sum`, ms);
    this.max[`${what}Max`] = Math.max(this.max[`${what}Max`] ?? ms, ms);
  }
}

/** Keeps the latest few of those that are there and those that come. */
function latest(late: readonly LateOne[]): object {
  const $each = late.toSorted((a, b) => b.latenessMs - a.latenessMs).slice(0, LATE_KEPT);
  return { $each, $sort: { latenessMs: -1 }, $slice: LATE_KEPT };
}

/**
 * The states that a change counts as a move into. Reports may come together, or before the outcome: what was read was
 * sent and delivered all the same, so that figures do not depend on the order in which reports come.
 */
function passedBy({ from, to, latenessMs }: Change): readonly DeliveryState[] {
  const path: readonly DeliveryState[] = ACCEPTED;
  const last = path.indexOf(to);
  // With a lateness it has been sent just now; without one, a move into these comes from SENT or further on.
  if (last < 0) return latenessMs === undefined ? [to] : ['SENT', to];
  const before = from === null ? 0 : Math.max(0, path.indexOf(from));
  return path.slice(latenessMs === undefined ? before + 1 : 0, last + 1);
}

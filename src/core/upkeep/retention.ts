import type { ObjectId } from '@mikro-orm/mongodb';
import type { Filter } from 'mongodb';
import type { DeliveryDoc } from '../delivery/delivery.entity.js';
import { ACCEPTED, type DeliveryState, FAILED_STATES } from '../delivery/states.js';

/** How long, and how many. */
export interface Kept {
  /** Since the last thing that happened to it, reports included; engine ms. */
  readonly ageMs: number;
  /** No more than so many, the newest; null: however many. */
  readonly count: number | null;
}

/** How long ended deliveries are kept (CORE-50). */
export interface Retention {
  readonly completed: Kept;
  readonly failed: Kept;
  /**
   * What was made under a key, a caller's or a program's for a subject and a period, is kept at least so long past its due
   * instant, whatever else says: as long as it is there, a repetition finds it, and makes no second one (CORE-3).
   */
  readonly keyedMs: number;
}

const DAY_MS = 86_400_000;

/** What is kept where nothing else is said. */
export const RETENTION: Retention = {
  completed: { ageMs: 30 * DAY_MS, count: null },
  failed: { ageMs: 90 * DAY_MS, count: null },
  keyedMs: 2 * DAY_MS,
};

/** The kinds of ends. What is in no such state is live, and is never deleted. */
export const ENDED = {
  completed: [...ACCEPTED, 'CANCELLED'],
  failed: [...FAILED_STATES, 'MISSED'],
} as const satisfies Record<'completed' | 'failed', readonly DeliveryState[]>;

/** The deliveries that one rule is for: a program's, or those of all programs without a rule of their own. */
export interface Share {
  readonly program: string | { readonly $nin: readonly string[] };
  readonly retention: Retention;
}

/** The rules: one for all, and what programs say otherwise. */
export class RetentionRules {
  constructor(
    private readonly base: Retention = RETENTION,
    private readonly programs: ReadonlyMap<string, Partial<Retention>> = new Map(),
  ) {}

  /** Every delivery is in one share. */
  shares(): Share[] {
    const named = [...this.programs.keys()];
    return [...named.map((name) => this.of(name)), { program: { $nin: named }, retention: this.base }];
  }

  /** A program's share. */
  of(program: string): Share {
    return { program, retention: { ...this.base, ...this.programs.get(program) } };
  }
}

/** Where the newest that are kept by number begin: what has this id or a smaller one may go. Null: they all may stay. */
export type Beyond = Readonly<Record<'completed' | 'failed', ObjectId | null>>;

/** What the rule of a share lets go. @param now engine ms */
export function deletable(share: Share, beyond: Beyond, now: number): Filter<DeliveryDoc>[] {
  return (['completed', 'failed'] as const).flatMap((end) => {
    const ended = endedIn(share, ENDED[end], now);
    const { ageMs } = share.retention[end];
    const tooMany = beyond[end] ? [{ $and: [ended, { _id: { $lte: beyond[end] } }] }] : [];
    return [{ $and: [ended, untouchedSince(new Date(now - ageMs))] }, ...tooMany];
  });
}

/** What has ended in a share and to which nothing has happened since an instant. @param now engine ms */
export function endedBefore(share: Share, before: Date, now: number): Filter<DeliveryDoc> {
  return { $and: [endedIn(share, [...ENDED.completed, ...ENDED.failed], now), untouchedSince(before)] };
}

function endedIn(share: Share, states: readonly DeliveryState[], now: number): Filter<DeliveryDoc> {
  const { program, retention } = share;
  const of: Filter<DeliveryDoc> =
    typeof program === 'string' ? { program } : { program: { $nin: [...program.$nin] } };
  const forgotten = { $or: [{ key: null }, { dueAt: { $lt: new Date(now - retention.keyedMs) } }] };
  return { $and: [of, { state: { $in: [...states] } }, forgotten] };
}

function untouchedSince(at: Date): Filter<DeliveryDoc> {
  return { history: { $not: { $elemMatch: { at: { $gte: at } } } } };
}

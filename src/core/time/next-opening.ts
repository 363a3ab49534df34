import { PunctualError } from '../errors.js';
import type { BusinessHours, Opening } from './business-hours.js';
import { localDate, resolveWallTime } from './local-time.js';
import { DAY_MS, dateOf, readDate, wallTimeOf } from './wall-clock.js';

/** Why an instant was outside the business hours. */
export const OUTSIDE_REASONS = [
  'HOLIDAY',
  'CLOSED_DAY',
  'BEFORE_OPENING',
  'BETWEEN_OPENINGS',
  'AFTER_CLOSING',
] as const;
export type OutsideReason = (typeof OUTSIDE_REASONS)[number];

/** An instant, moved into the business hours. */
export interface Adjusted {
  /** The first instant inside, at or after the one that was asked for; in ms since the epoch. */
  readonly at: number;
  /** Why it is not the one that was asked for; null: it is. */
  readonly moved: { readonly from: number; readonly because: OutsideReason } | null;
}

/** An opening of a certain day, as instants: the start is inside, the end is not. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Days that are looked through: whoever is closed for a whole year and a holiday besides has no next opening. */
const MOST_DAYS = 400;

/**
 * The next instant inside the business hours (CORE-11). An opening is one stretch of time, from the instant at which
 * it begins to the one at which it ends; where the clock skips or repeats one of these, the policy of
 * `resolveWallTime` applies. An opening across midnight belongs to the day on which it begins.
 * @throws INVALID_SCHEDULED_TIME when there is no opening within 400 days
 */
export function nextOpening(hours: BusinessHours, at: number, path = 'businessHours'): Adjusted {
  const today = readDate(localDate(at, hours.timezone)) ?? NaN;
  let best = Infinity;
  // From the day before on: its opening may last over midnight.
  for (let day = today - DAY_MS; day <= today + MOST_DAYS * DAY_MS; day += DAY_MS) {
    // A gap may move a start into the next day, but never past the one after: one day more is enough.
    const settled = best < Infinity;
    for (const { start, end } of stretchesOf(hours, day))
      if (end > at) best = Math.min(best, Math.max(start, at));
    if (best === at) return { at, moved: null };
    if (settled) return { at: best, moved: { from: at, because: reasonOf(hours, today, at) } };
  }
  throw new PunctualError('INVALID_SCHEDULED_TIME', `there is no opening within ${MOST_DAYS} days`, { path });
}

/**
 * The openings that begin on a day. One that a gap swallows is none.
 * @param day as `wallMsOf` counts its midnight
 */
function stretchesOf({ week, holidays, timezone }: BusinessHours, day: number): Stretch[] {
  if (holidays.has(dateOf(day))) return [];
  const instant = (wallMs: number): number => resolveWallTime(wallTimeOf(wallMs), timezone).at;
  return openingsOn(week, day)
    .map(({ startMs, endMs }) => ({ start: instant(day + startMs), end: instant(day + endMs) }))
    .filter(({ start, end }) => start < end);
}

function openingsOn(week: BusinessHours['week'], day: number): readonly Opening[] {
  // getUTCDay begins with Sunday, we with Monday.
  return week[(new Date(day).getUTCDay() + 6) % 7] ?? [];
}

function reasonOf(hours: BusinessHours, today: number, at: number): OutsideReason {
  if (openingsOn(hours.week, today).length === 0) return 'CLOSED_DAY';
  if (hours.holidays.has(dateOf(today))) return 'HOLIDAY';
  const stretches = stretchesOf(hours, today);
  const ahead = stretches.some(({ start }) => start > at);
  const behind = stretches.some(({ start }) => start <= at);
  if (ahead && behind) return 'BETWEEN_OPENINGS';
  return ahead ? 'BEFORE_OPENING' : 'AFTER_CLOSING';
}

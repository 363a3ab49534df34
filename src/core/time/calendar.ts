import { localDate, parseTimeOfDay, resolveWallTime } from './local-time.js';

/*
 * Calendar dates of a zone, as `2026-11-23`. Arithmetic on dates is done on the calendar; only `instantOn` makes an
 * instant, through the wall clock, so that days of 23 and 25 hours come out right.
 */

/** The date `days` after (or, negative, before) another. */
export function addDays(date: string, days: number): string {
  const at = new Date(`${date}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** The instant, in ms, of a time of day (`06:00`) on a date in a zone; moved forward by the gap where the clock skips it. */
export function instantOn(date: string, timeOfDay: string, zone: string): number {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  return resolveWallTime({ year, month, day, ...parseTimeOfDay(timeOfDay) }, zone).at;
}

/** The first instant after `after` at which the zone's clock shows a time of day; both in ms. */
export function nextTimeOfDay(after: number, timeOfDay: string, zone: string): number {
  const today = localDate(after, zone);
  // A zone may skip a date altogether, and then that date's instant is tomorrow's: hence one day more.
  for (let days = 0; days <= 2; days++) {
    const at = instantOn(addDays(today, days), timeOfDay, zone);
    if (at > after) return at;
  }
  throw new Error(`no ${timeOfDay} in ${zone} within two days of ${new Date(after).toISOString()}`);
}

import { parseTimeOfDay, PunctualError, resolveWallTime } from '../../core/index.js';

/**
 * Calendar dates of a zone, as `2026-11-23`. Arithmetic on dates is done on the calendar; only `instantOn` makes an
 * instant, through the core's wall clock, so that days of 23 and 25 hours come out right.
 */

/** Checks that a text is a date that exists. @throws VALIDATION_ERROR */
export function checkDate(text: string, path = 'date'): string {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  if (!at || Number.isNaN(at.getTime()) || !at.toISOString().startsWith(text)) {
    throw new PunctualError(
      'VALIDATION_ERROR',
      `${JSON.stringify(text.slice(0, 32))} is not a date like "2026-11-23"`,
      {
        path,
      },
    );
  }
  return text;
}

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

/** The instant, in ms, at which a date ends in a zone. */
export function endOfDate(date: string, zone: string): number {
  return instantOn(addDays(date, 1), '00:00', zone);
}

import { DateTime } from 'luxon';
import type { WallTime } from './local-time.js';

/*
 * Wall times as numbers: the ms since the epoch at which a clock set to UTC shows them. They can be compared and
 * shifted by days without any zone having a say. They are no instants: only `resolveWallTime` makes those.
 */

export const DAY_MS = 86_400_000;

/** The longest that any zone's clock has ever skipped at once, and more: Apia left out a day. */
export const LONGEST_GAP_MS = 2 * DAY_MS;

export function wallMsOf({ year, month, day, hour, minute, second }: WallTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

export function wallTimeOf(wallMs: number): WallTime {
  const shown = new Date(wallMs);
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
  };
}

/** What a zone's clocks show at an instant, to the second. */
export function wallTimeAt(at: number, zone: string): WallTime {
  const { year, month, day, hour, minute, second } = DateTime.fromMillis(at, { zone });
  return { year, month, day, hour, minute, second };
}

/** As `2026-11-24T06:00:00`. */
export function formatWallMs(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 19);
}

/** The date of a wall time, as `2026-11-24`. */
export function dateOf(wallMs: number): string {
  return formatWallMs(wallMs).slice(0, 10);
}

/** The beginning of a date like `2026-11-24`, as a wall time; null when there is no such date. */
export function readDate(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return null;
  const wallMs = Date.parse(`${text}T00:00:00Z`);
  // JavaScript reads the 30th of February as a day in March.
  return !Number.isNaN(wallMs) && dateOf(wallMs) === text ? wallMs : null;
}

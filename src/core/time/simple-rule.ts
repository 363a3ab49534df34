import { DAY_MS, wallTimeOf } from './wall-clock.js';
import { LAST_WALL_MS, type WallOccurrence, type WallTimes } from './wall-times.js';

export const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY'] as const;
export type Frequency = (typeof FREQUENCIES)[number];

/** Every `interval` days, weeks or months from the anchor on. */
export interface SimpleRule {
  readonly kind: 'SIMPLE';
  readonly frequency: Frequency;
  readonly interval: number;
}

/**
 * The wall times of a simple rule (CORE-12). Each is reckoned from the anchor and none from the one before it, so
 * that the 31st is the last day of a short month and the 31st again in the month after.
 */
export function simpleTimes({ frequency, interval }: SimpleRule, anchorMs: number): WallTimes {
  if (frequency === 'MONTHLY') return monthly(interval, anchorMs);
  const stepMs = interval * (frequency === 'WEEKLY' ? 7 : 1) * DAY_MS;
  return function* (fromMs) {
    const skipped = Math.max(0, Math.ceil((fromMs - anchorMs) / stepMs));
    for (let wallMs = anchorMs + skipped * stepMs; wallMs <= LAST_WALL_MS; wallMs += stepMs)
      yield { wallMs, clamped: false };
  };
}

function monthly(interval: number, anchorMs: number): WallTimes {
  const anchor = wallTimeOf(anchorMs);
  const nth = (n: number): WallOccurrence => {
    const month = anchor.month - 1 + n * interval;
    const lastDay = new Date(Date.UTC(anchor.year, month + 1, 0)).getUTCDate();
    const day = Math.min(anchor.day, lastDay);
    const wallMs = Date.UTC(anchor.year, month, day, anchor.hour, anchor.minute, anchor.second);
    return { wallMs, clamped: day < anchor.day };
  };
  return function* (fromMs) {
    const from = wallTimeOf(fromMs);
    const months = (from.year - anchor.year) * 12 + from.month - anchor.month;
    for (let n = Math.max(0, Math.floor(months / interval)); ; n += 1) {
      const found = nth(n);
      if (found.wallMs > LAST_WALL_MS) return;
      if (found.wallMs >= fromMs) yield found;
    }
  };
}

import { Duration } from 'luxon';
import { PunctualError } from '../errors.js';

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Reads a positive length of time: "30m", "1h", "2d", "45s", "250ms", or ISO 8601 ("PT30M", "P2D"), in ms (CORE-15).
 * Months and years are refused: they have no fixed length. @throws VALIDATION_ERROR
 */
export function parseDuration(text: string, path?: string): number {
  const simple = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  const ms = simple ? Number(simple[1]) * UNITS_MS[simple[2] as keyof typeof UNITS_MS] : isoMs(text);
  if (ms === null || !(ms > 0)) {
    throw new PunctualError(
      'VALIDATION_ERROR',
      `${JSON.stringify(text.slice(0, 32))} is not a positive duration like "30m" or "PT30M"`,
      path === undefined ? {} : { path },
    );
  }
  return ms;
}

function isoMs(text: string): number | null {
  if (!/^P(?=.)[0-9.,TDHMSW]{1,40}$/.test(text)) return null;
  const duration = Duration.fromISO(text);
  return duration.isValid && duration.months === 0 && duration.years === 0 ? duration.toMillis() : null;
}

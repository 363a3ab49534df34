import { localDate, resolveWallTime } from '../time/local-time.js';

/** A provider's day, from midnight to midnight of its zone. */
export interface ProviderDay {
  /** As `2026-11-23`. */
  readonly date: string;
  /** When it ends, in real ms since 1970. */
  readonly endsAt: number;
  /** The date that follows. */
  readonly nextDate: string;
}

/** Tells days apart, with the one of each zone kept: they are asked for with every reservation. */
export class ProviderDays {
  readonly #days = new Map<string, ProviderDay & { readonly since: number }>();

  /** The day of a zone at a real instant, in ms. @throws INVALID_TIMEZONE */
  at(nowMs: number, zone: string): ProviderDay {
    const known = this.#days.get(zone);
    if (known && known.since <= nowMs && nowMs < known.endsAt) return known;
    const day = { ...providerDay(nowMs, zone), since: nowMs };
    this.#days.set(zone, day);
    return day;
  }
}

/**
 * The day of a zone at a real instant, in ms. It has 23 or 25 hours where the clock changes, and where the change is
 * at midnight itself it ends with the first instant of the next date. @throws INVALID_TIMEZONE
 */
export function providerDay(nowMs: number, zone: string): ProviderDay {
  const date = localDate(nowMs, zone);
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const next = new Date(Date.UTC(year, month - 1, day + 1));
  const { at: endsAt } = resolveWallTime(
    {
      year: next.getUTCFullYear(),
      month: next.getUTCMonth() + 1,
      day: next.getUTCDate(),
      hour: 0,
      minute: 0,
      second: 0,
    },
    zone,
  );
  return { date, endsAt, nextDate: localDate(endsAt, zone) };
}

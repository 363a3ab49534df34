import { DateTime, IANAZone } from 'luxon';
import { PunctualError } from '../errors.js';

/** What happens to a wall time that the clock skips: move forward by the gap, or back to just before it. */
export type GapPolicy = 'FORWARD' | 'BACKWARD' | 'REJECT';
/** Which of two instants a repeated wall time means. */
export type OverlapPolicy = 'FIRST' | 'SECOND' | 'REJECT';

/** A wall-clock time without a zone. Months and days count from 1. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** A wall time resolved in a zone. */
export interface ResolvedTime {
  /** The instant, in ms since the epoch. */
  readonly at: number;
  /** The zone's offset at that instant, in minutes east of UTC. */
  readonly offsetMinutes: number;
  /** Set when the wall time did not exist, or existed twice. */
  readonly flag: 'GAP' | 'OVERLAP' | null;
}

const DAY_MS = 86_400_000;

/** Zones that were found good: luxon makes a formatter for each look, which a wave of 100,000 pays for in seconds. */
const known = new Set<string>();
/** More than there are zones, with their spellings. */
const KNOWN = 2_000;

/** Checks an IANA zone's name (CORE-10). @throws INVALID_TIMEZONE */
export function checkZone(zone: string, path = 'timezone'): string {
  if (known.has(zone)) return zone;
  if (IANAZone.isValidZone(zone)) {
    if (known.size < KNOWN) known.add(zone);
  } else {
    throw new PunctualError(
      'INVALID_TIMEZONE',
      `${JSON.stringify(zone.slice(0, 64))} is not an IANA time zone`,
      { path },
    );
  }
  return zone;
}

/**
 * The instant of a wall time in a zone (CORE-12, API-6). Luxon alone resolves a repeated hour from today's
 * offset, so the candidates are found here: each offset in force around the wall time that maps back to it.
 * None is a gap, two are an overlap, and the policies decide.
 * @throws INVALID_TIMEZONE, INVALID_SCHEDULED_TIME (no such date, or a policy of REJECT)
 */
export function resolveWallTime(
  wall: WallTime,
  zone: string,
  gap: GapPolicy = 'FORWARD',
  overlap: OverlapPolicy = 'FIRST',
): ResolvedTime {
  const iana = IANAZone.create(checkZone(zone));
  const asUtc = DateTime.fromObject({ ...wall }, { zone: 'utc' });
  if (!asUtc.isValid) {
    throw new PunctualError(
      'INVALID_SCHEDULED_TIME',
      `there is no such date or time: ${JSON.stringify(wall)}`,
    );
  }
  const wallMs = asUtc.toMillis();
  const before = iana.offset(wallMs - DAY_MS);
  const after = iana.offset(wallMs + DAY_MS);
  const fits = [...new Set([before, after])]
    .map((offset) => ({ at: wallMs - offset * 60_000, offsetMinutes: offset }))
    .filter((candidate) => iana.offset(candidate.at) === candidate.offsetMinutes)
    .sort((a, b) => a.at - b.at);
  const [first, second] = fits;
  if (first && second) {
    if (overlap === 'REJECT') throw ambiguous('exists twice', wall, zone);
    return { ...(overlap === 'FIRST' ? first : second), flag: 'OVERLAP' };
  }
  if (first) return { ...first, flag: null };
  if (gap === 'REJECT') throw ambiguous('does not exist', wall, zone);
  // Read with the offset from before the gap, the wall time lands behind it by what it lacked: that is "forward
  // by the gap". Read with the offset from after, it lands as far before it.
  const offset = gap === 'FORWARD' ? before : after;
  const at = wallMs - offset * 60_000;
  return { at, offsetMinutes: iana.offset(at), flag: 'GAP' };
}

function ambiguous(what: string, wall: WallTime, zone: string): PunctualError {
  const text = DateTime.fromObject({ ...wall }, { zone: 'utc' }).toFormat("yyyy-MM-dd'T'HH:mm:ss");
  return new PunctualError('INVALID_SCHEDULED_TIME', `${text} ${what} in ${zone}`);
}

/** Reads "09:00" or "09:00:30" strictly (CORE-15). @throws VALIDATION_ERROR */
export function parseTimeOfDay(
  text: string,
  path?: string,
): { hour: number; minute: number; second: number } {
  const match = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
  if (!match) {
    throw new PunctualError(
      'VALIDATION_ERROR',
      `${JSON.stringify(text.slice(0, 32))} is not a time of day like "09:00"`,
      {
        ...(path === undefined ? {} : { path }),
      },
    );
  }
  return { hour: Number(match[1]), minute: Number(match[2]), second: Number(match[3] ?? 0) };
}

/** The calendar date that a zone shows at an instant, as `2026-11-23`. */
export function localDate(atMs: number, zone: string): string {
  return DateTime.fromMillis(atMs, { zone }).toFormat('yyyy-MM-dd');
}

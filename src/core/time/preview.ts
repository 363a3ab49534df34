import type { BusinessHours } from './business-hours.js';
import type { ResolvedTime, WallTime } from './local-time.js';
import { nextOpening, type OutsideReason } from './next-opening.js';
import { occurrences, type OccurrenceFlag } from './occurrences.js';
import type { Recurrence } from './recurrence.js';
import { wallMsOf, wallTimeAt } from './wall-clock.js';

export type TimeFlag = OccurrenceFlag | 'MOVED_BY_BUSINESS_HOURS';

/** When something would be due, and by which rules. */
export interface PlannedTime {
  readonly number: number;
  readonly at: number;
  /** What the zone's clocks show at `at`, and their offset in minutes east of UTC. */
  readonly local: WallTime;
  readonly offsetMinutes: number;
  /** The wall time that was asked for, as `wallMsOf` counts. */
  readonly wallMs: number;
  readonly flags: readonly TimeFlag[];
  /** Set when the business hours moved it. */
  readonly moved: { readonly from: number; readonly because: OutsideReason } | null;
}

/** What is to be planned: one time, or a recurrence that begins there. */
export interface Plan {
  readonly zone: string;
  readonly first: ResolvedTime & { readonly wall: WallTime };
  readonly recurrence: Recurrence | null;
  readonly hours: BusinessHours | null;
}

/**
 * The first `limit` times of a plan, each after all the rules: the recurrence, the changes of the clock, the business
 * hours. What is planned in earnest takes the same way. @throws as `occurrences` and `nextOpening` do
 */
export function plannedTimes({ zone, first, recurrence, hours }: Plan, limit: number): PlannedTime[] {
  const wanted = recurrence
    ? occurrences(recurrence, zone, null, limit)
    : [{ number: 1, at: first.at, wallMs: wallMsOf(first.wall), flags: first.flag ? [first.flag] : [] }];
  return wanted.map(({ number, at: asked, wallMs, flags }) => {
    const { at, moved } = hours ? nextOpening(hours, asked) : { at: asked, moved: null };
    const local = wallTimeAt(at, zone);
    return {
      number,
      at,
      local,
      offsetMinutes: Math.round((wallMsOf(local) - Math.floor(at / 1_000) * 1_000) / 60_000),
      wallMs,
      flags: moved ? [...flags, 'MOVED_BY_BUSINESS_HOURS'] : flags,
      moved,
    };
  });
}

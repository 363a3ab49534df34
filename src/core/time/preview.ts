import { setImmediate } from 'node:timers/promises';
import type { BusinessHours } from './business-hours.js';
import type { ResolvedTime } from './local-time.js';
import { type Adjusted, nextOpening } from './next-opening.js';
import { OCCURRENCE_FLAGS, type OccurrenceFlag, eachOccurrence } from './occurrences.js';
import type { Recurrence } from './recurrence.js';
import { formatWallMs, wallMsOf, wallTimeAt } from './wall-clock.js';

export const TIME_FLAGS = [...OCCURRENCE_FLAGS, 'MOVED_BY_BUSINESS_HOURS'] as const;
export type TimeFlag = (typeof TIME_FLAGS)[number];

/** What is to be planned: one time, or a recurrence that begins there. */
export interface Plan {
  readonly zone: string;
  /** `wallMs` is the wall time that was asked for, as `wallMsOf` counts. */
  readonly first: Pick<ResolvedTime, 'at' | 'flag'> & { readonly wallMs: number };
  readonly recurrence: Recurrence | null;
  readonly hours: BusinessHours | null;
}

/** When something would be due, and which rules made it so. */
export interface PlannedTime {
  readonly number: number;
  readonly at: number;
  /** What the zone's clocks show at `at`, as `2026-11-24T06:00:00`, and their offset in minutes east of UTC. */
  readonly local: string;
  readonly offsetMinutes: number;
  /** The wall time that was asked for. */
  readonly asked: string;
  readonly flags: readonly TimeFlag[];
  readonly moved: Adjusted['moved'];
}

/** The first times of a plan. */
export interface Preview {
  readonly times: readonly PlannedTime[];
  readonly hasMore: boolean;
}

interface Wanted {
  readonly number: number;
  readonly at: number;
  readonly wallMs: number;
  readonly flags: readonly OccurrenceFlag[];
}

/**
 * The first `limit` times of a plan, after all the rules: the recurrence, the changes of the clock, the business hours.
 * @throws as `eachOccurrence` and `nextOpening` do
 */
export async function preview(plan: Plan, limit: number): Promise<Preview> {
  const wanted = await wantedTimes(plan, limit + 1);
  return {
    times: wanted.slice(0, limit).map((one) => planned(plan, one)),
    hasMore: wanted.length > limit,
  };
}

async function wantedTimes({ zone, first, recurrence }: Plan, limit: number): Promise<readonly Wanted[]> {
  if (!recurrence) {
    const { at, wallMs, flag } = first;
    return [{ number: 1, at, wallMs, flags: flag ? [flag] : [] }];
  }
  const wanted: Wanted[] = [];
  for (const occurrence of eachOccurrence(recurrence, zone, null)) {
    wanted.push(occurrence);
    if (wanted.length >= limit) break;
    // A rule that fires once in years takes 20 ms to be found each time: everybody else has a turn in between.
    await setImmediate();
  }
  return wanted;
}

function planned({ zone, hours }: Plan, { number, at: asked, wallMs, flags }: Wanted): PlannedTime {
  const { at, moved } = hours ? nextOpening(hours, asked) : { at: asked, moved: null };
  const localMs = wallMsOf(wallTimeAt(at, zone));
  return {
    number,
    at,
    local: formatWallMs(localMs),
    offsetMinutes: Math.round((localMs - at) / 60_000),
    asked: formatWallMs(wallMs),
    flags: moved ? [...flags, 'MOVED_BY_BUSINESS_HOURS'] : flags,
    moved,
  };
}

import {
  addDays,
  type Core,
  instantOn,
  type Job,
  localDate,
  nextTimeOfDay,
  PunctualError,
} from '../../core/index.js';
import { PROGRAM } from './plan.js';
import type { Waves } from './wave.js';
import { waveWindow, type WaveTimes } from './window.js';

/** When the wave is planned by itself. */
export interface PlanTimes extends WaveTimes {
  /** Whose wave it is. */
  readonly owner: string;
  /** Time of day: before `sendAt` for the wave of the same date, else for that of the next. */
  readonly planAt: string;
}

/**
 * Plans each day's wave by itself (DC-2). After downtime the latest one is planned, if its day is not over yet, and
 * those before it are let go: yesterday's content is no news (CORE-14).
 */
export function planJob(
  { clock }: Pick<Core, 'clock'>,
  waves: Pick<Waves, 'schedule'>,
  times: PlanTimes,
): Job {
  return {
    name: `${PROGRAM}.plan`,
    next: (after) => nextTimeOfDay(after, times.planAt, times.timezone),
    run: async () => {
      const now = clock.now();
      const date = dateToPlan(now, times);
      const { expiresAt } = waveWindow(
        { date },
        times,
        Math.min(now, instantOn(date, '00:00', times.timezone)),
      );
      if (expiresAt > now) await waves.schedule(times.owner, { date }).catch(unlessCancelled);
    },
  };
}

/** A wave that somebody has cancelled is not to be planned: that is no failure of the job. */
function unlessCancelled(error: unknown): void {
  if (!(error instanceof PunctualError && error.code === 'INVALID_OPERATION')) throw error;
}

/** The date of the wave that was to be planned last, as of `now`. */
function dateToPlan(now: number, { planAt, sendAt, timezone }: PlanTimes): string {
  const today = localDate(now, timezone);
  const plannedOn = instantOn(today, planAt, timezone) <= now ? today : addDays(today, -1);
  return instantOn(plannedOn, planAt, timezone) < instantOn(plannedOn, sendAt, timezone)
    ? plannedOn
    : addDays(plannedOn, 1);
}

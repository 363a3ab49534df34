import { DateTime } from 'luxon';
import { addDays, instantOn, localDate, PunctualError } from '../../core/index.js';
import { checkDate, endOfDate } from './local-day.js';

/** When the day's wave goes out, as configured (DC-1). */
export interface WaveTimes {
  readonly timezone: string;
  /** Time of day. */
  readonly sendAt: string;
  readonly jitterBeforeMs: number;
  readonly jitterAfterMs: number;
}

/** What may be asked for instead. */
export interface WaveRequest {
  /** The date whose content is sent; the next one whose window has not closed, when omitted. */
  readonly date?: string;
  /** A wave of its own at this instant, in ms, besides the day's. Its date is that of the instant. */
  readonly at?: number;
  /** How far before and after the instant deliveries are spread, in ms. */
  readonly beforeMs?: number;
  readonly afterMs?: number;
}

/** Which wave it is, and between which instants (ms) its deliveries fall due. */
export interface WaveWindow {
  /** One wave for each: the date, or date and time of day for a wave of its own. */
  readonly occurrence: string;
  readonly date: string;
  readonly timezone: string;
  readonly from: number;
  /** Exclusive, unless it equals `from`: then everything is due at that instant. */
  readonly to: number;
  /** What is not sent by then is not sent at all: yesterday's content is no news. */
  readonly expiresAt: number;
}

/** A wave close to midnight still has this long after its window, in ms. */
const LEAST_GRACE_MS = 3_600_000;
/** A wider window is taken for a mistake in the unit, in ms. */
const WIDEST_MS = 12 * 3_600_000;

/**
 * The window that is asked for.
 * @param now engine time, ms
 * @throws VALIDATION_ERROR, INVALID_SCHEDULED_TIME when nothing of it could be sent any more
 */
export function waveWindow(request: WaveRequest, times: WaveTimes, now: number): WaveWindow {
  const { timezone } = times;
  const beforeMs = checkSpread(request.beforeMs ?? times.jitterBeforeMs, 'window.before');
  const afterMs = checkSpread(request.afterMs ?? times.jitterAfterMs, 'window.after');
  const given = request.date === undefined ? null : checkDate(request.date);
  if (request.at !== undefined) {
    const at = checkOwnInstant(request.at, now);
    const date = localDate(at, timezone);
    if (given !== null && given !== date) {
      throw new PunctualError('VALIDATION_ERROR', `at is on ${date} in ${timezone}, not on ${given}`, {
        path: 'date',
      });
    }
    const timeOfDay = DateTime.fromMillis(at, { zone: timezone }).toFormat('HHmmss');
    return frame(
      `${date}T${timeOfDay}`,
      date,
      timezone,
      Math.max(at - beforeMs, Math.ceil(now)),
      at + afterMs,
    );
  }
  const on = (date: string): WaveWindow => {
    const at = instantOn(date, times.sendAt, timezone);
    return frame(date, date, timezone, at - beforeMs, at + afterMs);
  };
  if (given === null) {
    const today = on(localDate(now, timezone));
    return today.to > now ? today : on(addDays(today.date, 1));
  }
  const wave = on(given);
  if (wave.expiresAt <= now) {
    throw new PunctualError('INVALID_SCHEDULED_TIME', `the day ${given} is over in ${timezone}`, {
      path: 'date',
    });
  }
  return wave;
}

function frame(occurrence: string, date: string, timezone: string, from: number, to: number): WaveWindow {
  const expiresAt = Math.max(endOfDate(date, timezone), to + LEAST_GRACE_MS);
  return { occurrence, date, timezone, from, to, expiresAt };
}

/** Whole seconds, rounded up, because the occurrence is written in seconds and nothing goes out early. */
function checkOwnInstant(at: number, now: number): number {
  if (at < now) {
    const problem = `${new Date(at).toISOString()} is in the past; it is ${new Date(now).toISOString()} now`;
    throw new PunctualError('INVALID_SCHEDULED_TIME', problem, { path: 'at' });
  }
  return Math.ceil(at / 1_000) * 1_000;
}

function checkSpread(ms: number, path: string): number {
  if (!(ms >= 0 && ms <= WIDEST_MS)) {
    throw new PunctualError('VALIDATION_ERROR', `${ms} ms is not between 0 and 12 hours`, { path });
  }
  return ms;
}

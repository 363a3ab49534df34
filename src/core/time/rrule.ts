import { RRuleTemporal } from 'rrule-temporal';
import { PunctualError } from '../errors.js';
import { type RRule, readRRuleText } from './rrule-text.js';
import { formatWallMs } from './wall-clock.js';
import { LAST_WALL_MS, type WallTimes } from './wall-times.js';

/** Periods that are looked through for the next occurrence: 13 years of days, enough for each 29th of February. */
const MOST_PERIODS = 5_000;
/** Times that are looked at within them. Both bounds are for one occurrence, and a tenth of a second. */
const MOST_CANDIDATES = 10_000;

/** Reads a rule and checks that it fits together and ever occurs. @throws VALIDATION_ERROR */
export function readRRule(text: string, anchorMs: number, path: string): RRule {
  const rule = readRRuleText(text, path);
  let first: unknown;
  try {
    [first] = rruleTimes(rule, anchorMs)(anchorMs);
  } catch (cause) {
    throw impossible(cause, path);
  }
  if (first === undefined) throw new PunctualError('VALIDATION_ERROR', 'never occurs', { path });
  return rule;
}

/**
 * The wall times of a rule from the anchor on, its COUNT, UNTIL and EXDATE left aside (CORE-12). The library reckons
 * as if the wall were in UTC, where no clock is ever changed: it would leave out what a gap skips. As RFC 5545 has
 * it, a day that a month lacks is left out; `BYMONTHDAY=-1` is each month's last.
 */
export function rruleTimes({ rule }: RRule, anchorMs: number): WallTimes {
  const start = formatWallMs(anchorMs).replaceAll(/[-:]/g, '');
  const rrule = new RRuleTemporal({
    rruleString: `DTSTART:${start}Z\nRRULE:${rule}`,
    strict: true,
    maxIterations: MOST_PERIODS,
    maxCandidateEvaluations: MOST_CANDIDATES,
    cache: false,
  });
  return function* (fromMs) {
    // "Next" is after what it is given.
    let wallMs = Math.max(fromMs, anchorMs) - 1;
    for (;;) {
      const next = rrule.next(new Date(wallMs));
      if (!next || next.epochMilliseconds > LAST_WALL_MS) return;
      wallMs = next.epochMilliseconds;
      yield { wallMs, clamped: false };
    }
  };
}

function impossible(cause: unknown, path: string): PunctualError {
  const problem = cause instanceof Error ? cause.message : String(cause);
  const never = problem.startsWith('Maximum ');
  return new PunctualError('VALIDATION_ERROR', never ? 'never occurs, or hardly ever' : problem, {
    path,
    cause,
  });
}

import { PunctualError } from '../errors.js';
import { type CronRule, cronTimes, readCron } from './cron.js';
import type { RRule } from './rrule-text.js';
import { readRRule, rruleTimes } from './rrule.js';
import { type Frequency, type SimpleRule, simpleTimes } from './simple-rule.js';
import { DAY_MS, readDate } from './wall-clock.js';
import type { WallTimes } from './wall-times.js';

/** A rule as it is written: exactly one of `frequency`, `rrule` and `cron`. */
export interface RecurrenceText {
  readonly frequency?: Frequency | null;
  /** With `frequency` only; 1 when absent. */
  readonly interval?: number | null;
  readonly rrule?: string | null;
  readonly cron?: string | null;
  /** The last local date on which it may occur, as `2026-12-31`. */
  readonly endDate?: string | null;
  readonly maxOccurrences?: number | null;
}

/** When something happens again and again: a rule, the wall time that it is anchored to, and its ends. */
export interface Recurrence {
  readonly rule: SimpleRule | RRule | CronRule;
  /** Where it begins, as `wallMsOf` counts: nothing happens before. */
  readonly anchorMs: number;
  /** The last day on which it may occur: where it begins, as `wallMsOf` counts. */
  readonly endDayMs: number | null;
  readonly maxOccurrences: number | null;
}

const LONGEST_INTERVAL = 1_000;
const MOST_OCCURRENCES = 1_000_000;

/**
 * Reads a rule (CORE-12).
 * @param anchorMs the wall time that it begins at
 * @throws VALIDATION_ERROR with the path of the field, below `path`
 */
export function readRecurrence(text: RecurrenceText, anchorMs: number, path: string): Recurrence {
  checkWhole(text.maxOccurrences, MOST_OCCURRENCES, `${path}.maxOccurrences`);
  return {
    rule: readRule(text, anchorMs, path),
    anchorMs,
    endDayMs: text.endDate == null ? null : readEnd(text.endDate, anchorMs, `${path}.endDate`),
    maxOccurrences: text.maxOccurrences ?? null,
  };
}

/** The wall times of any rule, without its ends. */
export function wallTimesOf({ rule, anchorMs }: Recurrence): WallTimes {
  switch (rule.kind) {
    case 'SIMPLE':
      return simpleTimes(rule, anchorMs);
    case 'RRULE':
      return rruleTimes(rule, anchorMs);
    case 'CRON':
      return cronTimes(rule, anchorMs);
  }
}

function readRule(text: RecurrenceText, anchorMs: number, path: string): Recurrence['rule'] {
  const given = (['frequency', 'rrule', 'cron'] as const).filter((name) => text[name] != null);
  if (given.length !== 1) {
    const what = given.length === 0 ? 'none is given' : `${given.join(' and ')} are given`;
    throw refusal(`exactly one of frequency, rrule and cron is needed; ${what}`, path);
  }
  checkWhole(text.interval, LONGEST_INTERVAL, `${path}.interval`);
  if (text.frequency != null)
    return { kind: 'SIMPLE', frequency: text.frequency, interval: text.interval ?? 1 };
  if (text.interval != null) throw refusal('goes with frequency only', `${path}.interval`);
  return text.rrule != null
    ? readRRule(text.rrule, anchorMs, `${path}.rrule`)
    : readCron(text.cron ?? '', `${path}.cron`);
}

function readEnd(text: string, anchorMs: number, path: string): number {
  const dayMs = readDate(text);
  if (dayMs === null)
    throw refusal(`${JSON.stringify(text.slice(0, 32))} is not a date like "2026-12-31"`, path);
  if (dayMs + DAY_MS <= anchorMs) throw refusal('is before the first time', path);
  return dayMs;
}

function checkWhole(value: number | null | undefined, most: number, path: string): void {
  if (value == null || (Number.isInteger(value) && value >= 1 && value <= most)) return;
  throw refusal(`must be a whole number from 1 to ${most}`, path);
}

function refusal(problem: string, path: string): PunctualError {
  return new PunctualError('VALIDATION_ERROR', problem, { path });
}

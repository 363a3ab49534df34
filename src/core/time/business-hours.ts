import { PunctualError } from '../errors.js';
import { readHolidayCalendar } from './holiday-calendar.js';
import { checkZone, parseTimeOfDay } from './local-time.js';
import { DAY_MS, readDate } from './wall-clock.js';

export const WEEKDAYS = [
  'MONDAY',
  'TUESDAY',
  'WEDNESDAY',
  'THURSDAY',
  'FRIDAY',
  'SATURDAY',
  'SUNDAY',
] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Opening times as they are written. */
export interface OpeningText {
  /** Monday to Friday when absent. */
  readonly daysOfWeek?: readonly Weekday[] | null;
  /** As `09:00`, the default: inside. */
  readonly start?: string | null;
  /** As `18:00`, the default: outside. At or before `start`: on the next day. */
  readonly end?: string | null;
}

/** Business hours as they are written: one opening a day, or `openings`. */
export interface BusinessHoursText extends OpeningText {
  /** Several a day, or different ones; instead of the three fields of one. */
  readonly openings?: readonly OpeningText[] | null;
  /** By default that of what is scheduled. */
  readonly timezone?: string | null;
  /** Dates as `2026-12-25`: no opening begins on them. */
  readonly holidays?: readonly string[] | null;
  /** More holidays: the text of an iCalendar file. */
  readonly holidayCalendar?: string | null;
}

/** When there is somebody to be reached (CORE-11). */
export interface BusinessHours {
  readonly timezone: string;
  /** For each weekday from Monday on, the openings that begin on it: wall times from its midnight on, in ms. */
  readonly week: readonly (readonly Opening[])[];
  /** Dates on which no opening begins. */
  readonly holidays: ReadonlySet<string>;
}

export interface Opening {
  readonly startMs: number;
  readonly endMs: number;
}

const DEFAULT_DAYS: readonly Weekday[] = WEEKDAYS.slice(0, 5);
const DEFAULT_START = '09:00';
const DEFAULT_END = '18:00';
const MOST_OPENINGS = 20;
const MOST_HOLIDAYS = 1_000;

/**
 * Reads business hours.
 * @param timezone where they do not say theirs
 * @throws VALIDATION_ERROR, INVALID_TIMEZONE with the path of the field, below `path`
 */
export function readBusinessHours(text: BusinessHoursText, timezone: string, path: string): BusinessHours {
  const zone = checkZone(text.timezone ?? timezone, `${path}.timezone`);
  if (text.openings != null && (text.start != null || text.end != null || text.daysOfWeek != null))
    throw refusal('openings goes without start, end and daysOfWeek', `${path}.openings`);
  const openings = text.openings ?? [text];
  if (openings.length < 1 || openings.length > MOST_OPENINGS)
    throw refusal(`must be 1 to ${MOST_OPENINGS}`, `${path}.openings`);
  const week: Opening[][] = WEEKDAYS.map(() => []);
  for (const [i, opening] of openings.entries()) {
    const at = text.openings == null ? path : `${path}.openings[${i}]`;
    const read = readOpening(opening, at);
    const days = opening.daysOfWeek ?? DEFAULT_DAYS;
    if (days.length === 0) throw refusal('needs a day', `${at}.daysOfWeek`);
    for (const day of new Set(days)) week[WEEKDAYS.indexOf(day)]?.push(read);
  }
  const holidays = readHolidays(text.holidays ?? [], `${path}.holidays`);
  const calendar = text.holidayCalendar;
  const more = calendar == null ? [] : readHolidayCalendar(calendar, `${path}.holidayCalendar`);
  return { timezone: zone, week, holidays: new Set([...holidays, ...more]) };
}

function readOpening({ start, end }: OpeningText, path: string): Opening {
  const startMs = timeOfDayMs(start ?? DEFAULT_START, `${path}.start`);
  const endMs = timeOfDayMs(end ?? DEFAULT_END, `${path}.end`);
  return { startMs, endMs: endMs > startMs ? endMs : endMs + DAY_MS };
}

function timeOfDayMs(text: string, path: string): number {
  const { hour, minute, second } = parseTimeOfDay(text, path);
  return ((hour * 60 + minute) * 60 + second) * 1_000;
}

function readHolidays(dates: readonly string[], path: string): readonly string[] {
  if (dates.length > MOST_HOLIDAYS) throw refusal(`may be ${MOST_HOLIDAYS}`, path);
  for (const [i, date] of dates.entries()) {
    if (readDate(date) === null) {
      const shown = JSON.stringify(date.slice(0, 32));
      throw refusal(`${shown} is not a date like "2026-12-25"`, `${path}[${i}]`);
    }
  }
  return dates;
}

function refusal(problem: string, path: string): PunctualError {
  return new PunctualError('VALIDATION_ERROR', problem, { path });
}

import { PunctualError } from '../errors.js';
import { DAY_MS, dateOf, readDate } from './wall-clock.js';

const LONGEST_TEXT = 200_000;
/** Days of one event: a longer one is no holiday but a mistake. */
const LONGEST_EVENT_DAYS = 366;

/**
 * The dates of an iCalendar file's all-day events (RFC 5545, `DTSTART;VALUE=DATE`), ascending: DTEND is the day after
 * the last. Events with a time of day are no holidays and are refused, as are repeated ones, because a calendar that is
 * read in part would be trusted in full. @throws VALIDATION_ERROR
 */
export function readHolidayCalendar(text: string, path: string): string[] {
  const refuse = (problem: string): never => {
    throw new PunctualError('VALIDATION_ERROR', problem, { path });
  };
  if (text.length > LONGEST_TEXT) refuse(`may have ${LONGEST_TEXT} characters`);
  const days = new Set<string>();
  let event: Map<string, string> | null = null;
  let isCalendar = false;
  for (const line of text.replaceAll(/\r?\n[ \t]/g, '').split(/\r?\n/)) {
    const [, name = '', value = ''] = /^([A-Za-z-]+)(?:;[^:]*)?:(.*)$/.exec(line) ?? [];
    const entry = `${name}:${value}`.toUpperCase().trim();
    if (entry === 'BEGIN:VCALENDAR') isCalendar = true;
    else if (entry === 'BEGIN:VEVENT') event = new Map();
    else if (entry === 'END:VEVENT' && event) {
      for (const day of daysOf(event, refuse)) days.add(day);
      event = null;
    } else event?.set(name.toUpperCase(), value.trim());
  }
  if (!isCalendar) refuse('is no iCalendar file: BEGIN:VCALENDAR is missing');
  if (event) refuse('ends within an event');
  return [...days].sort();
}

function* daysOf(event: ReadonlyMap<string, string>, refuse: (problem: string) => never): Generator<string> {
  const named = JSON.stringify((event.get('SUMMARY') ?? 'an event').slice(0, 64));
  if (event.has('RRULE') || event.has('RDATE')) refuse(`${named} is repeated: write each of its dates out`);
  const start = event.get('DTSTART');
  const first = dayOf(start ?? '') ?? refuse(`${named} has no date, but ${String(start).slice(0, 32)}`);
  const end = event.get('DTEND');
  const after =
    end === undefined
      ? first + DAY_MS
      : (dayOf(end) ?? refuse(`${named} does not end with a date, but ${end.slice(0, 32)}`));
  if (after <= first) refuse(`${named} ends before it begins`);
  if (after - first > LONGEST_EVENT_DAYS * DAY_MS) refuse(`${named} is longer than a year`);
  for (let day = first; day < after; day += DAY_MS) yield dateOf(day);
}

function dayOf(text: string): number | null {
  const match = /^(\d{4})(\d\d)(\d\d)$/.exec(text);
  return match && readDate(`${match[1]}-${match[2]}-${match[3]}`);
}

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type BusinessHours,
  type BusinessHoursText,
  readBusinessHours,
  WEEKDAYS,
} from '../../src/core/time/business-hours.js';
import { readHolidayCalendar } from '../../src/core/time/holiday-calendar.js';
import { resolveWallTime } from '../../src/core/time/local-time.js';
import { nextOpening } from '../../src/core/time/next-opening.js';
import { DAY_MS, dateOf, wallMsOf, wallTimeAt, wallTimeOf } from '../../src/core/time/wall-clock.js';

const MINUTE_MS = 60_000;

const hours = (text: BusinessHoursText = {}, timezone = 'Asia/Kolkata'): BusinessHours =>
  readBusinessHours(text, timezone, 'businessHours');

/** Where a local time of the hours' own zone is moved to, and why. */
function moved(own: BusinessHours, local: string): string {
  const at = resolveWallTime(wallTimeOf(Date.parse(`${local}Z`)), own.timezone).at;
  const found = nextOpening(own, at);
  const shown = new Date(wallMsOf(wallTimeAt(found.at, own.timezone))).toISOString().slice(0, 16);
  expect(found.moved?.from ?? found.at).toBe(at);
  return found.moved ? `${shown} ${found.moved.because}` : shown;
}

describe('CORE-11 business hours', () => {
  // 2026-11-27 is a Friday.
  it.each([
    ['2026-11-27T09:00', '2026-11-27T09:00'],
    ['2026-11-27T17:59:59', '2026-11-27T17:59'],
    ['2026-11-27T18:00', '2026-11-30T09:00 AFTER_CLOSING'],
    ['2026-11-27T08:59:59', '2026-11-27T09:00 BEFORE_OPENING'],
    ['2026-11-28T12:00', '2026-11-30T09:00 CLOSED_DAY'],
  ])('CORE-11 by default Monday to Friday, start inside and end outside: %s', (local, expected) => {
    expect(moved(hours(), local)).toBe(expected);
  });

  it('CORE-11 no opening begins on a holiday, and the reason says so', () => {
    const own = hours({ holidays: ['2026-12-25'] });
    expect(moved(own, '2026-12-25T10:00')).toBe('2026-12-28T09:00 HOLIDAY');
    expect(moved(own, '2026-12-24T19:00')).toBe('2026-12-28T09:00 AFTER_CLOSING');
  });

  it('CORE-11 an opening across midnight lasts into the next day, a holiday or a closed one too', () => {
    const own = hours({ start: '22:00', end: '06:00', holidays: ['2026-11-25'] });
    expect(moved(own, '2026-11-25T05:59')).toBe('2026-11-25T05:59');
    expect(moved(own, '2026-11-25T06:00')).toBe('2026-11-26T22:00 HOLIDAY');
    expect(moved(own, '2026-11-26T01:00')).toBe('2026-11-26T22:00 BEFORE_OPENING');
    expect(moved(own, '2026-11-28T03:00')).toBe('2026-11-28T03:00');
    expect(moved(own, '2026-11-28T06:00')).toBe('2026-11-30T22:00 CLOSED_DAY');
    // The same time of day twice is a whole day.
    expect(moved(hours({ start: '09:00', end: '09:00' }), '2026-11-28T08:59')).toBe('2026-11-28T08:59');
  });

  it('CORE-11 several openings a day', () => {
    const own = hours({
      openings: [
        { start: '15:00', end: '18:00' },
        { start: '09:00', end: '12:00' },
        { daysOfWeek: ['SATURDAY'], start: '10:00', end: '12:00' },
      ],
    });
    expect(moved(own, '2026-11-27T12:00')).toBe('2026-11-27T15:00 BETWEEN_OPENINGS');
    expect(moved(own, '2026-11-27T18:00')).toBe('2026-11-28T10:00 AFTER_CLOSING');
    expect(moved(own, '2026-11-28T12:00')).toBe('2026-11-30T09:00 AFTER_CLOSING');
  });

  it('CORE-11 openings keep to the wall across changes of the clock', () => {
    const days = [...WEEKDAYS];
    const newYork = hours({ daysOfWeek: days, start: '02:30', end: '05:00' }, 'America/New_York');
    expect(moved(newYork, '2026-03-08T01:00')).toBe('2026-03-08T03:30 BEFORE_OPENING');
    const swallowed = hours({ daysOfWeek: days, start: '02:30', end: '03:15' }, 'America/New_York');
    expect(moved(swallowed, '2026-03-08T01:00')).toBe('2026-03-09T02:30 AFTER_CLOSING');
    // The second 01:15 is outside of an opening that ended at the first.
    const early = hours({ daysOfWeek: days, start: '00:00', end: '01:30' }, 'America/New_York');
    const second = Date.parse('2026-11-01T01:15:00-05:00');
    expect(nextOpening(early, second).at).toBe(Date.parse('2026-11-02T00:00:00-05:00'));
  });

  it('CORE-11 whoever never opens is told so', () => {
    const holidays = Array.from({ length: 500 }, (_, i) => dateOf(Date.UTC(2026, 10, 1) + i * DAY_MS));
    expect(() => moved(hours({ holidays }), '2026-11-27T09:00')).toThrow(
      expect.objectContaining({
        code: 'INVALID_SCHEDULED_TIME',
        message: 'there is no opening within 400 days',
      }),
    );
  });

  it.each<[BusinessHoursText, string]>([
    [{ start: '9:00' }, 'businessHours.start'],
    [{ end: '24:00' }, 'businessHours.end'],
    [{ daysOfWeek: [] }, 'businessHours.daysOfWeek'],
    [{ openings: [] }, 'businessHours.openings'],
    [{ openings: [{}], start: '09:00' }, 'businessHours.openings'],
    [{ openings: [{}, { start: 'noon' }] }, 'businessHours.openings[1].start'],
    [{ holidays: ['2026-12-25', '2026-02-30'] }, 'businessHours.holidays[1]'],
  ])('CORE-11 refuses %j', (text, path) => {
    expect(() => hours(text)).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR', path }));
  });

  it('CORE-10 refuses an unknown zone', () => {
    expect(() => hours({}, 'Mars/Olympus')).toThrow(
      expect.objectContaining({ code: 'INVALID_TIMEZONE', path: 'businessHours.timezone' }),
    );
  });
});

const timeOfDay = fc
  .record({ hour: fc.nat(23), minute: fc.constantFrom('00', '15', '30', '45') })
  .map(({ hour, minute }) => `${String(hour).padStart(2, '0')}:${minute}`);
const opening = fc.record({
  daysOfWeek: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }),
  start: timeOfDay,
  end: timeOfDay,
});
/** Around changes of the clock: the last week of March and of October, the first of April and of November. */
const near = fc
  .tuple(
    fc.constantFrom('2026-03-29', '2026-10-25', '2026-04-05', '2026-11-01'),
    fc.integer({ min: -4_000, max: 4_000 }),
  )
  .map(([date, minutes]) => Date.parse(`${date}T02:00Z`) + minutes * MINUTE_MS);
const anyHours = fc
  .record({
    openings: fc.array(opening, { minLength: 1, maxLength: 3 }),
    holidays: fc.subarray(['2026-03-29', '2026-10-25', '2026-11-02', '2026-04-06']),
    timezone: fc.constantFrom('Europe/Paris', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'),
  })
  .map((text) => readBusinessHours(text, 'UTC', 'businessHours'));

/** Said another way: every opening of the days around, as instants. */
function stretches(own: BusinessHours, around: number): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  const noon = Math.floor(around / DAY_MS) * DAY_MS;
  for (let day = noon - 4 * DAY_MS; day <= noon + 16 * DAY_MS; day += DAY_MS) {
    if (own.holidays.has(dateOf(day))) continue;
    const weekday = new Date(day)
      .toLocaleDateString('en-US', { weekday: 'long', timeZone: 'UTC' })
      .toUpperCase();
    for (const { startMs, endMs } of own.week[WEEKDAYS.findIndex((name) => name === weekday)] ?? []) {
      const at = (ms: number): number => resolveWallTime(wallTimeOf(day + ms), own.timezone).at;
      found.push([at(startMs), at(endMs)]);
    }
  }
  return found;
}

describe('CORE-11 laws', () => {
  it('CORE-11 the result is inside, nothing inside is between it and what was asked for, and it stays', () => {
    fc.assert(
      fc.property(anyHours, near, (own, at) => {
        const all = stretches(own, at);
        const isInside = (instant: number): boolean =>
          all.some(([start, end]) => start <= instant && instant < end);
        const found = nextOpening(own, at);
        expect(found.at).toBeGreaterThanOrEqual(at);
        expect(isInside(found.at)).toBe(true);
        expect(found.moved === null).toBe(isInside(at));
        // Between two instants, whatever is inside begins at a start or at the first of them.
        const earlier = [at, ...all.map(([start]) => start)].filter((i) => i >= at && i < found.at);
        expect(earlier.filter(isInside)).toEqual([]);
        expect(nextOpening(own, found.at)).toEqual({ at: found.at, moved: null });
      }),
      { numRuns: 400 },
    );
  });
});

const calendarOf = (...events: string[]): string =>
  [
    'BEGIN:VCALENDAR',
    ...events.flatMap((e) => ['BEGIN:VEVENT', ...e.split('|'), 'END:VEVENT']),
    'END:VCALENDAR',
  ].join('\r\n');

describe('CORE-11 holidays of an iCalendar file', () => {
  it('CORE-11 gives the days of all-day events, the day of DTEND left out', () => {
    const text = calendarOf(
      'SUMMARY:Christmas|DTSTART;VALUE=DATE:20261225|DTEND;VALUE=DATE:20261227',
      'SUMMARY:Lundi de\r\n  Pâques|DTSTART;VALUE=DATE:20260406',
    );
    expect(readHolidayCalendar(text, 'holidayCalendar')).toEqual(['2026-04-06', '2026-12-25', '2026-12-26']);
  });

  it.each([
    ['nothing', '', /BEGIN:VCALENDAR is missing/],
    ['an open event', 'BEGIN:VCALENDAR\nBEGIN:VEVENT', /ends within an event/],
    ['no date', calendarOf('SUMMARY:X'), /"X" has no date/],
    ['a time', calendarOf('DTSTART:20261225T090000'), /has no date, but 20261225T090000/],
    ['a bad end', calendarOf('DTSTART:20261225|DTEND:never'), /does not end with a date/],
    ['an early end', calendarOf('DTSTART:20261225|DTEND:20261225'), /ends before it begins/],
    ['repetition', calendarOf('DTSTART:20261225|RRULE:FREQ=YEARLY'), /write each of its dates out/],
    ['a long event', calendarOf('DTSTART:20261225|DTEND:20281225'), /longer than a year/],
  ])('CORE-11 refuses %s', (_what, text, message) => {
    expect(() => readHolidayCalendar(text, 'holidayCalendar')).toThrow(message);
    expect(() => readHolidayCalendar(text, 'holidayCalendar')).toThrow(
      expect.objectContaining({ code: 'VALIDATION_ERROR', path: 'holidayCalendar' }),
    );
  });
});

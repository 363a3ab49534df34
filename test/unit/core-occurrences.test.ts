import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Occurrence, occurrences } from '../../src/core/time/occurrences.js';
import { readRecurrence, type RecurrenceText } from '../../src/core/time/recurrence.js';
import { formatWallMs, wallMsOf, wallTimeAt } from '../../src/core/time/wall-clock.js';

const NEW_YORK = 'America/New_York';

const anchorOf = (local: string): number => Date.parse(`${local}Z`);

function times(text: RecurrenceText, start: string, zone = 'UTC', limit = 6): Occurrence[] {
  return occurrences(readRecurrence(text, anchorOf(start), 'recurrence'), zone, null, limit);
}

/** As `2026-02-28T09:00 -05:00 CLAMPED`: the wall time that was asked for, the offset, the flags. */
function told(found: readonly Occurrence[]): string[] {
  return found.map(({ wallMs, offsetMinutes, flags }) =>
    [formatWallMs(wallMs).slice(0, 16), offsetMinutes, ...flags].join(' '),
  );
}

const dates = (found: readonly Occurrence[]): string[] =>
  found.map(({ wallMs }) => formatWallMs(wallMs).slice(0, 10));

describe('CORE-12 the simple rules', () => {
  it('CORE-12 the 31st is the last day of a short month, and the 31st again in the month after', () => {
    expect(told(times({ frequency: 'MONTHLY' }, '2027-12-31T09:00', NEW_YORK, 5))).toEqual([
      '2027-12-31T09:00 -300',
      '2028-01-31T09:00 -300',
      '2028-02-29T09:00 -300 CLAMPED',
      '2028-03-31T09:00 -240',
      '2028-04-30T09:00 -240 CLAMPED',
    ]);
  });

  it('CORE-12 09:00 stays 09:00 across a change; a gap moves it forward, an overlap fires once, at the first', () => {
    const weekly = { frequency: 'WEEKLY', interval: 1 } as const;
    expect(told(times(weekly, '2026-03-01T09:00', NEW_YORK, 2))).toEqual([
      '2026-03-01T09:00 -300',
      '2026-03-08T09:00 -240',
    ]);
    const gap = times({ frequency: 'DAILY' }, '2026-03-07T02:30', NEW_YORK, 3);
    expect(told(gap)).toEqual([
      '2026-03-07T02:30 -300',
      '2026-03-08T02:30 -240 GAP',
      '2026-03-09T02:30 -240',
    ]);
    expect(formatWallMs(gap[1]?.at ?? 0)).toBe('2026-03-08T07:30:00');
    const overlap = times({ frequency: 'DAILY' }, '2026-10-31T01:30', NEW_YORK, 3);
    expect(told(overlap)).toEqual([
      '2026-10-31T01:30 -240',
      '2026-11-01T01:30 -240 OVERLAP',
      '2026-11-02T01:30 -300',
    ]);
  });

  it('CORE-13 stops at maxOccurrences, and after endDate, whose whole day counts', () => {
    expect(dates(times({ frequency: 'DAILY', interval: 2, maxOccurrences: 2 }, '2026-01-01T09:00'))).toEqual([
      '2026-01-01',
      '2026-01-03',
    ]);
    const ends = { frequency: 'DAILY', endDate: '2026-01-02' } as const;
    expect(dates(times(ends, '2026-01-01T23:59', 'Pacific/Kiritimati'))).toEqual([
      '2026-01-01',
      '2026-01-02',
    ]);
  });
});

describe('CORE-12 RRULE', () => {
  it.each([
    ['RRULE:FREQ=WEEKLY;BYDAY=MO,WE', ['2026-01-05', '2026-01-07', '2026-01-12']],
    ['freq=monthly;byday=-1FR', ['2026-01-30', '2026-02-27', '2026-03-27']],
    // As RFC 5545 has it: a month without the day is left out.
    ['FREQ=MONTHLY;BYMONTHDAY=31', ['2026-01-31', '2026-03-31', '2026-05-31']],
    ['FREQ=MONTHLY;BYMONTHDAY=-1', ['2026-01-31', '2026-02-28', '2026-03-31']],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', ['2028-02-29', '2032-02-29', '2036-02-29']],
    ['FREQ=DAILY;COUNT=2', ['2026-01-01', '2026-01-02']],
    ['FREQ=DAILY;UNTIL=20260102', ['2026-01-01', '2026-01-02']],
    ['FREQ=DAILY;UNTIL=20260102T090000', ['2026-01-01', '2026-01-02']],
    ['FREQ=DAILY;UNTIL=20260102T085959', ['2026-01-01']],
    // 09:00 in Kolkata is 03:30 in UTC.
    ['FREQ=DAILY;UNTIL=20260102T033000Z', ['2026-01-01', '2026-01-02']],
    ['FREQ=DAILY;UNTIL=20260102T032959Z', ['2026-01-01']],
    ['FREQ=DAILY;UNTIL=20251231', []],
    [
      'RRULE:FREQ=DAILY\r\nEXDATE:20260102,20260103T090000\r\nEXDATE;TZID=X:20260104T033000Z',
      ['2026-01-01', '2026-01-05', '2026-01-06'],
    ],
    ['RRULE:FREQ=WEEKLY;\n BYDAY=MO', ['2026-01-05', '2026-01-12', '2026-01-19']],
  ])('CORE-12 %j', (rrule, expected) => {
    expect(dates(times({ rrule }, '2026-01-01T09:00', 'Asia/Kolkata', 3))).toEqual(expected);
  });

  it('CORE-13 what EXDATE leaves out keeps its number, and COUNT counts it', () => {
    const found = times({ rrule: 'FREQ=DAILY;COUNT=3\nEXDATE:20260102' }, '2026-01-01T09:00');
    expect(found.map(({ number }) => number)).toEqual([1, 3]);
  });

  it.each([
    ['', 'holds no RRULE'],
    ['FREQ=SOMETIMES', 'FREQ=SOMETIMES is not possible'],
    ['FREQ=SECONDLY', 'FREQ=SECONDLY is not possible'],
    ['BYDAY=MO', 'a rule needs FREQ'],
    ['FREQ=DAILY;FOO=1', '"FOO" is not a part of a rule'],
    ['FREQ=DAILY;__PROTO__=1', '"__PROTO__" is not a part of a rule'],
    ['FREQ=DAILY;BYHOUR=24', 'BYHOUR=24 is not possible'],
    ['FREQ=DAILY;BYMONTHDAY=0', 'BYMONTHDAY=0 is not possible'],
    ['FREQ=DAILY;INTERVAL=0', 'INTERVAL=0 is not possible'],
    ['FREQ=DAILY;INTERVAL=1;INTERVAL=2', 'INTERVAL stands twice'],
    ['FREQ=DAILY;COUNT=1;UNTIL=20270101', 'COUNT and UNTIL exclude each other'],
    ['FREQ=DAILY;UNTIL=20270230', 'UNTIL=20270230 is not possible'],
    ['FREQ=WEEKLY;BYDAY=2MO', 'BYDAY with numeric value MUST NOT be used unless FREQ is MONTHLY or YEARLY'],
    ['FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30', 'never occurs, or hardly ever'],
    [
      'DTSTART:20260101\nRRULE:FREQ=DAILY',
      'DTSTART is given by the time and the zone beside the rule, not in it',
    ],
    ['RRULE:FREQ=DAILY\nRRULE:FREQ=DAILY', 'holds more than one RRULE'],
    ['RRULE:FREQ=DAILY\nRDATE:20260101', '"RDATE" is not known here: RRULE and EXDATE are'],
    ['RRULE:FREQ=DAILY\nEXDATE:tomorrow', 'EXDATE "tomorrow" is no date or time'],
  ])('CORE-12 refuses %j', (rrule, message) => {
    expect(() => times({ rrule }, '2026-01-01T09:00')).toThrow(
      expect.objectContaining({ code: 'VALIDATION_ERROR', path: 'recurrence.rrule', message }),
    );
  });

  it('CORE-12 refuses what is too long', () => {
    const rrule = `FREQ=DAILY;BYHOUR=${'1,'.repeat(1_000)}1`;
    expect(() => times({ rrule }, '2026-01-01T09:00')).toThrow('may have 2000 characters');
    expect(() => times({ cron: '0 9 * * 1 '.repeat(30) }, '2026-01-01T09:00')).toThrow(
      'may have 200 characters',
    );
  });

  it('CORE-12 does not look for ever for what EXDATE leaves', () => {
    const days = Array.from({ length: 8 }, (_, i) => `2026010${i + 1}`);
    const rrule = `FREQ=MINUTELY\nEXDATE:${days.join(',')}`;
    expect(() => times({ rrule }, '2026-01-01T00:00')).toThrow(/EXDATE leaves out nearly all/);
  });
});

describe('CORE-12 cron', () => {
  it('CORE-12 fires at wall times from the beginning on', () => {
    expect(told(times({ cron: '0 9 * * 1-5' }, '2026-03-06T09:00', NEW_YORK, 3))).toEqual([
      '2026-03-06T09:00 -300',
      '2026-03-09T09:00 -240',
      '2026-03-10T09:00 -240',
    ]);
    expect(dates(times({ cron: '0 9 L * *' }, '2026-01-31T09:01', 'UTC', 2))).toEqual([
      '2026-02-28',
      '2026-03-31',
    ]);
    expect(times({ cron: '0 0 30 2 *' }, '2026-01-01T00:00')).toEqual([]);
  });

  it.each(['', '* * * *', '* * * * * *', '61 * * * *', 'every day'])('CORE-12 refuses %j', (cron) => {
    expect(() => times({ cron }, '2026-01-01T09:00')).toThrow(
      expect.objectContaining({ code: 'VALIDATION_ERROR', path: 'recurrence.cron' }),
    );
  });

  it('CORE-12 what a gap moves onto another of its times fires once, and past another comes after it', () => {
    const hourly = times({ cron: '30 * * * *' }, '2026-03-08T01:00', NEW_YORK, 3);
    expect(told(hourly)).toEqual(['2026-03-08T01:30 -300', '2026-03-08T03:30 -240', '2026-03-08T04:30 -240']);
    // The clock goes from 02:00 to 02:30: 02:00 is 02:30, 02:20 is 02:50, and 02:40 is between them.
    const often = times({ cron: '*/20 * * * *' }, '2026-10-04T01:40', 'Australia/Lord_Howe', 5);
    expect(told(often)).toEqual([
      '2026-10-04T01:40 630',
      '2026-10-04T02:00 660 GAP',
      '2026-10-04T02:40 660',
      '2026-10-04T02:20 660 GAP',
      '2026-10-04T03:00 660',
    ]);
  });

  it('CORE-12 a rule that only ever meets gaps goes on', () => {
    const rrule = 'FREQ=YEARLY;BYMONTH=3;BYDAY=2SU;BYHOUR=2;BYMINUTE=30';
    const found = times({ rrule }, '2026-01-01T00:00', NEW_YORK, 3);
    expect(found.map(({ flags }) => flags)).toEqual([['GAP'], ['GAP'], ['GAP']]);
  });
});

describe('CORE-12 what is no rule', () => {
  it.each<[RecurrenceText, string, RegExp]>([
    [{}, 'recurrence', /none is given/],
    [{ frequency: 'DAILY', cron: '0 9 * * *' }, 'recurrence', /frequency and cron are given/],
    [{ frequency: 'DAILY', interval: 0 }, 'recurrence.interval', /from 1 to 1000/],
    [{ frequency: 'DAILY', interval: 1.5 }, 'recurrence.interval', /from 1 to 1000/],
    [{ cron: '0 9 * * *', interval: 2 }, 'recurrence.interval', /goes with frequency only/],
    [{ frequency: 'DAILY', maxOccurrences: 0 }, 'recurrence.maxOccurrences', /from 1 to 1000000/],
    [{ frequency: 'DAILY', endDate: '2026-02-30' }, 'recurrence.endDate', /is not a date/],
    [{ frequency: 'DAILY', endDate: '2025-12-31' }, 'recurrence.endDate', /is before the first time/],
  ])('CORE-12 refuses %j', (text, path, message) => {
    expect(() => times(text, '2026-01-01T09:00')).toThrow(
      expect.objectContaining({
        code: 'VALIDATION_ERROR',
        path,
        message: expect.stringMatching(message) as unknown as string,
      }),
    );
  });
});

/** Rules that meet changes of the clock, in zones where these are odd. */
const rule = fc.oneof(
  fc.record({
    frequency: fc.constantFrom('DAILY' as const, 'WEEKLY' as const, 'MONTHLY' as const),
    interval: fc.integer({ min: 1, max: 5 }),
  }),
  fc.constantFrom<RecurrenceText>(
    { cron: '*/20 * * * *' },
    { cron: '15,45 1-3 * * *' },
    { cron: '30 2 * * 0' },
    { rrule: 'FREQ=HOURLY;INTERVAL=5' },
    { rrule: 'FREQ=MONTHLY;BYDAY=-1SU;BYHOUR=1,2,3;BYMINUTE=10' },
    { rrule: 'FREQ=DAILY;BYHOUR=0,2;COUNT=30\nEXDATE:20261005,20260330' },
  ),
);
const plan = fc.record({
  rule,
  zone: fc.constantFrom(NEW_YORK, 'Europe/Paris', 'Australia/Lord_Howe', 'Africa/Cairo', 'Antarctica/Troll'),
  start: fc.constantFrom('2026-03-28T01:30', '2026-10-03T02:00', '2026-01-31T23:59', '2026-03-07T02:30'),
});

describe('CORE-12 CORE-13 laws', () => {
  it('CORE-12 instants ascend, none is before the beginning, and the clock shows what was asked for', () => {
    fc.assert(
      fc.property(plan, ({ rule: text, zone, start }) => {
        const found = times(text, start, zone, 40);
        for (const [i, { at, wallMs, flags, number }] of found.entries()) {
          expect(wallMs).toBeGreaterThanOrEqual(anchorOf(start));
          expect(at).toBeGreaterThan(found[i - 1]?.at ?? -Infinity);
          expect(number).toBeGreaterThan(found[i - 1]?.number ?? 0);
          const shown = wallMsOf(wallTimeAt(at, zone));
          if (flags.includes('GAP')) expect(shown).toBeGreaterThan(wallMs);
          else expect(shown).toBe(wallMs);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('CORE-13 a chain that goes on from any of its occurrences goes on as it would have', () => {
    fc.assert(
      fc.property(plan, fc.nat(38), ({ rule: text, zone, start }, position) => {
        const recurrence = readRecurrence(text, anchorOf(start), 'recurrence');
        const found = occurrences(recurrence, zone, null, 40);
        const last = found[Math.min(position, found.length - 1)];
        if (!last) throw new Error('every rule here occurs');
        const rest = found.slice(found.indexOf(last) + 1);
        expect(occurrences(recurrence, zone, last, rest.length)).toEqual(rest);
      }),
      { numRuns: 150 },
    );
  });
});

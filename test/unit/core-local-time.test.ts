import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DateTime, IANAZone } from 'luxon';
import {
  checkZone,
  localDate,
  parseTimeOfDay,
  resolveWallTime,
  type WallTime,
} from '../../src/core/time/local-time.js';

const HOUR_MS = 3_600_000;
/** No zone has kept an offset for less. */
const SHORTEST_SPELL_MS = 10 * 24 * HOUR_MS;

/** Half-hour and two-hour changes, changes at midnight, a day that was left out, a summer time that is the standard one. */
const ZONES = [
  'UTC',
  'Asia/Kolkata',
  'America/New_York',
  'America/St_Johns',
  'America/Santiago',
  'America/Havana',
  'Europe/Dublin',
  'Asia/Beirut',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
  'Antarctica/Troll',
] as const;

const zone = fc.constantFrom(...ZONES);
const FROM = Date.UTC(2010, 0, 1);
const TO = Date.UTC(2030, 0, 1);
const instant = fc.integer({ min: FROM / 1000, max: TO / 1000 }).map((s) => s * 1000);

/** The instants at which a zone's offset changes, to the minute. */
function changesOf(name: string): number[] {
  const iana = IANAZone.create(name);
  const changes: number[] = [];
  for (let at = FROM; at < TO; at += SHORTEST_SPELL_MS) {
    let [before, after] = [at, at + SHORTEST_SPELL_MS];
    if (iana.offset(before) === iana.offset(after)) continue;
    while (after - before > 60_000) {
      const middle = Math.floor((before + after) / 120_000) * 60_000;
      if (iana.offset(middle) === iana.offset(before)) before = middle;
      else after = middle;
    }
    changes.push(after);
  }
  return changes;
}

const changes = new Map(ZONES.map((name) => [name, changesOf(name)]));

/** A zone and an instant; where the zone's clock ever changes, mostly within hours of a change. */
const nearChange = zone.chain((name) => {
  const own = changes.get(name) ?? [];
  const near = fc
    .tuple(fc.constantFrom(...(own.length > 0 ? own : [FROM])), fc.integer({ min: -26 * 60, max: 26 * 60 }))
    .map(([at, minutes]) => at + minutes * 60_000);
  return fc.record({ name: fc.constant(name), at: fc.oneof({ weight: 3, arbitrary: near }, instant) });
});

function wallAt(at: number, name: string): WallTime {
  const { year, month, day, hour, minute, second } = DateTime.fromMillis(at, { zone: name });
  return { year, month, day, hour, minute, second };
}

/** What a clock on the wall would show if the zone never changed: for comparing and shifting wall times. */
function asUtc({ year, month, day, hour, minute, second }: WallTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function fromUtc(ms: number): WallTime {
  return wallAt(ms, 'UTC');
}

/** Every instant at which the wall shows this time, found by looking at each hour around it. */
function instantsOf(wall: WallTime, name: string): number[] {
  const iana = IANAZone.create(name);
  const naive = asUtc(wall);
  const offsets = new Set<number>();
  for (let at = naive - 40 * HOUR_MS; at <= naive + 40 * HOUR_MS; at += HOUR_MS) offsets.add(iana.offset(at));
  return [...offsets]
    .map((offset) => naive - offset * 60_000)
    .filter((at) => asUtc(wallAt(at, name)) === naive)
    .sort((a, b) => a - b);
}

const wall = (text: string): WallTime => fromUtc(DateTime.fromISO(text, { zone: 'utc' }).toMillis());
const iso = (at: number, name: string): string | null =>
  DateTime.fromMillis(at, { zone: name }).toISO({ suppressMilliseconds: true });

describe('CORE-12 API-6 resolveWallTime', () => {
  it('CORE-12 comes back: an instant, its wall time, and the instant again, or its twin in an overlap', () => {
    fc.assert(
      fc.property(nearChange, ({ name, at }) => {
        const shown = wallAt(at, name);
        const first = resolveWallTime(shown, name, 'REJECT', 'FIRST');
        const second = resolveWallTime(shown, name, 'REJECT', 'SECOND');
        expect([first.at, second.at]).toContain(at);
        expect(first.flag).toBe(first.at === second.at ? null : 'OVERLAP');
        for (const { at: found, offsetMinutes } of [first, second]) {
          expect(wallAt(found, name)).toEqual(shown);
          expect(offsetMinutes).toBe(IANAZone.create(name).offset(found));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('CORE-12 finds what a search through all offsets finds: none, one or two instants', () => {
    fc.assert(
      fc.property(nearChange, ({ name, at }) => {
        // Any wall time, not only one that exists.
        const shown = fromUtc(at + IANAZone.create(name).offset(at) * 60_000);
        const candidates = [shown, fromUtc(asUtc(shown) + HOUR_MS), fromUtc(asUtc(shown) - HOUR_MS)];
        for (const candidate of candidates) {
          const instants = instantsOf(candidate, name);
          const found = resolveWallTime(candidate, name);
          if (instants.length === 0) expect(found.flag).toBe('GAP');
          else {
            expect(found.flag).toBe(instants.length === 1 ? null : 'OVERLAP');
            expect(found.at).toBe(instants[0]);
            expect(resolveWallTime(candidate, name, 'FORWARD', 'SECOND').at).toBe(instants.at(-1));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('CORE-12 moves a time that does not exist by the gap: forward, or back', () => {
    let gaps = 0;
    for (const [name, own] of changes) {
      const iana = IANAZone.create(name);
      for (const at of own) {
        const gapMinutes = iana.offset(at) - iana.offset(at - 60_000);
        if (gapMinutes <= 0) continue;
        gaps += 1;
        const start = asUtc(wallAt(at, name)) - gapMinutes * 60_000;
        for (const minutes of [0, Math.floor(gapMinutes / 2), gapMinutes - 1]) {
          const missing = fromUtc(start + minutes * 60_000);
          const forward = resolveWallTime(missing, name, 'FORWARD');
          const backward = resolveWallTime(missing, name, 'BACKWARD');
          expect(forward.flag).toBe('GAP');
          expect(forward.at).toBe(at + minutes * 60_000);
          expect(asUtc(wallAt(backward.at, name))).toBe(start + (minutes - gapMinutes) * 60_000);
          expect(backward.at).toBeLessThan(at);
          expect(forward.offsetMinutes).toBe(iana.offset(forward.at));
          expect(backward.offsetMinutes).toBe(iana.offset(backward.at));
          expect(() => resolveWallTime(missing, name, 'REJECT')).toThrow(/does not exist in/);
        }
      }
    }
    expect(gaps).toBeGreaterThan(100);
  });

  it.each([
    ['a usual gap', '2026-03-08T02:30:00', 'America/New_York', 'GAP', '2026-03-08T03:30:00-04:00'],
    ['a usual overlap', '2026-11-01T01:30:00', 'America/New_York', 'OVERLAP', '2026-11-01T01:30:00-04:00'],
    ['half an hour', '2026-10-04T02:15:00', 'Australia/Lord_Howe', 'GAP', '2026-10-04T02:45:00+11:00'],
    ['half an hour', '2026-04-05T01:45:00', 'Australia/Lord_Howe', 'OVERLAP', '2026-04-05T01:45:00+11:00'],
    ['two hours', '2026-03-29T02:00:00', 'Antarctica/Troll', 'GAP', '2026-03-29T04:00:00+02:00'],
    ['a missing day', '2011-12-30T12:00:00', 'Pacific/Apia', 'GAP', '2011-12-31T12:00:00+14:00'],
    ['a missing midnight', '2026-09-06T00:00:00', 'America/Santiago', 'GAP', '2026-09-06T01:00:00-03:00'],
    ['a month off', '2025-02-23T02:30:00', 'Africa/Casablanca', 'OVERLAP', '2025-02-23T02:30:00+01:00'],
    ['and back', '2025-04-06T02:30:00', 'Africa/Casablanca', 'GAP', '2025-04-06T03:30:00+01:00'],
    ['no change', '2026-11-23T06:00:00', 'Asia/Kolkata', null, '2026-11-23T06:00:00+05:30'],
  ] as const)('CORE-12 knows %s: %s in %s', (_what, text, name, flag, expected) => {
    const found = resolveWallTime(wall(text), name);
    expect({ flag: found.flag, at: iso(found.at, name) }).toEqual({ flag, at: expected });
  });

  it('CORE-12 09:00 stays 09:00 on each day of the year', () => {
    fc.assert(
      fc.property(zone, fc.integer({ min: 0, max: 20 * 365 }), (name, days) => {
        const nine = fromUtc(FROM + days * 24 * HOUR_MS + 9 * HOUR_MS);
        const found = resolveWallTime(nine, name);
        if (found.flag === null) expect(wallAt(found.at, name)).toEqual(nine);
      }),
    );
  });

  it('API-6 rejects what is told to be rejected, and dates that are none', () => {
    const twice = wall('2026-11-01T01:30:00');
    expect(() => resolveWallTime(twice, 'America/New_York', 'FORWARD', 'REJECT')).toThrow(
      expect.objectContaining({
        code: 'INVALID_SCHEDULED_TIME',
        message: '2026-11-01T01:30:00 exists twice in America/New_York',
      }),
    );
    for (const wrong of [{ month: 2, day: 30 }, { month: 13 }, { hour: 25 }, { minute: 60 }])
      expect(() => resolveWallTime({ ...twice, ...wrong }, 'UTC')).toThrow(
        expect.objectContaining({ code: 'INVALID_SCHEDULED_TIME' }),
      );
  });
});

describe('CORE-10 zones and dates', () => {
  it.each(['', 'Mars/Olympus', 'Asia/Kolkata ', '+05:30x', 'x'.repeat(500)])(
    'CORE-10 %j is INVALID_TIMEZONE, each time',
    (name) => {
      for (let again = 0; again < 2; again++)
        expect(() => checkZone(name, 'at.zone')).toThrow(
          expect.objectContaining({ code: 'INVALID_TIMEZONE', path: 'at.zone' }),
        );
    },
  );

  it('CORE-10 accepts the zones of the world', () => {
    for (const name of Intl.supportedValuesOf('timeZone')) expect(checkZone(name)).toBe(name);
  });

  it('CORE-10 the date is that of the zone', () => {
    const at = Date.UTC(2026, 10, 23, 23, 30);
    expect(['UTC', 'Asia/Kolkata', 'America/New_York'].map((name) => localDate(at, name))).toEqual([
      '2026-11-23',
      '2026-11-24',
      '2026-11-23',
    ]);
  });
});

describe('CORE-15 parseTimeOfDay', () => {
  it('CORE-15 reads what it would write', () => {
    const two = (n: number): string => String(n).padStart(2, '0');
    fc.assert(
      fc.property(fc.nat(23), fc.nat(59), fc.nat(59), (hour, minute, second) => {
        expect(parseTimeOfDay(`${two(hour)}:${two(minute)}:${two(second)}`)).toEqual({
          hour,
          minute,
          second,
        });
        expect(parseTimeOfDay(`${two(hour)}:${two(minute)}`)).toEqual({ hour, minute, second: 0 });
      }),
    );
  });

  it.each(['', '9:00', '24:00', '09:60', '09:00:60', '09', '09:00 ', '٠٩:٠٠', '09:00Z', 'nine'])(
    'CORE-15 refuses %j',
    (text) => {
      expect(() => parseTimeOfDay(text, 'sendAt')).toThrow(
        expect.objectContaining({ code: 'VALIDATION_ERROR', path: 'sendAt' }),
      );
    },
  );
});

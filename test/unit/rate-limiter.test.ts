import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RedisClock } from '../../src/adapters/redis/redis-clock.js';
import { Clock, monotonicMs } from '../../src/core/clock.js';
import { MemoryRateLimiter } from '../../src/core/dispatch/memory-rate-limiter.js';
import { intervalMs, Pace, PACE_SHARE, shareOf } from '../../src/core/dispatch/pacing.js';
import { providerDay } from '../../src/core/dispatch/provider-day.js';
import type { Grant } from '../../src/core/dispatch/rate-limiter.js';
import { mostInSlidingSecond } from '../support/sliding-second.js';

const rates = fc.oneof(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0.05, max: 20, noNaN: true }));
/** Pauses between calls and how many each asks for. */
const calls = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 60 })), {
  minLength: 1,
  maxLength: 60,
});

describe('Pace', () => {
  it('CORE-21 no sliding second holds more than the limit, whoever asks when', () => {
    fc.assert(
      fc.property(rates, calls, fc.integer({ min: 0, max: 3000 }), (perSecond, asked, horizon) => {
        const pace = new Pace();
        const interval = intervalMs(perSecond);
        const instants: number[] = [];
        let now = 1_000_000;
        for (const [later, count] of asked) {
          now += later;
          for (let i = 0; i < count; i += 1) {
            const at = pace.reserve(now, interval, horizon);
            if (at === null) break;
            expect(at).toBeGreaterThanOrEqual(now);
            expect(at - now).toBeLessThanOrEqual(horizon);
            expect(at).toBeGreaterThan(instants.at(-1) ?? 0);
            instants.push(at);
          }
        }
        expect(mostInSlidingSecond(instants)).toBeLessThanOrEqual(Math.max(1, Math.ceil(perSecond)));
      }),
    );
  });

  it('CORE-21 keeps to the limit when each send is up to 38 ms late', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.array(fc.double({ min: 0, max: 38, noNaN: true }), { minLength: 50, maxLength: 50 }),
        (perSecond, late) => {
          const interval = intervalMs(perSecond);
          const seen = Array.from({ length: 700 }, (_, i) => i * interval + (late[(i * 7) % 50] ?? 0));
          expect(mostInSlidingSecond(seen)).toBeLessThanOrEqual(perSecond);
        },
      ),
    );
  });

  it('CORE-21 a backlog uses at least 95 % of the limit', () => {
    expect(PACE_SHARE).toBeGreaterThan(0.95);
    const pace = new Pace();
    let now = 0;
    let count = 0;
    for (; now < 60_000; now += 100) while (pace.reserve(now, intervalMs(80), 250) !== null) count += 1;
    expect(count).toBeGreaterThanOrEqual(60 * 80 * 0.95);
  });

  it('gives back the newest', () => {
    const pace = new Pace();
    for (let i = 0; i < 5; i += 1) pace.reserve(0, 10, 1000);
    pace.giveBack(2, 10);
    expect(pace.reserve(0, 10, 1000)).toBe(30);
  });
});

describe('shareOf', () => {
  it('CORE-22 the shares add up to the limit, and never to more in one second', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 100, maxLength: 100 }),
        (limit, workers, phases) => {
          const shares = Array.from({ length: workers }, (_, place) => shareOf(limit, { workers, place }));
          expect(shares.reduce((sum, share) => sum + share, 0)).toBe(limit);
          const seen = shares.flatMap((share, place) => {
            if (share === 0) return [];
            const interval = intervalMs(share);
            const start = phases[place] ?? 0;
            return Array.from({ length: 3 * share }, (_, i) => start + i * interval);
          });
          expect(mostInSlidingSecond(seen)).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('CORE-22 parts less than one a second with nobody', () => {
    const shares = [0, 1, 2].map((place) => shareOf(0.5, { workers: 3, place }));
    expect(shares).toEqual([0.5, 0, 0]);
    expect(shareOf(0.5, { workers: 1, place: 0 })).toBe(0.5);
    expect(shareOf(80, { workers: 0, place: 0 })).toBe(80);
  });
});

describe('providerDay', () => {
  const at = (iso: string): number => Date.parse(iso);

  it.each([
    ['an ordinary day', '2026-11-23T06:00:00Z', 'Asia/Kolkata', '2026-11-23', '2026-11-23T18:30:00Z'],
    ['its last instant', '2026-11-23T18:29:59.999Z', 'Asia/Kolkata', '2026-11-23', '2026-11-23T18:30:00Z'],
    ['the next one’s first', '2026-11-23T18:30:00Z', 'Asia/Kolkata', '2026-11-24', '2026-11-24T18:30:00Z'],
    ['23 hours', '2026-03-29T12:00:00Z', 'Europe/Paris', '2026-03-29', '2026-03-29T22:00:00Z'],
    [
      'before the clock goes forward',
      '2026-03-28T23:30:00Z',
      'Europe/Paris',
      '2026-03-29',
      '2026-03-29T22:00:00Z',
    ],
    ['25 hours', '2026-10-24T22:30:00Z', 'Europe/Paris', '2026-10-25', '2026-10-25T23:00:00Z'],
    [
      'a midnight that does not exist',
      '2026-04-23T12:00:00Z',
      'Africa/Cairo',
      '2026-04-23',
      '2026-04-23T22:00:00Z',
    ],
    ['the end of a year', '2026-12-31T23:30:00Z', 'UTC', '2026-12-31', '2027-01-01T00:00:00Z'],
  ])('CORE-21 %s', (_title, now, zone, date, endsAt) => {
    const day = providerDay(at(now), zone);
    expect({ date: day.date, endsAt: new Date(day.endsAt).toISOString() }).toEqual({
      date,
      endsAt: new Date(endsAt).toISOString(),
    });
    expect(providerDay(day.endsAt, zone).date).toBe(day.nextDate);
  });

  it('CORE-21 days follow one another without a gap, in any zone and year', () => {
    const zones = [
      'Asia/Kolkata',
      'Africa/Cairo',
      'America/Havana',
      'Australia/Lord_Howe',
      'Asia/Beirut',
      'Pacific/Apia',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: at('2010-01-01'), max: at('2030-01-01') }),
        (zone, now) => {
          const day = providerDay(now, zone);
          expect(day.endsAt).toBeGreaterThan(now);
          expect(day.endsAt - now).toBeLessThanOrEqual(25 * 3_600_000);
          expect(providerDay(day.endsAt - 1, zone).date).toBe(day.date);
          expect(providerDay(day.endsAt, zone).date).toBe(day.nextDate);
          expect(day.nextDate > day.date).toBe(true);
        },
      ),
    );
  });

  it('CORE-10 an unknown zone is INVALID_TIMEZONE', () => {
    expect(() => providerDay(0, 'Asia/Nowhere')).toThrow(
      expect.objectContaining({ code: 'INVALID_TIMEZONE' }),
    );
  });
});

describe('MemoryRateLimiter', () => {
  const people = (count: number): string[] => Array.from({ length: count }, (_, i) => `+9198765${10000 + i}`);
  const kinds = (grants: readonly Grant[]): string[] => grants.map(({ kind }) => kind);
  const clock = new Clock();

  it('CORE-21 reserves within the horizon, in order, and says when the next is free', async () => {
    const limiter = new MemoryRateLimiter({ clock });
    const grants = await limiter.reserve('WHATSAPP', { perSecond: 80, zone: 'UTC' }, people(40), 250);
    const sends = grants.filter(({ kind }) => kind === 'SEND');
    expect(sends).toHaveLength(20);
    for (const [i, { delayMs }] of sends.entries()) expect(delayMs).toBeCloseTo(i * intervalMs(80), 3);
    expect(grants.slice(20)).toEqual(
      people(20).map(() => ({ kind: 'LATER', delayMs: expect.closeTo(20 * intervalMs(80), 3) })),
    );
  });

  it('CORE-22 keeps to its share, and stays quiet at first if told so', async () => {
    const limiter = new MemoryRateLimiter({ clock, crew: () => ({ workers: 2, place: 1 }), quietMs: 5000 });
    const [first, second] = await limiter.reserve('SMS', { perSecond: 80, zone: 'UTC' }, people(2), 10_000);
    expect(first?.delayMs).toBeGreaterThan(4000);
    expect((second?.delayMs ?? 0) - (first?.delayMs ?? 0)).toBeCloseTo(intervalMs(40), 3);
    const none = new MemoryRateLimiter({ clock, crew: () => ({ workers: 3, place: 1 }) });
    expect(kinds(await none.reserve('VOICE', { perSecond: 1, zone: 'UTC' }, people(1), 250))).toEqual([
      'LATER',
    ]);
  });

  it('CORE-21 the day’s limit ends at midnight of its zone', async () => {
    const limiter = new MemoryRateLimiter({ clock });
    const limits = { perDay: 3, zone: 'Asia/Kolkata' };
    const grants = await limiter.reserve('WHATSAPP', limits, people(5), 250);
    expect(kinds(grants)).toEqual(['SEND', 'SEND', 'SEND', 'DAY', 'DAY']);
    const untilMidnight = providerDay(clock.realNow(), limits.zone).endsAt - clock.realNow();
    expect(Math.abs((grants[3]?.delayMs ?? 0) - untilMidnight)).toBeLessThan(60_000);
    expect(await limiter.usedToday('WHATSAPP', limits)).toBe(3);
    await limiter.giveBack('WHATSAPP', limits, 2);
    expect(kinds(await limiter.reserve('WHATSAPP', limits, people(3), 250))).toEqual(['SEND', 'SEND', 'DAY']);
  });

  it('CORE-21 a recipient has a pause', async () => {
    const limiter = new MemoryRateLimiter({ clock });
    const limits = { perRecipientMs: 60_000, zone: 'UTC' };
    const grants = await limiter.reserve('WHATSAPP', limits, ['+1', '+2', '+1'], 250);
    expect(kinds(grants)).toEqual(['SEND', 'SEND', 'RECIPIENT']);
    expect(grants[2]?.delayMs).toBeCloseTo(60_000, 0);
    expect(kinds(await limiter.reserve('SMS', limits, ['+1'], 250))).toEqual(['SEND']);
  });

  it('channels without limits need no tokens', async () => {
    const limiter = new MemoryRateLimiter({ clock });
    expect(await limiter.reserve('WEBHOOK', { zone: 'UTC' }, ['a', 'b'], 250)).toEqual([
      { kind: 'SEND', delayMs: 0 },
      { kind: 'SEND', delayMs: 0 },
    ]);
  });
});

describe('RedisClock', () => {
  it('CORE-21 keeps to the quickest answers', () => {
    const clock = new RedisClock();
    const start = monotonicMs();
    // The true difference is 1,000,000 ms; a slow answer shows it wrongly by up to half of its round trip.
    clock.learn(start, start + 1, 1_000_000 + start + 0.5);
    clock.learn(start + 10, start + 210, 1_000_000 + start + 12);
    expect(clock.toMonotonic(1_000_000 + start + 300)).toBeCloseTo(start + 300, 0);
  });

  it('CORE-21 follows a clock that was set', () => {
    const clock = new RedisClock();
    clock.learn(0, 1, 1_000_000.5);
    clock.learn(1000, 1020, 2_001_010);
    expect(clock.toMonotonic(2_002_000)).toBeCloseTo(2000, 0);
  });
});

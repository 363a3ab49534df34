import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { counted } from '../../dashboard/src/words/count.js';
import { durationInWords } from '../../dashboard/src/words/duration.js';
import { byWallClock, relative, timeOfDay } from '../../dashboard/src/words/instant.js';
import { rateInWords, targetInWords } from '../../dashboard/src/words/rate.js';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, min: 6e4, h: 3.6e6, d: 8.64e7 };

/** What a reader takes a length in words for, in ms. */
function read(words: string): number {
  return words.split(' ').reduce((sum, part) => {
    const [figure, unit] = part.split('\u202f');
    return sum + Number(figure) * (UNITS[unit ?? ''] ?? NaN);
  }, 0);
}

/** Gaps are narrow and do not break; here they are plain, so that the tests can be read. */
function plain(words: string): string {
  return words.replaceAll('\u202f', ' ');
}

describe('durations in words', () => {
  it.each([
    [0, '0 ms'],
    [-5, '0 ms'],
    [240.4, '240 ms'],
    [999.6, '1 s'],
    [1_200, '1.2 s'],
    [2_000, '2 s'],
    [9_960, '10 s'],
    [48_300, '48 s'],
    [59_700, '1 min'],
    [270_000, '4 min 30 s'],
    [3_599_600, '1 h'],
    [3_900_000, '1 h 5 min'],
    [183_600_000, '2 d 3 h'],
  ])('CORE-43 %d ms is %s', (ms, words) => expect(plain(durationInWords(ms))).toBe(words));

  it('CORE-43 what is read is what was meant, within a twentieth', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e10 }), (ms) => {
        expect(Math.abs(read(durationInWords(ms)) - ms)).toBeLessThanOrEqual(ms / 20);
      }),
    );
  });

  it('CORE-43 a longer time never reads as a shorter one', () => {
    const ms = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 1e9 }));
    fc.assert(
      fc.property(ms, fc.integer({ min: 0, max: 90_000 }), (shorter, more) => {
        expect(read(durationInWords(shorter + more))).toBeGreaterThanOrEqual(read(durationInWords(shorter)));
      }),
    );
  });

  it('CORE-43 instants are told from now, in both directions', () => {
    const now = Date.parse('2026-11-24T00:30:00Z');
    expect(plain(relative(now - 12_300, now))).toBe('12 s ago');
    expect(plain(relative(now + 240_000, now))).toBe('in 4 min');
    expect(relative(now + 400, now)).toBe('now');
  });

  it('CORE-41 a sentence of the server’s tells its instants by the watcher’s clock, and else stays as it is', () => {
    const now = Date.parse('2026-11-24T00:30:00Z');
    expect(byWallClock('the next try is at 00:35:13 UTC.', now)).toBe(
      `the next try is at ${timeOfDay('2026-11-24T00:35:13Z')}.`,
    );
    expect(byWallClock('Wave 2026-11-26T101500 has 20:15:00 left.', now)).toBe(
      'Wave 2026-11-26T101500 has 20:15:00 left.',
    );
  });
});

describe('rates in words', () => {
  it.each([
    [1, 0.99, '100 %'],
    [0.9997, 0.99, '99.9 %'],
    [0.98995, 0.99, '98.9 %'],
    [0.29, 0.99, '29.0 %'],
    [0.99961, 0.9995, '99.96 %'],
    [0, 0.99, '0.0 %'],
    [0.0004, 0.99, '< 0.1 %'],
  ])('CORE-40 %d, with %d promised, is %s', (rate, target, words) =>
    expect(plain(rateInWords(rate, target))).toBe(words),
  );

  const judged = fc
    .tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 1, max: 1_000_000 }))
    .map(([good, all]) => Math.min(good, all) / all);
  const promised = fc.constantFrom(0.9, 0.95, 0.99, 0.995, 0.999, 0.9995);
  const shown = (words: string): number =>
    words.startsWith('<') ? 0 : Number(words.replace(/[^\d.]/g, '')) / 100;

  it('CORE-40 a rate is shown below its target exactly when it is below it', () => {
    fc.assert(
      fc.property(judged, promised, (rate, target) => {
        expect(shown(rateInWords(rate, target)) < target - 1e-9).toBe(rate < target - 1e-9);
      }),
    );
  });

  it('CORE-40 all is said of all, and nothing of nothing', () => {
    fc.assert(
      fc.property(judged, promised, (rate, target) => {
        expect(plain(rateInWords(rate, target)) === '100 %').toBe(rate === 1);
        expect(/^0(\.0+)? /.test(plain(rateInWords(rate, target)))).toBe(rate === 0);
      }),
    );
  });

  it('CORE-40 a target has the digits that it needs', () => {
    expect([0.99, 0.995, 0.9995, 1].map((target) => plain(targetInWords(target)))).toEqual([
      '99 %',
      '99.5 %',
      '99.95 %',
      '100 %',
    ]);
  });
});

describe('counts in words', () => {
  it('CORE-43 one is one, and others are many', () => {
    expect([counted(1, 'message'), counted(0, 'message'), counted(2_000, 'reply', 'replies')]).toEqual([
      '1 message',
      '0 messages',
      '2,000 replies',
    ]);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDuration } from '../../src/core/time/duration.js';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

describe('CORE-15 parseDuration', () => {
  it('CORE-15 reads a number and a unit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 999_999_999 }),
        fc.constantFrom('ms', 's', 'm', 'h', 'd'),
        (n, unit) => expect(parseDuration(`${n}${unit}`)).toBe(n * UNITS[unit]),
      ),
    );
  });

  it('CORE-15 reads ISO 8601, and the two ways agree', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999 }), (n) => {
        expect(parseDuration(`PT${n}M`)).toBe(parseDuration(`${n}m`));
        expect(parseDuration(`PT${n}H`)).toBe(parseDuration(`${n}h`));
        expect(parseDuration(`P${n}D`)).toBe(parseDuration(`${n}d`));
        expect(parseDuration(`PT${n}S`)).toBe(parseDuration(`${n}s`));
      }),
    );
  });

  it.each([
    ['PT30M', 1_800_000],
    ['P2D', 172_800_000],
    ['P1W', 604_800_000],
    ['P1DT2H3M4S', 93_784_000],
    ['PT0.5S', 500],
    ['PT1.5H', 5_400_000],
  ])('CORE-15 %s is %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    ...['', ' ', '30', 'm', '30 m', '1.5h', '-5m', '+5m', '0m', '0', '5M', '5min', '1h30m', '1e3s', '١h'],
    ...['P', 'PT', 'P1', 'PT0S', 'P1M', 'P1Y', 'P1Y2M', '-PT1M', 'PT-5M', 'pt5m', 'PT5M ', 'P1D2H', 'PT5X'],
    ...['NaN', 'Infinity', '9'.repeat(40) + 'd', 'PT' + '9'.repeat(60) + 'M', 'null'],
  ])('CORE-15 refuses %j', (text) => {
    expect(() => parseDuration(text, 'delay')).toThrow(
      expect.objectContaining({ code: 'VALIDATION_ERROR', path: 'delay' }),
    );
  });

  it('CORE-15 gives a positive, finite number or the coded error, whatever it is given', () => {
    const letters = fc.stringMatching(/^[PTHMSDWY0-9.,+msh d-]{0,60}$/);
    fc.assert(
      fc.property(fc.oneof(letters, fc.string()), (text) => {
        let ms: number;
        try {
          ms = parseDuration(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'VALIDATION_ERROR' });
          return;
        }
        expect(ms).toBeGreaterThan(0);
        expect(Number.isFinite(ms)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

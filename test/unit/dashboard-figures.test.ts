import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { perSecondOf, type UsageReading, withReading } from '../../dashboard/src/channels/usage.js';

describe('send tokens', () => {
  it('CORE-21 the rate is what was used between the readings', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 2, max: 30 }), (perSecond, count) => {
        const readings = Array.from({ length: count }, (_, i) => ({
          at: i * 2_000,
          used: i * 2 * perSecond,
        }));
        const kept = readings.reduce<readonly UsageReading[]>(withReading, []);
        expect(perSecondOf(kept)).toBeCloseTo(perSecond, 6);
        expect(kept.length).toBeLessThanOrEqual(4);
      }),
    );
  });

  it('CORE-21 a new day begins anew, and one reading is no rate', () => {
    const kept = [
      { at: 0, used: 99_000 },
      { at: 2_000, used: 99_100 },
      { at: 4_000, used: 20 },
    ].reduce<readonly UsageReading[]>(withReading, []);
    expect(kept).toEqual([{ at: 4_000, used: 20 }]);
    expect(perSecondOf(kept)).toBeNull();
  });
});

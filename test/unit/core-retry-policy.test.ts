import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { retryDelayMs, RETRY_POLICIES, type RetryPolicy } from '../../src/core/delivery/retry-policy.js';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const policy = fc.record({
  attempts: fc.integer({ min: 1, max: 10 }),
  baseMs: fc.integer({ min: 1, max: 600_000 }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe('CORE-25 retry policies', () => {
  it.each([
    ['content', [5_000, 10_000, 20_000]],
    ['prompt', [2_000, 4_000, 8_000]],
    ['patient', [300_000, 600_000, 1_200_000]],
  ] as const)('CORE-25 %s waits %j ms, give or take its jitter', (name, delays) => {
    const own: RetryPolicy = RETRY_POLICIES[name];
    expect(own.attempts).toBe(delays.length + 1);
    expect(delays.map((_, i) => retryDelayMs(own, i + 1, 0.5))).toEqual(delays);
  });

  it('CORE-25 doubles from try to try, spread by the jitter and no further', () => {
    fc.assert(
      fc.property(policy, fc.integer({ min: 1, max: 9 }), random, (own, attempt, chance) => {
        const plain = own.baseMs * 2 ** (attempt - 1);
        const delay = retryDelayMs(own, attempt, chance);
        expect(delay).toBeGreaterThanOrEqual(Math.floor(plain * (1 - own.jitter)));
        expect(delay).toBeLessThanOrEqual(Math.ceil(plain * (1 + own.jitter)));
        expect(Number.isInteger(delay)).toBe(true);
      }),
    );
  });

  it('CORE-24 never waits less than the provider asks for, and no longer than the longer of the two', () => {
    fc.assert(
      fc.property(policy, random, fc.integer({ min: 0, max: 3_600_000 }), (own, chance, asked) => {
        const plain = retryDelayMs(own, 1, chance);
        expect(retryDelayMs(own, 1, chance, asked)).toBe(Math.max(plain, asked));
      }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  LONGEST_HANDICAP_MS,
  PRIORITIES,
  type Priority,
  rankOf,
  type Tier,
  TIERS,
} from '../../src/core/delivery/rank.js';

interface Due {
  readonly dueAt: number;
  readonly tier: Tier;
  readonly priority: Priority;
}

const tier = fc.constantFrom(...TIERS);
const priority = fc.constantFrom<Priority>('HIGH', 'MEDIUM', 'LOW');
const instant = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 });
const due = fc.record({ dueAt: instant, tier, priority });

const rank = ({ dueAt, tier: t, priority: p }: Due): number => rankOf(dueAt, t, p);

/** Due instants closer than this are one wave: a step of priority, the smallest there is. */
const WAVE_MS = rankOf(0, 'PRO', 'MEDIUM') - rankOf(0, 'PRO', 'HIGH');

/** The order that CORE-20 names, within a wave. */
function compare(a: Due, b: Due): number {
  return (
    TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier) ||
    PRIORITIES[a.priority] - PRIORITIES[b.priority] ||
    a.dueAt - b.dueAt
  );
}

describe('CORE-20 rank', () => {
  it('CORE-20 is tier, then priority, then due instant within a wave', () => {
    const wave = instant.chain((start) =>
      fc.array(fc.record({ dueAt: fc.integer({ min: start, max: start + WAVE_MS - 1 }), tier, priority }), {
        minLength: 2,
        maxLength: 40,
      }),
    );
    fc.assert(
      fc.property(wave, (all) => {
        expect([...all].sort((a, b) => rank(a) - rank(b))).toEqual([...all].sort(compare));
      }),
    );
  });

  it('CORE-20 lets nothing wait behind what is due later by more than the longest handicap', () => {
    fc.assert(
      fc.property(due, tier, priority, fc.integer({ min: 1, max: 86_400_000 }), (old, t, p, later) => {
        const newer: Due = { dueAt: old.dueAt + LONGEST_HANDICAP_MS + later, tier: t, priority: p };
        expect(rank(old)).toBeLessThan(rank(newer));
      }),
    );
  });

  it('CORE-20 has no shorter bound than the longest handicap', () => {
    const worst: Due = { dueAt: 0, tier: 'FREE', priority: 'LOW' };
    const best: Due = { dueAt: LONGEST_HANDICAP_MS - 1, tier: 'PRO', priority: 'HIGH' };
    expect(rank(best)).toBeLessThan(rank(worst));
  });

  it('CORE-20 grows with the due instant, and never lies before it', () => {
    fc.assert(
      fc.property(due, fc.integer({ min: 1, max: 86_400_000 }), (one, later) => {
        expect(rank({ ...one, dueAt: one.dueAt + later })).toBe(rank(one) + later);
        expect(rank(one)).toBeGreaterThanOrEqual(one.dueAt);
        expect(rank(one)).toBeLessThanOrEqual(one.dueAt + LONGEST_HANDICAP_MS);
      }),
    );
  });
});

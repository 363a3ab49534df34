import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SlaPolicies, type SlaPolicy } from '../../src/core/delivery/sla-policy.js';
import { type Arrival, paceOf, simulate } from '../../src/core/sla/forecast.js';
import { type Figures, standingOf } from '../../src/core/sla/standing.js';
import { severityOf } from '../../src/core/sla/violations.js';

const POLICY: SlaPolicy = {
  name: 'default',
  target: 0.99,
  targetLatenessMs: 300_000,
  windowMs: 300_000,
  warningBelow: 0.97,
  criticalBelow: 0.95,
};

function figures(own: Partial<Figures> = {}): Figures {
  return {
    good: 0,
    bad: 0,
    goodLong: 0,
    badLong: 0,
    overdue: 0,
    waiting: 0,
    dueSoon: 0,
    expectedMisses: 0,
    finish: null,
    limitedBy: null,
    obstacles: [],
    budget: { from: 0, good: 0, bad: 0 },
    ...own,
  };
}

const standing = (own: Partial<Figures>) => standingOf(POLICY, figures(own), 1_000_000);

describe('how a policy stands', () => {
  it.each([
    ['QUIET', 'nothing is going on', {}],
    ['ON_TIME', 'the rate is at its target', { good: 99, bad: 1 }],
    ['ON_TIME', 'nothing was judged yet, and what is due soon can be kept', { dueSoon: 10 }],
    ['LATE', 'the rate is below its target', { good: 98, bad: 2 }],
    ['LATE', 'nothing else is judged, and something is overdue', { overdue: 1 }],
    ['AT_RISK', 'too many are expected to be late', { good: 100, waiting: 99, expectedMisses: 1 }],
    [
      'ON_TIME',
      'no more are expected to be late than may be',
      { good: 100, waiting: 100, expectedMisses: 1 },
    ],
    [
      'AT_RISK',
      'something is in the way of what is due',
      { good: 1, dueSoon: 1, obstacles: ['No worker is alive.'] },
    ],
    ['QUIET', 'something is in the way of nothing', { obstacles: ['No worker is alive.'] }],
  ] as const)('CORE-40 is %s when %s', (status, _when, own) => {
    const { status: told, reasons } = standing(own);
    expect(told).toBe(status);
    expect(reasons.length > 0).toBe(status === 'LATE' || status === 'AT_RISK');
  });

  it('CORE-41 says why in figures, and never rounds a rate up to what was promised', () => {
    const { reasons } = standing({ good: 9_899, bad: 101, overdue: 3, waiting: 4, expectedMisses: 2 });
    expect(reasons).toEqual([
      '98.9 % of 10000 were accepted in time in the last 5 minutes; 99 % are promised.',
      '3 are overdue and not sent yet.',
      '2 of 4 that are due now and soon are expected to be late.',
    ]);
  });

  it('CORE-40 the budget is what may go wrong, and burns at 1 when it would just last', () => {
    const { budget } = standing({
      good: 98,
      bad: 2,
      goodLong: 990,
      badLong: 10,
      budget: { from: 0, good: 9_950, bad: 50 },
    });
    expect(budget.allowed).toBeCloseTo(100);
    expect(budget.left).toBeCloseTo(0.5);
    expect(budget.burnShort).toBeCloseTo(2);
    expect(budget.burnLong).toBeCloseTo(1);
    expect(standing({}).budget).toMatchObject({ left: null, burnShort: null, burnLong: null });
  });

  it('CORE-40 is a notice below the target, a warning and critical below the other two', () => {
    expect([0.985, 0.96, 0.9].map((rate) => severityOf(POLICY, rate))).toEqual([
      'NOTICE',
      'WARNING',
      'CRITICAL',
    ]);
  });
});

describe('policies', () => {
  it('CORE-40 the deadline is that of the policy that says most about a delivery', () => {
    const policies = new SlaPolicies(POLICY, [
      { ...POLICY, name: 'queue', queue: 'q', targetLatenessMs: 2_000 },
      { ...POLICY, name: 'pro in q', queue: 'q', tier: 'PRO', targetLatenessMs: 1_000 },
    ]);
    const late = (queue: string, tier: 'PRO' | 'FREE') =>
      policies.targetLatenessMs({ queue, tier, program: null });
    expect([late('q', 'PRO'), late('q', 'FREE'), late('other', 'PRO')]).toEqual([1_000, 2_000, 300_000]);
    expect(policies.deadline(new Date(5), { queue: 'q', tier: 'PRO', program: null })).toEqual(
      new Date(1_005),
    );
  });
});

describe('the forecast', () => {
  const arrivals = fc.array(
    fc.record({ dueAt: fc.nat(100_000), patience: fc.nat(50_000), count: fc.integer({ min: 1, max: 500 }) }),
    { maxLength: 30 },
  );

  it('CORE-41 lets leave what is due, in order, no faster than the pace, and none before it is due', () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 200 }), fc.nat(50_000), (some, perSecond, from) => {
        const all = some.map(({ dueAt, patience, count }): Arrival<null> => {
          return { dueAt, deadline: dueAt + patience, count, of: null };
        });
        const left = simulate(all, { perSecond, limitedBy: 'TOKEN', from }, 1);
        let free = from;
        for (const { dueAt, count, leftAt, misses, deadline } of left) {
          expect(leftAt).toBeGreaterThanOrEqual(Math.max(free, dueAt) + (count * 1_000) / perSecond - 1e-6);
          expect(misses > 0).toBe((leftAt ?? 0) > (deadline ?? 0) + 1e-6 && misses > 0);
          expect(misses).toBeLessThanOrEqual(count);
          if ((leftAt ?? 0) <= (deadline ?? 0)) expect(misses).toBe(0);
          free = leftAt ?? free;
        }
      }),
    );
  });

  it('CORE-41 2,000 over 5 minutes at 80 a second leave as they come; at one instant the last waits 25 s', () => {
    const { perSecond, limitedBy } = paceOf({ perSecond: 80, inFlight: 100, providerMs: 100 });
    expect([perSecond, limitedBy]).toEqual([78, 'TOKEN']);
    const [all] = simulate(
      [{ dueAt: 0, deadline: 10_000, count: 2_000, of: null }],
      { perSecond, limitedBy, from: 0 },
      1,
    );
    expect(all?.leftAt).toBeCloseTo(25_641, 0);
    expect(all?.misses).toBe(1_220);
  });

  it('CORE-41 a slow provider limits by its places, and what cannot move misses every deadline that is left', () => {
    expect(paceOf({ perSecond: null, inFlight: 10, providerMs: 500 })).toEqual({
      perSecond: 20,
      limitedBy: 'IN_FLIGHT',
    });
    const stuck = simulate(
      [
        { dueAt: 0, deadline: null, count: 5, of: null },
        { dueAt: 1, deadline: 10, count: 7, of: null },
      ],
      { perSecond: 0, limitedBy: 'STOPPED', from: 0 },
      1,
    );
    expect(stuck.map(({ misses, leftAt }) => [misses, leftAt])).toEqual([
      [0, null],
      [7, null],
    ]);
  });
});

import type { SlaFieldsFragment } from '#sdk';

/** 06:00 in Kolkata. */
export const SIX = Date.parse('2026-11-24T00:30:00.000Z');

/** A policy that stands well, judged at six, with what a test changes. */
export function sla(changes: Partial<SlaFieldsFragment> = {}): SlaFieldsFragment {
  const at = (ms: number): string => new Date(SIX + ms).toISOString();
  return {
    policy: {
      name: 'default',
      queue: null,
      program: null,
      tier: null,
      target: 0.99,
      targetLatenessMs: 300_000,
      windowMs: 300_000,
      warningBelow: 0.97,
      criticalBelow: 0.95,
    },
    status: 'ON_TIME',
    windowFrom: at(-300_000),
    windowTo: at(0),
    good: 1_204,
    bad: 0,
    rate: 1,
    overdue: 0,
    waiting: 12,
    dueSoon: 796,
    reasons: [],
    budget: { periodFrom: at(-86_400_000), allowed: 20, spent: 0, left: 1, burnShort: 0, burnLong: 0 },
    forecast: { expectedMisses: 0, finish: at(200_000), limitedBy: null },
    violation: null,
    evaluatedAt: at(0),
    validUntil: at(5_000),
    ...changes,
  };
}

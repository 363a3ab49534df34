/** Who goes first among what is due (CORE-20). */

/** A recipient's tier; earlier in the list goes first. */
export const TIERS = ['PRO', 'STANDARD', 'FREE'] as const;
export type Tier = (typeof TIERS)[number];

/** A delivery's priority: HIGH 1, MEDIUM 5 (the default), LOW 10. */
export const PRIORITIES = { HIGH: 1, MEDIUM: 5, LOW: 10 } as const;
export type Priority = keyof typeof PRIORITIES;

/** A tier is worth this much waiting: what has waited longer passes a better tier, so that nothing starves. */
const TIER_STEP_MS = 10 * 60_000;
/** Likewise for a priority; the three together stay below one tier. */
const PRIORITY_STEP_MS = { HIGH: 0, MEDIUM: 2 * 60_000, LOW: 4 * 60_000 } as const;

/** Nothing waits longer behind better-ranked work than this, in ms: the whole handicap of FREE and LOW. */
export const LONGEST_HANDICAP_MS = TIER_STEP_MS * (TIERS.length - 1) + PRIORITY_STEP_MS.LOW;

/**
 * The sort key of a delivery: a virtual deadline, the due instant plus a handicap for tier and priority.
 * Within a wave (due instants closer than a step) that is tier, then priority, then due instant; over longer
 * spans age wins. It never changes, so an index can hold it.
 */
export function rankOf(dueAtMs: number, tier: Tier, priority: Priority): number {
  return dueAtMs + TIERS.indexOf(tier) * TIER_STEP_MS + PRIORITY_STEP_MS[priority];
}

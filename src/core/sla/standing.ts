import type { DelayCause } from '../delivery/delay.js';
import type { SlaPolicy } from '../delivery/sla-policy.js';

/** How a policy stands, in one word. That nothing can be told any more (STALE) is for those to say who are not told. */
export const SLA_STATUSES = ['ON_TIME', 'AT_RISK', 'LATE', 'QUIET'] as const;
export type SlaStatus = (typeof SLA_STATUSES)[number];

/** What a policy is judged by. Counts of deliveries; engine ms. */
export interface Figures {
  /** Judged in the policy's window. */
  readonly good: number;
  readonly bad: number;
  /** Judged in the last hour. */
  readonly goodLong: number;
  readonly badLong: number;
  /** Past their deadline and still open. */
  readonly overdue: number;
  /** Due, still open, and their deadline has not come. */
  readonly waiting: number;
  /** Not due yet, but within the next target lateness. */
  readonly dueSoon: number;
  /** Of those two, how many are expected to miss their deadline. */
  readonly expectedMisses: number;
  /** When what is due now and soon is expected to have left; null: cannot be told, or nothing is due. */
  readonly finish: number | null;
  readonly limitedBy: DelayCause | null;
  /** What keeps it from moving, each in a sentence: a channel that is stopped, a queue that is paused. */
  readonly obstacles: readonly string[];
  readonly budget: { readonly from: number; readonly good: number; readonly bad: number };
}

/** The error budget: what may go wrong in thirty days, and how fast it is used up. */
export interface Budget {
  /** Engine ms. */
  readonly from: number;
  /** How many may be bad of those that were judged. */
  readonly allowed: number;
  readonly spent: number;
  /** 1: untouched, 0: used up, below: overspent; null: nothing was judged. */
  readonly left: number | null;
  /** Over the policy's window, and over an hour: 1 uses the budget up exactly; null: nothing was judged. */
  readonly burnShort: number | null;
  readonly burnLong: number | null;
}

/** How a policy stands. */
export interface Standing extends Omit<Figures, 'goodLong' | 'badLong' | 'budget' | 'obstacles'> {
  readonly policy: SlaPolicy;
  readonly status: SlaStatus;
  /** Engine ms, whole seconds; to exclusive. */
  readonly window: { readonly from: number; readonly to: number };
  /** good / (good + bad); null when nothing was judged. */
  readonly rate: number | null;
  /** Why it is AT_RISK or LATE, in sentences. */
  readonly reasons: readonly string[];
  readonly budget: Budget;
}

/** Judges a policy by its figures (CORE-40, CORE-41). @param to the window's end, engine ms, a whole second */
export function standingOf(policy: SlaPolicy, figures: Figures, to: number): Standing {
  const { good, bad, goodLong, badLong, obstacles, budget, ...rest } = figures;
  const rate = shareOf(good, bad);
  const status = statusOf(policy, figures, rate);
  return {
    policy,
    status,
    window: { from: to - policy.windowMs, to },
    good,
    bad,
    ...rest,
    rate,
    reasons: status === 'LATE' || status === 'AT_RISK' ? reasonsFor(policy, figures, rate) : [],
    budget: budgetOf(policy, budget, { good, bad }, { good: goodLong, bad: badLong }),
  };
}

function statusOf(policy: SlaPolicy, figures: Figures, rate: number | null): SlaStatus {
  if (rate !== null && rate < policy.target) return 'LATE';
  const { good, bad, overdue, waiting, dueSoon, expectedMisses, obstacles } = figures;
  const coming = waiting + dueSoon;
  // What is overdue was judged at its deadline; while it is open and nothing else counts, it is still somebody's message.
  if (overdue > 0 && good + bad === 0) return 'LATE';
  if (coming > 0 && expectedMisses / coming > 1 - policy.target) return 'AT_RISK';
  if (coming + overdue > 0 && obstacles.length > 0) return 'AT_RISK';
  return good + bad + overdue + coming === 0 ? 'QUIET' : 'ON_TIME';
}

function reasonsFor(policy: SlaPolicy, figures: Figures, rate: number | null): string[] {
  const { good, bad, overdue, waiting, dueSoon, expectedMisses, obstacles } = figures;
  const reasons: string[] = [];
  if (rate !== null && rate < policy.target) {
    reasons.push(
      `${percent(rate)} of ${good + bad} were accepted in time in the last ${inWords(policy.windowMs)}; ${percent(policy.target)} are promised.`,
    );
  }
  if (overdue > 0) reasons.push(`${overdue} ${overdue === 1 ? 'is' : 'are'} overdue and not sent yet.`);
  if (expectedMisses > 0)
    reasons.push(
      `${expectedMisses} of ${waiting + dueSoon} that are due now and soon are expected to be late.`,
    );
  return [...reasons, ...obstacles];
}

function budgetOf(
  policy: SlaPolicy,
  period: Figures['budget'],
  short: { good: number; bad: number },
  long: { good: number; bad: number },
): Budget {
  const mayFail = 1 - policy.target;
  const allowed = (period.good + period.bad) * mayFail;
  const burn = ({ good, bad }: { good: number; bad: number }): number | null => {
    const rate = shareOf(good, bad);
    return rate === null ? null : (1 - rate) / mayFail;
  };
  return {
    from: period.from,
    allowed,
    spent: period.bad,
    left: allowed === 0 ? null : 1 - period.bad / allowed,
    burnShort: burn(short),
    burnLong: burn(long),
  };
}

function shareOf(good: number, bad: number): number | null {
  return good + bad === 0 ? null : good / (good + bad);
}

/** Rounded down, so that 98.96 % is never told as 99 %. */
function percent(share: number): string {
  return `${Math.floor(share * 1_000 + 1e-9) / 10} %`;
}

function inWords(ms: number): string {
  if (ms % 60_000 !== 0) return `${ms / 1_000} s`;
  return ms === 60_000 ? 'minute' : `${ms / 60_000} minutes`;
}

/** When a failed attempt is tried again (CORE-25). */
export interface RetryPolicy {
  /** Tries in all, the first included; at least 1. */
  readonly attempts: number;
  /** Delay before the second try, in ms; it doubles from try to try. */
  readonly baseMs: number;
  /** Spread of each delay, as a share of it: 0.1 is plus or minus 10 %. */
  readonly jitter: number;
}

/** The policies of the programs, by the name that a delivery carries. */
export const RETRY_POLICIES = {
  /** Daily content: 5, 10, 20 s. */
  content: { attempts: 4, baseMs: 5_000, jitter: 0.1 },
  /** Messages to patients and calls: 2, 4, 8 s. */
  prompt: { attempts: 4, baseMs: 2_000, jitter: 0.1 },
  /** Reminders by SMS: 5, 10, 20 minutes. */
  patient: { attempts: 4, baseMs: 5 * 60_000, jitter: 0.1 },
} as const satisfies Record<string, RetryPolicy>;

/**
 * Delay in ms before the try after `attempt` (1 for the first). A provider's Retry-After is a floor, and is
 * obeyed even where it is longer than the policy's delay.
 * @param random a number in [0, 1), for the jitter
 */
export function retryDelayMs(
  policy: Pick<RetryPolicy, 'baseMs' | 'jitter'>,
  attempt: number,
  random: number,
  retryAfterMs?: number,
): number {
  const plain = policy.baseMs * 2 ** (attempt - 1);
  const spread = plain * (1 + policy.jitter * (2 * random - 1));
  return Math.max(Math.round(spread), retryAfterMs ?? 0);
}

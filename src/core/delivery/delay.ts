/** What can hold a delivery up between its due instant and the provider's acceptance. */
export const DELAY_CAUSES = [
  /** Nobody had it in hand: no worker, an alarm that rang late, a claim that took its time. */
  'WAKE',
  /** It waited for a send token: the channel's limit a second. */
  'TOKEN',
  /** The channel's limit for the day was used up. */
  'DAY_LIMIT',
  /** Its recipient had been written to a moment before. */
  'RECIPIENT_LIMIT',
  /** All places for attempts under way were taken. */
  'IN_FLIGHT',
  /** The channel's breaker was open. */
  'BREAKER',
  /** The channel was stopped, as when credentials are refused. */
  'STOPPED',
  /** The queue was paused. */
  'PAUSED',
  /** Earlier attempts failed: their time, and the pauses between them. */
  'RETRY',
  /** The provider took its time to answer the attempt that it accepted. */
  'PROVIDER',
] as const;
export type DelayCause = (typeof DELAY_CAUSES)[number];

/** Where milliseconds went, by cause. A cause that cost nothing is absent. */
export type Delays = Readonly<Partial<Record<DelayCause, number>>>;

/** Delays of less than a millisecond in all are not worth a document's field: null. */
export function worthKeeping(delays: Delays): Delays | null {
  const kept = Object.entries(delays)
    .map(([cause, ms]) => [cause, Math.round(ms)] as const)
    .filter(([, ms]) => ms > 0);
  return kept.length === 0 ? null : Object.fromEntries(kept);
}

/**
 * Makes the parts add up to the whole: what is not explained by the causes that were noted, nobody had in hand; where two
 * causes lasted at the same time, each takes its share.
 */
export function withWake(waited: Delays, waitedMs: number): Delays {
  const known = Object.values(waited).reduce((sum, ms) => sum + ms, 0);
  if (known <= waitedMs) return { ...waited, WAKE: (waited.WAKE ?? 0) + waitedMs - known };
  const share = Math.max(0, waitedMs) / known;
  return Object.fromEntries(Object.entries(waited).map(([cause, ms]) => [cause, ms * share]));
}

/**
 * Where the lateness of an accepted delivery went: the attempt's own waits since it was ready, the provider's time, and
 * for everything before that the earlier attempts. The parts add up to the lateness.
 */
export function explainLateness(times: {
  /** Engine ms, all of them. */
  readonly dueAt: number;
  readonly readyAt: number;
  readonly startedAt: number;
  readonly acceptedAt: number;
  /** What held it up from `readyAt` to the attempt's start. */
  readonly waited: Delays;
  /** It was put off without an attempt: for its recipient's sake. */
  readonly isFirstTry: boolean;
}): Delays {
  const { dueAt, startedAt, acceptedAt, isFirstTry } = times;
  const readyAt = Math.max(dueAt, times.readyAt);
  const waited = withWake(times.waited, startedAt - readyAt);
  const before = isFirstTry ? 'RECIPIENT_LIMIT' : 'RETRY';
  return {
    ...waited,
    [before]: (waited[before] ?? 0) + readyAt - dueAt,
    PROVIDER: (waited.PROVIDER ?? 0) + Math.max(0, acceptedAt - startedAt),
  };
}

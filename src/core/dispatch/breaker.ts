import type { ChannelStateDoc } from './channel-state.entity.js';

/** When a breaker opens, and for how long (CORE-27). */
export interface BreakerSettings {
  /** Consecutive failures that open it. */
  readonly failures: number;
  /** Real ms for which it lets nothing through then. */
  readonly openMs: number;
}

export const BREAKER_DEFAULTS: BreakerSettings = { failures: 5, openMs: 60_000 };

/** Real ms that the one that is let through has; past them another may try. */
export const PROBE_MS = 30_000;

/** What a worker may do on a channel. */
export type Permission =
  | { readonly kind: 'ALL' }
  /** The breaker waits for somebody to try: take the probe first, and send one. */
  | { readonly kind: 'PROBE' }
  /** Nothing, until the real instant (ms), or until a person acts (null). */
  | { readonly kind: 'NONE'; readonly until: number | null };

/** What the shared state of a channel permits at a real instant (ms). */
export function permission(
  state: Pick<ChannelStateDoc, 'breaker' | 'retryAt' | 'stopped'> | null,
  realNow: number,
): Permission {
  if (!state) return { kind: 'ALL' };
  if (state.stopped !== null) return { kind: 'NONE', until: null };
  if (state.breaker === 'CLOSED') return { kind: 'ALL' };
  const retryAt = state.retryAt?.getTime() ?? 0;
  return realNow >= retryAt ? { kind: 'PROBE' } : { kind: 'NONE', until: retryAt };
}

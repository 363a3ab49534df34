import type { ConnectionState, SlaFieldsFragment } from '#sdk';

/** How things stand: the server's four, and the watcher's own for when it does not know. */
export type VerdictStatus = SlaFieldsFragment['status'] | 'STALE';

/** The newest of what the server has said of its SLA. */
export interface SlaNews {
  /** At least one: the policy "default" comes first. */
  readonly slas: readonly [SlaFieldsFragment, ...SlaFieldsFragment[]];
  /** `performance.now()` when it came. */
  readonly arrived: number;
}

/** What the page is to say, and of which policy. */
export type Verdict =
  /** Nothing has been heard yet, and it is too early to worry. */
  | { readonly status: null }
  | { readonly status: Exclude<VerdictStatus, 'STALE'>; readonly lead: SlaFieldsFragment }
  /** @property lead the last that was heard; null: nothing ever was */
  | {
      readonly status: 'STALE';
      readonly lead: SlaFieldsFragment | null;
      readonly cause: 'LINK' | 'SILENCE';
      /** How long nothing was heard, in ms. */
      readonly silentMs: number;
    };

/** How long a first event may take before its absence is told, in ms. */
const PATIENCE_MS = 5_000;

/** The worst first. */
const GRAVITY: readonly SlaFieldsFragment['status'][] = ['LATE', 'AT_RISK', 'ON_TIME', 'QUIET'];

/**
 * Judges by the policy that stands worst. What the server said holds until the instant that it named itself; from
 * then on, or when the link is lost, nobody here knows, and that is what is said (STALE).
 * @param link of the page's subscriptions
 * @param opened `performance.now()` when the page began to listen
 */
export function verdictOf(
  news: SlaNews | null,
  link: ConnectionState,
  opened: number,
  monotonic: number,
): Verdict {
  if (!news) {
    const silentMs = Math.max(0, monotonic - opened);
    if (link !== 'lost' && silentMs < PATIENCE_MS) return { status: null };
    return { status: 'STALE', lead: null, cause: link === 'open' ? 'SILENCE' : 'LINK', silentMs };
  }
  const lead = worstOf(news.slas);
  const silentMs = Math.max(0, monotonic - news.arrived);
  if (link === 'lost') return { status: 'STALE', lead, cause: 'LINK', silentMs };
  // A length of time, and no instant: the watcher's own clock may be off by minutes.
  if (silentMs >= Date.parse(lead.validUntil) - Date.parse(lead.evaluatedAt))
    return { status: 'STALE', lead, cause: 'SILENCE', silentMs };
  return { status: lead.status, lead };
}

/** The policy that decides: the worst, and among equals the first. */
export function worstOf(slas: SlaNews['slas']): SlaFieldsFragment {
  return slas.reduce((worst, sla) =>
    GRAVITY.indexOf(sla.status) < GRAVITY.indexOf(worst.status) ? sla : worst,
  );
}

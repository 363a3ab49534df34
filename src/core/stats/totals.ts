import type { DelayCause, Delays } from '../delivery/delay.js';
import type { DeliveryState } from '../delivery/states.js';
import { countOf, type Histogram, quantile, sumHistograms } from './histogram.js';
import type { TallyDoc } from './tally.entity.js';

/** A distribution, in ms. Percentiles are to within 6 %, rounded up; average and largest are exact. */
export interface Percentiles {
  readonly average: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Tallies added up. */
export interface Totals {
  /** Taken in by Punctual. */
  readonly accepted: number;
  /** Accepted by the provider. */
  readonly sent: number;
  readonly delivered: number;
  readonly read: number;
  readonly responded: number;
  readonly retried: number;
  readonly failed: number;
  readonly deadLettered: number;
  readonly missed: number;
  readonly cancelled: number;
  /** Accepted by the provider within the target lateness. */
  readonly onTime: number;
  /** Where the lateness of what was sent went, in ms by cause. */
  readonly lost: Delays;
  readonly latenessSum: number;
  readonly latenessMax: number;
  readonly latenessHistogram: Histogram;
  readonly providerSum: number;
  readonly providerMax: number;
  readonly providerHistogram: Histogram;
}

/** What callers are told of totals. */
export interface Figures extends Pick<
  Totals,
  | 'accepted'
  | 'sent'
  | 'delivered'
  | 'read'
  | 'responded'
  | 'retried'
  | 'failed'
  | 'deadLettered'
  | 'missed'
  | 'cancelled'
  | 'onTime'
  | 'lost'
> {
  /** sent / (sent + failed + deadLettered + missed); null when nothing has ended. */
  readonly successRate: number | null;
  /** onTime / (sent + failed + deadLettered + missed); null when nothing has ended. */
  readonly onTimeRate: number | null;
  /** responded / delivered; null when nothing was delivered. */
  readonly responseRate: number | null;
  /** Acceptance minus due instant; null when nothing was sent. */
  readonly lateness: Percentiles | null;
  /** How long the provider took to answer; null when it was not asked. */
  readonly providerLatency: Percentiles | null;
}

/** Adds tallies up, whatever their dimensions. */
export function addUp(tallies: readonly TallyDoc[]): Totals {
  const moved = (to: DeliveryState | 'CREATED'): number =>
    tallies.reduce((sum, t) => sum + (t.moved?.[to] ?? 0), 0);
  const sum = (field: 'onTime' | 'latenessSum' | 'providerSum'): number =>
    tallies.reduce((s, t) => s + (t[field] ?? 0), 0);
  const max = (field: 'latenessMax' | 'providerMax'): number =>
    tallies.reduce((m, t) => Math.max(m, t[field] ?? 0), 0);
  return {
    accepted: moved('CREATED'),
    sent: moved('SENT'),
    delivered: moved('DELIVERED'),
    read: moved('READ'),
    responded: moved('RESPONDED'),
    retried: moved('RETRYING'),
    failed: moved('FAILED'),
    deadLettered: moved('DEAD_LETTERED'),
    missed: moved('MISSED'),
    cancelled: moved('CANCELLED'),
    onTime: sum('onTime'),
    lost: sumLost(tallies),
    latenessSum: sum('latenessSum'),
    latenessMax: max('latenessMax'),
    latenessHistogram: sumHistograms(tallies.map((t) => t.lateness ?? {})),
    providerSum: sum('providerSum'),
    providerMax: max('providerMax'),
    providerHistogram: sumHistograms(tallies.map((t) => t.provider ?? {})),
  };
}

/** Rates and percentiles of totals. */
export function figuresOf(totals: Totals): Figures {
  const {
    latenessSum,
    latenessMax,
    latenessHistogram,
    providerSum,
    providerMax,
    providerHistogram,
    ...counted
  } = totals;
  const all = totals.sent + totals.failed + totals.deadLettered + totals.missed;
  const share = (part: number): number | null => (all === 0 ? null : part / all);
  return {
    ...counted,
    successRate: share(totals.sent),
    onTimeRate: share(totals.onTime),
    responseRate: totals.delivered === 0 ? null : totals.responded / totals.delivered,
    lateness: percentiles(latenessHistogram, latenessSum, latenessMax),
    providerLatency: percentiles(providerHistogram, providerSum, providerMax),
  };
}

function sumLost(tallies: readonly TallyDoc[]): Delays {
  const lost: Partial<Record<DelayCause, number>> = {};
  for (const tally of tallies) {
    for (const [cause, ms] of Object.entries(tally.lost ?? {}) as [DelayCause, number][])
      lost[cause] = (lost[cause] ?? 0) + ms;
  }
  return lost;
}

function percentiles(histogram: Histogram, sum: number, max: number): Percentiles | null {
  const count = countOf(histogram);
  if (count === 0) return null;
  const at = (q: number): number => Math.min(quantile(histogram, q) ?? 0, max);
  return { average: sum / count, p50: at(0.5), p95: at(0.95), p99: at(0.99), max };
}

import type { HistoryQuery } from '#sdk';

/** A point of a history as the API gives it. */
type HistoryPoint = HistoryQuery['history'][number];

/** Lateness by minute or longer, in columns as the plot wants them; null where nothing was sent. */
export interface LatenessColumns {
  /** Beginnings of the buckets, seconds since 1970. */
  readonly at: readonly number[];
  readonly p50: readonly (number | null)[];
  readonly p95: readonly (number | null)[];
  readonly p99: readonly (number | null)[];
}

/** The least lateness that a logarithmic axis shows, in ms: nothing is ever sent early, and 0 has no logarithm. */
export const FLOOR_MS = 1;

/** Turns points into columns. */
export function latenessColumns(points: readonly HistoryPoint[]): LatenessColumns {
  const column = (name: string): (number | null)[] =>
    points.map((point) => {
      const value = valueOf(point, name);
      return value === null ? null : Math.max(FLOOR_MS, value);
    });
  return {
    at: points.map(({ at }) => Date.parse(at) / 1_000),
    p50: column('latenessP50'),
    p95: column('latenessP95'),
    p99: column('latenessP99'),
  };
}

/** One live reading of a policy's rate. */
export interface RateSample {
  /** Seconds since 1970, engine time. */
  readonly at: number;
  /** Over the policy's rolling window, 0 to 1; null when nothing was judged in it. */
  readonly rate: number | null;
}

/** How far back live readings are kept, in seconds. */
const KEEP_SECONDS = 3_600;

/**
 * Adds what an event says to the live readings; `instant` is engine time, ms since 1970. An event that says nothing newer changes nothing, so that one that
 * comes twice is one point.
 */
export function withSample(
  samples: readonly RateSample[],
  instant: number,
  rate: number | null,
): readonly RateSample[] {
  const at = instant / 1_000;
  const last = samples.at(-1);
  if (last && at <= last.at) return samples;
  const first = samples.findIndex((sample) => sample.at > at - KEEP_SECONDS);
  return [...(first < 0 ? [] : samples.slice(first)), { at, rate }];
}

/** Rates in columns: of each bucket as a whole, and over the rolling window. */
export interface RateColumns {
  readonly at: readonly number[];
  readonly bucket: readonly (number | null | undefined)[];
  readonly rolling: readonly (number | null | undefined)[];
}

/**
 * Joins both kinds on one axis. A column's `undefined` says "not measured at this instant, draw on"; its `null` says
 * "nothing to measure, leave a gap".
 */
export function rateColumns(points: readonly HistoryPoint[], samples: readonly RateSample[]): RateColumns {
  const rows = [
    ...points.map((point) => ({
      at: Date.parse(point.at) / 1_000,
      bucket: valueOf(point, 'onTimeRate'),
      rolling: undefined,
    })),
    ...samples.map(({ at, rate }) => ({ at, bucket: undefined, rolling: rate })),
  ].sort((a, b) => a.at - b.at);
  return {
    at: rows.map(({ at }) => at),
    bucket: rows.map(({ bucket }) => bucket),
    rolling: rows.map(({ rolling }) => rolling),
  };
}

function valueOf(point: HistoryPoint, name: string): number | null {
  return point.values.find((value) => value.name === name)?.value ?? null;
}

/** Position of the newest value in a column; null when it has none. */
export function latestOf(column: readonly (number | null | undefined)[]): number | null {
  const at = column.findLastIndex((value) => value != null);
  return at < 0 ? null : at;
}

/**
 * Log-linear buckets for milliseconds: exact to 1 ms below 16 ms, then sixteen steps to each doubling (6 % wide at
 * most), up to a day. A histogram is a map from bucket number to count, so that two add up field by field.
 */

const STEPS = 16;
const LARGEST_MS = 86_400_000;

/** Counts by bucket number. Keys are strings because that is what MongoDB's `$inc` paths make of them. */
export type Histogram = Readonly<Record<string, number>>;

/** The bucket of a value in ms; negative values count as 0, larger ones than a day as a day. */
export function bucketOf(ms: number): number {
  const value = Math.min(Math.max(Math.floor(ms), 0), LARGEST_MS);
  if (value < STEPS) return value;
  const power = 31 - Math.clz32(value);
  return (power - 3) * STEPS + ((value >> (power - 4)) - STEPS);
}

/** The largest value in ms that falls into a bucket, so that a percentile never flatters. */
export function upperBound(bucket: number): number {
  if (bucket < STEPS) return bucket;
  const power = Math.floor(bucket / STEPS) + 3;
  const step = (bucket % STEPS) + STEPS + 1;
  return step * 2 ** (power - 4) - 1;
}

/** Adds histograms up. */
export function sumHistograms(parts: Iterable<Histogram>): Histogram {
  const sum: Record<string, number> = {};
  for (const part of parts) {
    for (const [bucket, count] of Object.entries(part)) sum[bucket] = (sum[bucket] ?? 0) + count;
  }
  return sum;
}

/** How many values a histogram holds. */
export function countOf(histogram: Histogram): number {
  return Object.values(histogram).reduce((sum, count) => sum + count, 0);
}

/** How many values are below `ms`: exact for powers of two and for what is below 16, where no bucket lies across it. */
export function countBelow(histogram: Histogram, ms: number): number {
  return Object.entries(histogram).reduce(
    (sum, [bucket, count]) => (upperBound(Number(bucket)) < ms ? sum + count : sum),
    0,
  );
}

/** The value in ms below or at which a share `q` (0 to 1) of the values lies; null when there are none. */
export function quantile(histogram: Histogram, q: number): number | null {
  const total = countOf(histogram);
  if (total === 0) return null;
  const wanted = Math.max(1, Math.ceil(q * total));
  let seen = 0;
  for (const bucket of Object.keys(histogram)
    .map(Number)
    .sort((a, b) => a - b)) {
    seen += histogram[bucket] ?? 0;
    if (seen >= wanted) return upperBound(bucket);
  }
  return null;
}

/**
 * What a random number is for. Each use has its own sequence, so that switching one kind of fault on does not move
 * where another kind strikes.
 */
export const Purpose = {
  HANG: 1,
  RESET: 2,
  ERROR: 3,
  RESET_AFTER_ACCEPT: 4,
  LATENCY_RADIUS: 5,
  LATENCY_ANGLE: 6,
  READ: 7,
  REPLY: 8,
  STATUS_DUPLICATE: 9,
  STATUS_ORDER: 10,
  THROTTLE: 11,
} as const;
export type Purpose = (typeof Purpose)[keyof typeof Purpose];

/**
 * A number in [0, 1) that depends on its three arguments alone: the `n`th request of a seed meets the same fate in
 * every run, whatever else goes on at the same time.
 */
export function roll(seed: number, n: number, purpose: Purpose): number {
  const mixed = mix(mix(mix(seed + 0x9e3779b9) ^ n) ^ Math.imul(purpose, 0x85ebca6b));
  return (mixed >>> 0) / 2 ** 32;
}

/** Spreads every bit of a 32-bit integer over all of them (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** The normal quantile of 0.99: how many standard deviations lie between a median and its 99th percentile. */
const NORMAL_P99 = 2.326;

/** Of requests with no usual latency but a slow tail, so many are slow: over 1 %, so that the P99 is among them. */
const SLOW_SHARE = 0.02;

/**
 * Milliseconds until the answer: log-normal with the given median and 99th percentile, at most twice the latter.
 * With equal arguments it is constant.
 */
export function rollLatency(seed: number, n: number, medianMs: number, p99Ms: number): number {
  if (p99Ms <= medianMs) return medianMs;
  const radius = roll(seed, n, Purpose.LATENCY_RADIUS);
  if (medianMs === 0) return radius < SLOW_SHARE ? p99Ms : 0;
  const angle = roll(seed, n, Purpose.LATENCY_ANGLE);
  const normal = Math.sqrt(-2 * Math.log(1 - radius)) * Math.cos(2 * Math.PI * angle);
  const sigma = Math.log(p99Ms / medianMs) / NORMAL_P99;
  return Math.min(2 * p99Ms, medianMs * Math.exp(sigma * normal));
}

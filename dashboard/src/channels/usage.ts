/** How many sends were counted against a day's limit, and when that was read. */
export interface UsageReading {
  /** `performance.now()`, ms. */
  readonly at: number;
  readonly used: number;
}

/** Over how long a rate is taken, in ms: shorter, and two readings a blink apart would make it jump. */
const SPAN_MS = 6_000;

/** Adds a reading. A count that fell is a new day: what was read before says nothing any more. */
export function withReading(
  readings: readonly UsageReading[],
  reading: UsageReading,
): readonly UsageReading[] {
  const last = readings.at(-1);
  if (last && reading.at <= last.at) return readings;
  if (last && reading.used < last.used) return [reading];
  return [...readings.filter(({ at }) => at >= reading.at - SPAN_MS), reading];
}

/** Sends a second over the last readings; null until there are two. */
export function perSecondOf(readings: readonly UsageReading[]): number | null {
  const first = readings[0];
  const last = readings.at(-1);
  if (!first || !last || last.at <= first.at) return null;
  return ((last.used - first.used) / (last.at - first.at)) * 1_000;
}

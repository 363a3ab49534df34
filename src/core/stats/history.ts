import { OPEN, STATES } from '../delivery/states.js';
import { type StateCounts, sumCounts } from './counts.js';
import type { TallyDoc } from './tally.entity.js';
import { addUp, figuresOf } from './totals.js';

/** What a series shows (CORE-44). */
export const SERIES = ['DELIVERIES', 'LATENCY', 'SLA', 'QUEUE_DEPTH'] as const;
export type Series = (typeof SERIES)[number];

/** From inclusive, to exclusive; engine time, to the minute. */
export interface Window {
  readonly from: Date;
  readonly to: Date;
}

/** One point of a series: figures by name. A figure that nothing was measured for is absent. */
export interface HistoryPoint {
  readonly at: Date;
  readonly values: Readonly<Record<string, number>>;
}

const MINUTE_MS = 60_000;

/**
 * Cuts minutes into buckets and makes a point of each.
 * @param now the counts of now, from which the depth of earlier instants is counted back
 */
export function seriesOf(
  series: Series,
  window: Window,
  bucketMinutes: number,
  minutes: readonly TallyDoc[],
  now: StateCounts,
): HistoryPoint[] {
  const width = bucketMinutes * MINUTE_MS;
  const start = Math.floor(window.from.getTime() / width) * width;
  const groups = Map.groupBy(minutes, (tally) => Math.floor(((tally.at?.getTime() ?? 0) - start) / width));
  const buckets = Math.ceil((window.to.getTime() - start) / width);
  if (series === 'QUEUE_DEPTH') return depths(groups, buckets, start, width, now);
  return Array.from({ length: buckets }, (_, i) => ({
    at: new Date(start + i * width),
    values: valuesOf(series, groups.get(i) ?? []),
  }));
}

function valuesOf(
  series: Exclude<Series, 'QUEUE_DEPTH'>,
  tallies: readonly TallyDoc[],
): Record<string, number> {
  const figures = figuresOf(addUp(tallies));
  switch (series) {
    case 'DELIVERIES': {
      const { accepted, sent, delivered, read, responded, retried, failed, deadLettered, missed, cancelled } =
        figures;
      return { accepted, sent, delivered, read, responded, retried, failed, deadLettered, missed, cancelled };
    }
    case 'LATENCY':
      return {
        ...prefixed('lateness', figures.lateness),
        ...prefixed('provider', figures.providerLatency),
      };
    case 'SLA': {
      const { onTime, sent, failed, deadLettered, missed, onTimeRate } = figures;
      const ended = sent + failed + deadLettered + missed;
      return { ended, onTime, ...(onTimeRate === null ? {} : { onTimeRate }) };
    }
  }
}

/** `lateness` and `{ p50: 3 }` make `latenessP50: 3`. */
function prefixed(prefix: string, figures: object | null): Record<string, number> {
  return Object.fromEntries(
    Object.entries(figures ?? {}).map(([name, value]) => [
      `${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      Number(value),
    ]),
  );
}

function depths(
  groups: ReadonlyMap<number, readonly TallyDoc[]>,
  buckets: number,
  start: number,
  width: number,
  now: StateCounts,
): HistoryPoint[] {
  const depth = { ...now };
  const back = (tallies: readonly TallyDoc[]): void => {
    const change = sumCounts(tallies);
    for (const state of STATES) depth[state] -= change[state];
  };
  for (const [i, tallies] of groups) if (i >= buckets) back(tallies);
  const points: HistoryPoint[] = [];
  for (let i = buckets - 1; i >= 0; i--) {
    const waiting = OPEN.reduce((sum, state) => sum + depth[state], 0);
    points.unshift({
      at: new Date(start + i * width),
      values: {
        depth: waiting,
        queued: depth.QUEUED,
        scheduled: depth.SCHEDULED,
        retrying: depth.RETRYING,
        sending: depth.SENDING,
      },
    });
    back(groups.get(i) ?? []);
  }
  return points;
}

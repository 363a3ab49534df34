import type { Window } from './history.js';
import type { TallyKind } from './tally.entity.js';

/** Kinds of tallies that hold a stretch of time, from fine to coarse. */
export type Grain = Extract<TallyKind, 'MINUTE' | 'HOUR' | 'DAY'>;

const LENGTH_MS = { MINUTE: 60_000, HOUR: 3_600_000, DAY: 86_400_000 } as const satisfies Record<
  Grain,
  number
>;

/** How far time has been rolled up, and what is kept of the finer grains; engine ms. */
export interface RolledUp {
  /** Hours before this are complete. */
  readonly hoursUntil: number;
  /** Days before this are complete. */
  readonly daysUntil: number;
  /** Minutes before this may be gone. */
  readonly minutesFrom: number;
  /** Hours before this may be gone. */
  readonly hoursFrom: number;
}

/** A stretch of time to be read from tallies of one kind. From inclusive, to exclusive; engine ms. */
export interface Span {
  readonly kind: Grain;
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts a window into stretches, each to be read from the coarsest tallies that fit, so that what an answer costs does not
 * grow with the window. A beginning or an end of which the finer tallies are gone is widened to the coarser one's.
 * @param coarsest no coarser tallies than these: for series with narrow buckets
 */
export function spansOf(window: Window, rolled: RolledUp, coarsest: Grain = 'DAY'): Span[] {
  const from = floorTo(window.from.getTime(), grainKept(window.from.getTime(), rolled));
  const end = window.to.getTime();
  const to = ceilTo(end, grainKept(end - 1, rolled));
  const { hoursFrom, minutesFrom } = rolled;
  // Where the finer ones are gone, the coarser ones are all there is, whatever was asked for.
  const zones = [
    cut(from, Math.min(to, hoursFrom), rolled, 'DAY'),
    cut(Math.max(from, hoursFrom), Math.min(to, minutesFrom), rolled, coarsest === 'DAY' ? 'DAY' : 'HOUR'),
    cut(Math.max(from, hoursFrom, minutesFrom), to, rolled, coarsest),
  ];
  return joined(zones.flat());
}

function cut(from: number, to: number, rolled: RolledUp, coarsest: Grain): Span[] {
  if (from >= to) return [];
  if (coarsest === 'MINUTE') return [{ kind: 'MINUTE', from, to }];
  const finer = coarsest === 'DAY' ? 'HOUR' : 'MINUTE';
  const whole = inner(coarsest, from, to, coarsest === 'DAY' ? rolled.daysUntil : rolled.hoursUntil);
  if (!whole) return cut(from, to, rolled, finer);
  return [...cut(from, whole.from, rolled, finer), whole, ...cut(whole.to, to, rolled, finer)];
}

function joined(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last?.kind === span.kind) result[result.length - 1] = { ...last, to: span.to };
    else result.push(span);
  }
  return result;
}

/** The whole hours or days within a stretch that are complete; null where there are none. */
function inner(kind: 'HOUR' | 'DAY', from: number, to: number, until: number): Span | null {
  const span = { kind, from: ceilTo(from, kind), to: floorTo(Math.min(to, until), kind) };
  return span.from < span.to ? span : null;
}

function grainKept(instant: number, { minutesFrom, hoursFrom }: RolledUp): Grain {
  if (instant < hoursFrom) return 'DAY';
  return instant < minutesFrom ? 'HOUR' : 'MINUTE';
}

/** The beginning of the minute, hour or day (of UTC) that an instant is in; engine ms. */
export function floorTo(ms: number, grain: Grain): number {
  return Math.floor(ms / LENGTH_MS[grain]) * LENGTH_MS[grain];
}

function ceilTo(ms: number, grain: Grain): number {
  return Math.ceil(ms / LENGTH_MS[grain]) * LENGTH_MS[grain];
}

import { PunctualError } from '../errors.js';
import { resolveWallTime } from './local-time.js';
import { type Recurrence, wallTimesOf } from './recurrence.js';
import type { Moment } from './rrule-text.js';
import { DAY_MS, LONGEST_GAP_MS, wallMsOf, wallTimeAt, wallTimeOf } from './wall-clock.js';

/** What had to be done to make a rule's wall time an instant. */
export const OCCURRENCE_FLAGS = ['GAP', 'OVERLAP', 'CLAMPED'] as const;
export type OccurrenceFlag = (typeof OCCURRENCE_FLAGS)[number];

/** One time at which a rule fires. */
export interface Occurrence {
  /** From 1. What EXDATE leaves out has its number too, so that leaving one out changes no other. */
  readonly number: number;
  /** The wall time that the rule asks for, as `wallMsOf` counts; with GAP, the clock never shows it. */
  readonly wallMs: number;
  /** The instant, in ms since the epoch. */
  readonly at: number;
  /** The zone's offset at that instant, in minutes east of UTC. */
  readonly offsetMinutes: number;
  readonly flags: readonly OccurrenceFlag[];
}

/** How far a chain has come: the occurrence that was the last. */
export interface Position {
  readonly at: number;
  readonly number: number;
}

type Found = Omit<Occurrence, 'number'>;

/** Occurrences that may be left out before the search is given up: it must not hold up everybody else. */
const MOST_EXCLUDED = 1_500;

/**
 * The instants at which a rule fires, ascending and each once (CORE-12, CORE-13), found one by one as they are asked for.
 * The wall time stays what it is across changes of the clock; one that is skipped is later by the gap, one that comes
 * twice fires at the first. A time that a gap moves onto, or past, another of the same rule keeps its place in the
 * order: of two at the same instant there is one.
 * @param after null: from the beginning; else those behind it, and its number is counted on from
 * @throws INVALID_TIMEZONE; VALIDATION_ERROR when nearly all is excluded
 */
export function* eachOccurrence(
  recurrence: Recurrence,
  zone: string,
  after: Position | null,
): Generator<Occurrence, void> {
  const { rule, maxOccurrences } = recurrence;
  const { count, until, excluded } =
    rule.kind === 'RRULE' ? rule : { count: null, until: null, excluded: [] };
  const most = Math.min(maxOccurrences ?? Infinity, count ?? Infinity);
  let number = after?.number ?? 0;
  let leftOut = 0;
  for (const found of inOrder(resolved(recurrence, zone, after))) {
    if (after && found.at <= after.at) continue;
    number += 1;
    if (number > most || (until?.kind === 'INSTANT' && found.at > until.at)) return;
    if (excluded.some((moment) => isAt(moment, found))) {
      leftOut += 1;
      if (leftOut > MOST_EXCLUDED)
        throw new PunctualError('VALIDATION_ERROR', 'EXDATE leaves out nearly all that the rule makes');
      continue;
    }
    yield { number, ...found };
  }
}

/** The first `limit` of `eachOccurrence`. */
export function occurrences(
  recurrence: Recurrence,
  zone: string,
  after: Position | null,
  limit: number,
): Occurrence[] {
  const found: Occurrence[] = [];
  if (limit < 1) return found;
  for (const occurrence of eachOccurrence(recurrence, zone, after)) {
    found.push(occurrence);
    if (found.length >= limit) break;
  }
  return found;
}

/** In the order of the wall times. */
function* resolved(recurrence: Recurrence, zone: string, after: Position | null): Generator<Found, void> {
  // Times of before it may have been moved behind it by a gap.
  const from = after ? wallMsOf(wallTimeAt(after.at, zone)) - LONGEST_GAP_MS : recurrence.anchorMs;
  const last = lastWallMs(recurrence);
  for (const { wallMs, clamped } of wallTimesOf(recurrence)(from)) {
    if (wallMs > last) return;
    const { at, offsetMinutes, flag } = resolveWallTime(wallTimeOf(wallMs), zone);
    const flags: OccurrenceFlag[] = flag ? [flag] : [];
    if (clamped) flags.push('CLAMPED');
    yield { wallMs, at, offsetMinutes, flags };
  }
}

/** In the order of the instants, each once. Only what a gap moves can be out of order. */
function* inOrder(found: Iterable<Found>): Generator<Found, void> {
  const moved: Found[] = [];
  for (const next of found) {
    const isMoved = next.flags.includes('GAP');
    // Behind one that was moved itself, those of the same gap may still be met by what comes.
    const settled = isMoved ? next.at - LONGEST_GAP_MS : next.at;
    while (moved[0] && moved[0].at < settled) yield* moved.splice(0, 1);
    if (isMoved) {
      moved.push(next);
      continue;
    }
    if (moved[0]?.at === next.at) moved.shift();
    yield next;
  }
  yield* moved;
}

/** The last wall time that the ends allow, inclusive. */
function lastWallMs({ rule, endDayMs }: Recurrence): number {
  const until = rule.kind === 'RRULE' ? rule.until : null;
  const ofRule =
    until?.kind === 'LOCAL' ? until.wallMs : until?.kind === 'DAY' ? endOfDay(until.dayMs) : Infinity;
  return Math.min(ofRule, endDayMs === null ? Infinity : endOfDay(endDayMs));
}

function endOfDay(dayMs: number): number {
  return dayMs + DAY_MS - 1;
}

function isAt(moment: Moment, { wallMs, at }: Found): boolean {
  switch (moment.kind) {
    case 'DAY':
      return wallMs >= moment.dayMs && wallMs <= endOfDay(moment.dayMs);
    case 'LOCAL':
      return wallMs === moment.wallMs;
    case 'INSTANT':
      return at === moment.at;
  }
}

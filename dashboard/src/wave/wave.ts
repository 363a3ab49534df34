import type { ProgressFieldsFragment, WaveForecastFieldsFragment } from '#sdk';
import { paceSentence } from '../words/delay-cause.js';
import { durationInWords } from '../words/duration.js';
import { relative, timeOfDay } from '../words/instant.js';

/** Where a message of a wave can be. */
export type Place = 'SENT' | 'FAILED' | 'SENDING' | 'WAITING' | 'LATER' | 'CANCELLED';

/** A piece of the wave's bar. */
export interface Segment {
  readonly place: Place;
  readonly name: string;
  readonly count: number;
  /** Of the whole bar, 0 to 1. */
  readonly share: number;
}

/**
 * The wave's messages by where they are, in the order in which they pass. The counts add up to all of them, so the
 * bar is always whole; those that cannot be told from the counts do not exist.
 */
export function segmentsOf({ counts }: Pick<ProgressFieldsFragment, 'counts'>): Segment[] {
  const places: readonly (readonly [Place, string, number])[] = [
    ['SENT', 'sent', counts.sent + counts.delivered + counts.read + counts.responded],
    ['FAILED', 'failed', counts.failed + counts.deadLettered + counts.missed],
    ['CANCELLED', 'cancelled', counts.cancelled],
    ['SENDING', 'under way', counts.sending],
    ['WAITING', 'waiting', counts.queued + counts.retrying],
    ['LATER', 'not yet due', counts.scheduled],
  ];
  const whole = places.reduce((sum, [, , count]) => sum + count, 0);
  return places.map(([place, name, count]) => ({
    place,
    name,
    count,
    share: whole === 0 ? 0 : count / whole,
  }));
}

/** Instants on the wave's ruler, as shares of its length: 0 is its left end, 1 its right end. */
export interface Ruler {
  readonly now: number;
  readonly finish: number | null;
  readonly deadline: number;
}

/** The ruler reaches from the wave's beginning to the last of what it has to show. */
export function rulerOf(wave: WaveForecastFieldsFragment, now: number): Ruler {
  const from = beginningOf(wave);
  const deadline = Date.parse(wave.deadline);
  const finish = wave.finish === null ? null : Date.parse(wave.finish);
  // A little room at the right, so that the last mark is not at the edge; never no length at all.
  const length = Math.max(1, (Math.max(deadline, finish ?? 0, now) - from) * 1.02);
  const place = (instant: number): number => Math.min(1, Math.max(0, (instant - from) / length));
  return { now: place(now), finish: finish === null ? null : place(finish), deadline: place(deadline) };
}

/** When it began or begins, in ms since 1970. */
export function beginningOf({ run }: WaveForecastFieldsFragment): number {
  return Date.parse(run.window?.from ?? run.startedAt);
}

/** One sentence about when it will be over. */
export function finishSentence(wave: WaveForecastFieldsFragment, now: number): string {
  const { planned, done, finish, deadline } = wave;
  const from = beginningOf(wave);
  if (planned > 0 && done >= planned) return 'All of it is done.';
  const held = wave.limitedBy === null ? '' : ` ${paceSentence(wave.limitedBy)}`;
  if (finish === null) {
    const since =
      now < from ? `It begins ${relative(from, now)}.` : 'Nothing moves: no finish can be foretold.';
    return `${since}${held}`;
  }
  const spare = Date.parse(deadline) - Date.parse(finish);
  const side = spare >= 0 ? 'before' : 'after';
  const begins = now < from ? `It begins ${relative(from, now)}. ` : '';
  return `${begins}Expected to be over at ${timeOfDay(finish)}, ${durationInWords(roundToSecond(Math.abs(spare)))} ${side} its deadline.${held}`;
}

function roundToSecond(ms: number): number {
  return Math.round(ms / 1_000) * 1_000;
}

import type { Collection, Filter } from 'mongodb';
import { EVERYBODY } from '../access/caller.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import type { JudgementField } from '../stats/judgement.js';
import { Tally, type TallyDoc } from '../stats/tally.entity.js';

/** What the SLA counts in one minute of deliveries that are alike. */
export interface PromisedMinute extends Pick<TallyDoc, 'queue' | 'channel' | 'tier' | 'program'> {
  /** Its beginning, engine ms. */
  readonly minute: number;
  /** By second of the minute. */
  readonly counts: Readonly<Record<JudgementField, Float64Array>>;
  /** How long the provider took for the answers that came in it, in ms of real time in all, and how many they were. */
  readonly providerMs: number;
  readonly answers: number;
}

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;
/** A minute that has been over for so long is hardly ever written to any more; real ms. */
const CLOSED_AFTER_MS = 90_000;
const FIELDS: readonly JudgementField[] = ['promised', 'settled', 'good', 'failed'];

/**
 * Reads what was promised and judged, minute by minute, over all owners. Minutes that are over are kept, so that looking
 * every second costs three or four minutes' worth of documents, and not the window's. One of them is read anew with each
 * look, in turn: a report that comes minutes later settles what was promised then, and so do outcomes that waited for
 * MongoDB to come back.
 */
export class Promises {
  readonly #tallies: Collection<TallyDoc>;
  /** The minutes that are over, the one that was read the longest ago first. */
  readonly #closed = new Map<number, readonly PromisedMinute[]>();

  constructor(
    database: Database,
    private readonly clock: Clock,
  ) {
    this.#tallies = database.collection(Tally) as unknown as Collection<TallyDoc>;
  }

  /** All minutes that lie in a stretch of engine time, in ms, from the first that it touches. */
  async between(from: number, to: number): Promise<PromisedMinute[]> {
    const closedUntil = minuteOf(this.clock.toEngine(this.clock.realNow() - CLOSED_AFTER_MS));
    const first = minuteOf(from);
    for (const minute of this.#closed.keys())
      // A clock that was set back: that minute was not over.
      if (minute < first || minute >= closedUntil) this.#closed.delete(minute);
    let readFrom = first;
    while (readFrom < closedUntil && this.#closed.has(readFrom)) readFrom += MINUTE_MS;
    const [oldest] = this.#closed.keys();
    const [found, again] = await Promise.all([
      this.#read(readFrom, to),
      oldest === undefined ? [] : this.#read(oldest, oldest + MINUTE_MS),
    ]);
    if (oldest !== undefined) {
      this.#closed.delete(oldest);
      this.#closed.set(oldest, again);
    }
    const read = Map.groupBy(found, ({ minute }) => minute);
    for (let minute = readFrom; minute < closedUntil; minute += MINUTE_MS)
      this.#closed.set(minute, read.get(minute) ?? []);
    const kept = [...this.#closed].filter(([minute]) => minute >= first && minute < readFrom);
    return [...kept.flatMap(([, cells]) => cells), ...[...read.values()].flat()];
  }

  async #read(from: number, to: number): Promise<PromisedMinute[]> {
    const within: Filter<TallyDoc> = {
      kind: 'MINUTE',
      owner: EVERYBODY,
      at: { $gte: new Date(from), $lt: new Date(to) },
    };
    const projection = {
      at: 1,
      queue: 1,
      channel: 1,
      tier: 1,
      program: 1,
      sla: 1,
      providerSum: 1,
      provider: 1,
    };
    const cells = new Map<string, PromisedMinute>();
    for await (const tally of this.#tallies.find(within, { projection })) {
      const { queue, channel, tier, program } = tally;
      const minute = tally.at?.getTime() ?? 0;
      const key = `${minute}|${queue}|${channel}|${tier}|${program ?? ''}`;
      const cell = cells.get(key) ?? {
        queue,
        channel,
        tier,
        program,
        minute,
        counts: noCounts(),
        providerMs: 0,
        answers: 0,
      };
      cells.set(key, withTally(cell, tally));
    }
    return [...cells.values()];
  }
}

/** How many were judged in the seconds from `from` (inclusive) to `to` (exclusive), engine ms, both whole seconds. */
export function judgedBetween(
  minutes: readonly PromisedMinute[],
  from: number,
  to: number,
): { readonly good: number; readonly bad: number } {
  let good = 0;
  let bad = 0;
  for (const { minute, counts } of minutes) {
    for (let second = firstSecond(minute, from); second < lastSecond(minute, to); second++) {
      good += counts.good[second] ?? 0;
      bad += (counts.failed[second] ?? 0) + open(counts, second);
    }
  }
  return { good, bad };
}

/** For each second with a deadline from `from` (inclusive) to `to` (exclusive), engine ms: how many are still to be kept. */
export function* promisedBetween(
  minutes: readonly PromisedMinute[],
  from: number,
  to: number,
): Iterable<{ readonly of: PromisedMinute; readonly deadline: number; readonly count: number }> {
  for (const of of minutes) {
    for (let second = firstSecond(of.minute, from); second < lastSecond(of.minute, to); second++) {
      const count = open(of.counts, second);
      if (count > 0) yield { of, deadline: of.minute + second * SECOND_MS, count };
    }
  }
}

function open(counts: PromisedMinute['counts'], second: number): number {
  return (counts.promised[second] ?? 0) - (counts.settled[second] ?? 0);
}

function firstSecond(minute: number, from: number): number {
  return Math.min(60, Math.max(0, Math.ceil((from - minute) / SECOND_MS)));
}

function lastSecond(minute: number, to: number): number {
  return Math.min(60, Math.max(0, Math.ceil((to - minute) / SECOND_MS)));
}

function noCounts(): PromisedMinute['counts'] {
  const none = (): Float64Array => new Float64Array(60);
  return { promised: none(), settled: none(), good: none(), failed: none() };
}

function withTally(cell: PromisedMinute, { sla, provider, providerSum }: TallyDoc): PromisedMinute {
  for (const [second, counted] of Object.entries(sla ?? {})) {
    for (const field of FIELDS) {
      const counts = cell.counts[field];
      counts[Number(second)] = (counts[Number(second)] ?? 0) + (counted[field] ?? 0);
    }
  }
  const answers = Object.values(provider ?? {}).reduce((sum, n) => sum + n, 0);
  return { ...cell, providerMs: cell.providerMs + (providerSum ?? 0), answers: cell.answers + answers };
}

function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}

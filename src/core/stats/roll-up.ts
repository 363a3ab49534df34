import { defineEntity, p } from '@mikro-orm/core';
import type { Collection } from 'mongodb';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { sumHistograms } from './histogram.js';
import { floorTo, type Grain, type RolledUp } from './spans.js';
import { Tally, type TallyDoc } from './tally.entity.js';

/** How long the finer tallies are kept once they are rolled up; engine ms. */
export interface StatsRetention {
  readonly minutesMs: number;
  readonly hoursMs: number;
}

export const STATS_RETENTION: StatsRetention = { minutesMs: 72 * 3_600_000, hoursMs: 400 * 86_400_000 };

/** Up to where hours and days are complete. */
export const RollUpMark = defineEntity({
  name: 'RollUpMark',
  collection: 'roll_ups',
  properties: {
    _id: p.string().$type<'HOUR' | 'DAY'>().primary(),
    until: p.datetime(),
  },
});

/** Past the end of an hour or day, its minutes do not change any more; real ms. Slow writers have long ended by then. */
const SETTLED_MS = 10 * 60_000;
const LENGTH_MS = { HOUR: 3_600_000, DAY: 86_400_000 } as const;
const FINER = { HOUR: 'MINUTE', DAY: 'HOUR' } as const;
/** Documents of one bulk write. */
const BATCH = 500;

/**
 * Adds minutes up to hours and hours to days, once they are over, and lets the minutes go when they are old: so statistics
 * cost the same however much history there is (CORE-43). Doing it twice, or in two processes, changes nothing.
 */
export class RollUp {
  readonly #tallies: Collection<TallyDoc>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly retention: StatsRetention = STATS_RETENTION,
  ) {
    this.#tallies = database.collection(Tally) as unknown as Collection<TallyDoc>;
  }

  /** How far it has come. */
  async rolledUp(): Promise<RolledUp> {
    const marks = await this.database.collection(RollUpMark).find().toArray();
    const until = (kind: 'HOUR' | 'DAY'): number =>
      marks.find(({ _id }) => _id === kind)?.until.getTime() ?? 0;
    const now = this.clock.now();
    return {
      hoursUntil: until('HOUR'),
      daysUntil: until('DAY'),
      minutesFrom: Math.min(until('HOUR'), floorTo(now - this.retention.minutesMs, 'HOUR')),
      hoursFrom: Math.min(until('DAY'), floorTo(now - this.retention.hoursMs, 'DAY')),
    };
  }

  /**
   * Rolls up what is over. What it is made of goes with the next run: a slower process may be reading it still, and would
   * write an hour with what is left.
   * @returns how many hours and days with figures it went through
   */
  async run(): Promise<{ hours: number; days: number }> {
    await this.#forget();
    const settled = this.clock.toEngine(this.clock.realNow() - SETTLED_MS);
    const hours = await this.#rollUp('HOUR', floorTo(settled, 'HOUR'));
    const { hoursUntil } = await this.rolledUp();
    const days = await this.#rollUp('DAY', floorTo(hoursUntil, 'DAY'));
    return { hours, days };
  }

  async #rollUp(kind: 'HOUR' | 'DAY', limit: number): Promise<number> {
    const marks = this.database.collection(RollUpMark);
    const mark = async (): Promise<number> => (await marks.findOne({ _id: kind }))?.until.getTime() ?? 0;
    let count = 0;
    // Asked for anew each time: another process may have come further.
    for (let from = await mark(); from < limit; from = await mark()) {
      // Empty stretches are passed over in one step.
      const at = { $gte: new Date(from), $lt: new Date(limit) };
      const next = await this.#tallies.findOne(
        { kind: FINER[kind], at },
        { sort: { at: 1 }, hint: 'rolling' },
      );
      const start = next?.at ? floorTo(next.at.getTime(), kind) : limit;
      const until = next ? start + LENGTH_MS[kind] : limit;
      if (next) {
        await this.#write(kind, start);
        count += 1;
      }
      await marks.updateOne({ _id: kind }, { $max: { until: new Date(until) } }, { upsert: true });
    }
    return count;
  }

  async #write(kind: 'HOUR' | 'DAY', start: number): Promise<void> {
    const at = { $gte: new Date(start), $lt: new Date(start + LENGTH_MS[kind]) };
    const groups = new Map<string, TallyDoc>();
    for await (const tally of this.#tallies.find({ kind: FINER[kind], at }, { hint: 'rolling' })) {
      const { owner, queue, channel, tier, program } = tally;
      const id = `${kind}|${start}|${owner}|${queue}|${channel}|${tier}|${program ?? ''}`;
      const whole = { kind, at: new Date(start), owner, run: null, queue, channel, tier, program };
      groups.set(id, added({ _id: id, ...whole, ...groups.get(id) }, tally));
    }
    const all = [...groups.values()];
    for (let i = 0; i < all.length; i += BATCH) {
      await this.#tallies.bulkWrite(
        all.slice(i, i + BATCH).map((replacement) => ({
          replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true },
        })),
        { ordered: false },
      );
    }
  }

  async #forget(): Promise<void> {
    const { minutesFrom, hoursFrom } = await this.rolledUp();
    const before: readonly [Grain, number][] = [
      ['MINUTE', minutesFrom],
      ['HOUR', hoursFrom],
    ];
    for (const [kind, instant] of before)
      await this.#tallies.deleteMany({ kind, at: { $lt: new Date(instant) } }, { hint: 'rolling' });
  }
}

/** A tally with another one in it. */
function added(whole: TallyDoc, part: TallyDoc): TallyDoc {
  const judged = judgedIn(part);
  return {
    ...whole,
    counts: sumOf(whole.counts, part.counts),
    moved: sumOf(whole.moved, part.moved),
    lost: sumOf(whole.lost, part.lost),
    lateness: sumHistograms([whole.lateness ?? {}, part.lateness ?? {}]),
    provider: sumHistograms([whole.provider ?? {}, part.provider ?? {}]),
    onTime: (whole.onTime ?? 0) + (part.onTime ?? 0),
    latenessSum: (whole.latenessSum ?? 0) + (part.latenessSum ?? 0),
    latenessMax: Math.max(whole.latenessMax ?? 0, part.latenessMax ?? 0),
    providerSum: (whole.providerSum ?? 0) + (part.providerSum ?? 0),
    providerMax: Math.max(whole.providerMax ?? 0, part.providerMax ?? 0),
    slaGood: (whole.slaGood ?? 0) + judged.good,
    slaBad: (whole.slaBad ?? 0) + judged.bad,
  };
}

/** What a tally of a stretch that is over has judged: good ones, and bad ones, with what was still open at its deadline. */
export function judgedIn(tally: Pick<TallyDoc, 'sla' | 'slaGood' | 'slaBad'>): { good: number; bad: number } {
  let good = tally.slaGood ?? 0;
  let bad = tally.slaBad ?? 0;
  for (const second of Object.values(tally.sla ?? {})) {
    good += second.good ?? 0;
    bad += (second.failed ?? 0) + (second.promised ?? 0) - (second.settled ?? 0);
  }
  return { good, bad };
}

function sumOf<K extends string>(
  one: Partial<Record<K, number>> | undefined,
  other: Partial<Record<K, number>> | undefined,
): Partial<Record<K, number>> {
  const sum: Partial<Record<K, number>> = { ...one };
  for (const [key, n] of Object.entries(other ?? {}) as [K, number][]) sum[key] = (sum[key] ?? 0) + n;
  return sum;
}

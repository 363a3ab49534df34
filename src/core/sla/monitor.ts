import type { Channel, ChannelName } from '../channel/channel.js';
import { type Clock, monotonicMs } from '../clock.js';
import type { Database } from '../database.js';
import { covers, type SlaPolicies, type SlaPolicy } from '../delivery/sla-policy.js';
import type { ChannelStates } from '../dispatch/channel-states.js';
import type { Queues } from '../dispatch/queues.js';
import type { Workers } from '../dispatch/workers.js';
import type { Runs } from '../schedule/runs.js';
import type { RollUp } from '../stats/roll-up.js';
import type { Statistics } from '../stats/statistics.js';
import { Budgets } from './budget.js';
import { lastOf } from './forecast.js';
import { type Crew, type Outlook, Outlooks } from './outlook.js';
import { Overdue, type OverdueGroup } from './overdue.js';
import { judgedBetween, type PromisedMinute, Promises } from './promises.js';
import { type Figures, type Standing, standingOf } from './standing.js';
import { type WaveForecast, waveForecasts } from './waves.js';

/** How everything stands at one instant. */
export interface SlaReport {
  /** Engine ms. */
  readonly at: number;
  /** The first is the policy over everything. */
  readonly standings: readonly [Standing, ...Standing[]];
  readonly waves: readonly WaveForecast[];
  /** The circumstances that the outlook was made of. */
  readonly outlook: Outlook;
}

/** What the monitor looks at. */
export interface SlaParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly policies: SlaPolicies;
  readonly channels: ReadonlyMap<ChannelName, Channel>;
  readonly queues: Queues;
  readonly channelStates: ChannelStates;
  readonly runs: Runs;
  readonly stats: Statistics;
  readonly rollUp: RollUp;
  readonly workers: Workers;
  /** A worker that has been silent for so long does no work; real ms. */
  readonly leaseMs: number;
}

const SECOND_MS = 1_000;
const LONG_MS = 3_600_000;
/** Plans are looked at so far ahead, engine ms. */
const AHEAD_MS = 15 * 60_000;
/** What was accepted in time is written a moment later: a second is judged when so much real time has passed, in ms. */
const WRITTEN_MS = 1_000;
/** Everybody who asks within so long, in real ms, gets the same answer. */
const FRESH_MS = 250;

/**
 * Measures how the SLA stands, from counters and from what is still open: any process can tell at any time, whether or not
 * anybody dispatches (CORE-40, CORE-41). What a look costs does not grow with history.
 */
export class SlaMonitor {
  readonly #promises: Promises;
  /** What is past its deadline and still open. */
  readonly overdue: Overdue;
  readonly #budgets: Budgets;
  readonly #outlooks: Outlooks;
  #last: { readonly at: number; readonly report: SlaReport } | null = null;
  #looking: Promise<SlaReport> | null = null;

  constructor(private readonly parts: SlaParts) {
    const { database, clock, policies, channels, queues, rollUp } = parts;
    this.#promises = new Promises(database, clock);
    const least = Math.min(...policies.all.map((policy) => policy.targetLatenessMs));
    this.overdue = new Overdue(database, () => queues.names(), least);
    this.#budgets = new Budgets(database, clock, rollUp);
    this.#outlooks = new Outlooks(clock, policies, channels, queues);
  }

  /** How everything stands now, or stood a moment ago. */
  async report(): Promise<SlaReport> {
    if (this.#last && monotonicMs() - this.#last.at < FRESH_MS) return this.#last.report;
    this.#looking ??= this.#look()
      .then((report) => {
        this.#last = { at: monotonicMs(), report };
        return report;
      })
      .finally(() => (this.#looking = null));
    return this.#looking;
  }

  async #look(): Promise<SlaReport> {
    const { clock, policies, queues, channelStates } = this.parts;
    const now = clock.now();
    const written = clock.toEngine(clock.realNow() - WRITTEN_MS);
    const to = Math.floor(written / SECOND_MS) * SECOND_MS;
    const longest = Math.max(LONG_MS, ...policies.all.map((policy) => policy.windowMs));
    const furthest = Math.max(...policies.all.map((policy) => policy.targetLatenessMs));
    const [minutes, overdue, crew, channels] = await Promise.all([
      this.#promises.between(to - longest, now + furthest + AHEAD_MS),
      this.overdue.count(now),
      this.#crew(),
      channelStates.list(),
      queues.refresh(),
    ]);
    const outlook = this.#outlooks.of({
      now,
      minutes,
      answersSince: to - policies.all[0].windowMs,
      overdue,
      crew,
      channels,
    });
    const standing = (policy: SlaPolicy): Promise<Standing> =>
      this.#standing(policy, { to, now, minutes, overdue, outlook });
    const [whole, ...parts] = policies.all;
    const standings = [await standing(whole), ...(await Promise.all(parts.map(standing)))] as const;
    const waves = await waveForecasts(this.parts, outlook, now);
    return { at: now, standings, waves, outlook };
  }

  async #standing(
    policy: SlaPolicy,
    seen: {
      readonly to: number;
      readonly now: number;
      readonly minutes: readonly PromisedMinute[];
      readonly overdue: readonly OverdueGroup[];
      readonly outlook: Outlook;
    },
  ): Promise<Standing> {
    const { to, now, outlook } = seen;
    const own = seen.minutes.filter((minute) => covers(policy, minute));
    const short = judgedBetween(own, to - policy.windowMs, to);
    const long = judgedBetween(own, to - LONG_MS, to);
    const soon = now + policy.targetLatenessMs;
    const departures = outlook.departures.filter(({ of, dueAt }) => covers(policy, of) && dueAt <= soon);
    const promised = departures.filter(({ deadline }) => deadline !== null);
    const count = (of: readonly { readonly count: number }[]): number =>
      of.reduce((sum, one) => sum + one.count, 0);
    const last = lastOf(departures);
    const figures: Figures = {
      ...short,
      goodLong: long.good,
      badLong: long.bad,
      overdue: count(seen.overdue.filter((group) => covers(policy, group))),
      waiting: count(promised.filter(({ dueAt }) => dueAt <= now)),
      dueSoon: count(promised.filter(({ dueAt }) => dueAt > now)),
      expectedMisses: promised.reduce((sum, { misses }) => sum + misses, 0),
      finish: last?.leftAt ?? null,
      limitedBy: last?.limitedBy ?? null,
      obstacles: obstaclesFor(departures, outlook),
      budget: await this.#budgets.spent(policy),
    };
    return standingOf(policy, figures, to);
  }

  /** A dead worker is listed until somebody gives it up: its silence tells. */
  async #crew(): Promise<Crew> {
    const { workers, leaseMs } = this.parts;
    const alive = (await workers.list()).filter(({ silentMs }) => silentMs < leaseMs);
    const places = alive.reduce((sum, { report }) => sum + (report?.concurrency ?? 0), 0);
    return { workers: alive.length, places };
  }
}

/** What stands in the way of deliveries that are due now or soon. */
function obstaclesFor(departures: Outlook['departures'], { obstacles }: Outlook): string[] {
  if (departures.length === 0) return [];
  return obstacles
    .filter(({ queue, channel }) =>
      departures.some(({ of }) => (queue ?? of.queue) === of.queue && (channel ?? of.channel) === of.channel),
    )
    .map(({ text }) => text);
}

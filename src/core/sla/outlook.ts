import type { Channel, ChannelName } from '../channel/channel.js';
import type { Clock } from '../clock.js';
import type { DelayCause } from '../delivery/delay.js';
import type { SlaPolicies } from '../delivery/sla-policy.js';
import type { ChannelStateView } from '../dispatch/channel-states.js';
import { providerDay } from '../dispatch/provider-day.js';
import type { Queues } from '../dispatch/queues.js';
import { type Arrival, type Capacity, type Departure, paceOf, simulate } from './forecast.js';
import type { OverdueGroup } from './overdue.js';
import { type PromisedMinute, promisedBetween } from './promises.js';

/** What a delivery's channel, queue, tier and program are. */
export type Kind = Pick<PromisedMinute, 'queue' | 'channel' | 'tier' | 'program'>;

/** What is expected of all that is due now and soon. */
export interface Outlook {
  readonly departures: readonly Departure<Kind>[];
  /** What keeps deliveries of a queue and a channel from moving, each in a sentence. */
  readonly obstacles: readonly {
    readonly queue?: string;
    readonly channel?: ChannelName;
    readonly text: string;
  }[];
}

/** Who there is to do the work. */
export interface Crew {
  readonly workers: number;
  /** Attempts that they can make at once, all together. */
  readonly places: number;
}

/** What is known of the world when the outlook is made. */
export interface Circumstances {
  /** Engine ms. */
  readonly now: number;
  /** Minutes with deadlines ahead, and those behind. */
  readonly minutes: readonly PromisedMinute[];
  /** Providers' answers from the minute of this instant on tell how long they take now; engine ms. */
  readonly answersSince: number;
  readonly overdue: readonly OverdueGroup[];
  readonly crew: Crew;
  readonly channels: readonly ChannelStateView[];
}

const MINUTE_MS = 60_000;
/** Before a provider has answered, it is taken to need so long, in ms. */
const FIRST_GUESS_MS = 100;

/** Looks ahead: backlog, token rate, in-flight limits and the provider's latency give who will leave when. */
export class Outlooks {
  constructor(
    private readonly clock: Clock,
    private readonly policies: SlaPolicies,
    private readonly channels: ReadonlyMap<ChannelName, Channel>,
    private readonly queues: Pick<Queues, 'names' | 'definition' | 'isPaused'>,
  ) {}

  of(circumstances: Circumstances): Outlook {
    const { now, minutes, overdue } = circumstances;
    const arrivals: Arrival<Kind>[] = overdue.map((of) => ({
      dueAt: 0,
      deadline: null,
      count: of.count,
      of,
    }));
    for (const { of, deadline, count } of promisedBetween(minutes, now, Number.POSITIVE_INFINITY))
      arrivals.push({ dueAt: deadline - this.policies.targetLatenessMs(of), deadline, count, of });
    const speed = this.clock.toEngine(1) - this.clock.toEngine(0);
    const byHindrance = Map.groupBy(arrivals, ({ of }) => this.#stillBy(of));
    const moving = byHindrance.get(null) ?? [];
    byHindrance.delete(null);
    const still = [...byHindrance].flatMap(([limitedBy, own]) =>
      simulate(own, { perSecond: 0, limitedBy, from: now }, speed),
    );
    const leaving = circumstances.channels.flatMap((view) => {
      const own = moving.filter(({ of }) => of.channel === view.channel);
      const capacity = this.#capacity(view, new Set(own.map(({ of }) => of.queue)), circumstances);
      return simulate(own, capacity, speed);
    });
    return { departures: [...still, ...leaving], obstacles: this.#obstacles(circumstances) };
  }

  /** What nobody takes, and why: paused, or of a queue or a channel that is not configured any more. Null: it is taken. */
  #stillBy({ queue, channel }: Kind): DelayCause | null {
    if (!this.queues.names().has(queue) || !this.channels.has(channel)) return 'WAKE';
    return this.queues.isPaused(queue) ? 'PAUSED' : null;
  }

  #capacity(view: ChannelStateView, queues: ReadonlySet<string>, circumstances: Circumstances): Capacity {
    const { now, minutes, answersSince, crew } = circumstances;
    if (crew.workers === 0) return { perSecond: 0, limitedBy: 'WAKE', from: now };
    if (view.stopped !== null) return { perSecond: 0, limitedBy: 'STOPPED', from: now };
    const places = [...queues].reduce((sum, queue) => sum + this.queues.definition(queue).maxInFlight, 0);
    const pace = paceOf({
      perSecond: this.channels.get(view.channel)?.limits.perSecond ?? null,
      inFlight: Math.max(1, Math.min(places, crew.places)),
      providerMs: latencyOf(minutes, view.channel, answersSince),
    });
    if (isUsedUp(view)) {
      const { endsAt } = providerDay(this.clock.realNow(), view.limits.zone);
      return { ...pace, from: Math.max(now, this.clock.toEngine(endsAt)), limitedBy: 'DAY_LIMIT' };
    }
    // An open breaker is believed to close at its next try: sooner is impossible, and later nobody can know.
    // While it is half open one is under way, and retryAt says until when that one has the say.
    const isOpen = view.breaker === 'OPEN' && view.retryAt !== null;
    const from = isOpen ? Math.max(now, this.clock.toEngine(view.retryAt.getTime())) : now;
    return { ...pace, from, limitedBy: view.breaker === 'CLOSED' ? pace.limitedBy : 'BREAKER' };
  }

  #obstacles({ channels, crew }: Circumstances): Outlook['obstacles'] {
    const found: { queue?: string; channel?: ChannelName; text: string }[] = [];
    if (crew.workers === 0) found.push({ text: 'No worker is alive.' });
    for (const view of channels) {
      const { channel, stopped, breaker, consecutiveFailures, retryAt, limits } = view;
      if (isUsedUp(view))
        found.push({
          channel,
          text: `${channel} has used up its limit for the day; the rest waits for midnight in ${limits.zone}.`,
        });
      if (stopped !== null) found.push({ channel, text: `${channel} is stopped: ${stopped}.` });
      else if (breaker !== 'CLOSED')
        found.push({
          channel,
          text: `${channel}: the provider has failed ${consecutiveFailures} times in a row; ${breaker === 'HALF_OPEN' ? 'one is being tried now' : `the next try is at ${timeOf(retryAt)}`}.`,
        });
    }
    for (const queue of this.queues.names())
      if (this.queues.isPaused(queue)) found.push({ queue, text: `The queue ${queue} is paused.` });
    return found;
  }
}

/** True when no more may be sent today. */
function isUsedUp({ limits: { perDay }, usedToday }: ChannelStateView): boolean {
  return perDay !== undefined && usedToday !== null && usedToday >= perDay;
}

/** To the second: `06:01:20 UTC`. */
function timeOf(instant: Date | null): string {
  return instant === null ? 'once' : `${instant.toISOString().slice(11, 19)} UTC`;
}

/** The average of the provider's answers. */
function latencyOf(minutes: readonly PromisedMinute[], channel: ChannelName, since: number): number {
  const own = minutes.filter((one) => one.channel === channel && one.minute + MINUTE_MS > since);
  const answers = own.reduce((sum, { answers }) => sum + answers, 0);
  return answers === 0 ? FIRST_GUESS_MS : own.reduce((sum, { providerMs }) => sum + providerMs, 0) / answers;
}

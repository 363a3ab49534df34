import type { ChannelLimits, ChannelName } from '../channel/channel.js';
import { type Clock, monotonicMs } from '../clock.js';
import { intervalMs, Pace, shareOf } from './pacing.js';
import { ProviderDays } from './provider-day.js';
import { type Crew, type Grant, isUnlimited, type RateLimiter } from './rate-limiter.js';

/** Above so many recipients, those whose pause is over are forgotten. */
const RECIPIENTS_KEPT = 10_000;

export interface MemoryRateLimiterOptions {
  readonly clock: Clock;
  /** The workers that share the limits, each from its own memory; when omitted, this one is alone. */
  readonly crew?: () => Crew;
  /** No send before so many real ms from now: what others have reserved by then. When omitted, 0. */
  readonly quietMs?: number;
}

interface ChannelTokens {
  readonly pace: Pace;
  /** Sends by date. */
  readonly sent: Map<string, number>;
  /** When each recipient may be reached again, on the monotonic clock; the oldest first. */
  readonly recipients: Map<string, number>;
}

/**
 * Send tokens from this process's memory, for a Punctual without Redis and for the time in which Redis is away
 * (CORE-22). Each worker keeps to its share of the limits, so that they are kept in sum; what one does not use, the
 * others do not get. The pause of a recipient is kept by each worker on its own.
 */
export class MemoryRateLimiter implements RateLimiter {
  readonly source = 'MEMORY';
  readonly #channels = new Map<ChannelName, ChannelTokens>();
  readonly #days = new ProviderDays();
  readonly #clock: Clock;
  readonly #crew: () => Crew;
  readonly #from: number;

  constructor(options: MemoryRateLimiterOptions) {
    this.#clock = options.clock;
    this.#crew = options.crew ?? (() => ({ workers: 1, place: 0 }));
    this.#from = monotonicMs() + (options.quietMs ?? 0);
  }

  reserve(
    channel: ChannelName,
    limits: ChannelLimits,
    recipients: readonly string[],
    horizonMs: number,
  ): Promise<Grant[]> {
    const now = monotonicMs();
    const grants = recipients.map((to): Grant => {
      if (isUnlimited(limits)) return { kind: 'SEND', delayMs: 0 };
      return this.#grant(this.#tokens(channel), limits, to, now, horizonMs);
    });
    return Promise.resolve(grants);
  }

  giveBack(channel: ChannelName, limits: ChannelLimits, count: number): Promise<void> {
    const tokens = this.#tokens(channel);
    const perSecond = this.#perSecond(limits);
    if (perSecond > 0 && perSecond < Infinity) tokens.pace.giveBack(count, intervalMs(perSecond));
    const { date } = this.#days.at(this.#clock.realNow(), limits.zone);
    tokens.sent.set(date, Math.max(0, (tokens.sent.get(date) ?? 0) - count));
    return Promise.resolve();
  }

  usedToday(channel: ChannelName, limits: ChannelLimits): Promise<number> {
    return Promise.resolve(this.sentToday(channel, limits));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Sends of this process today. */
  sentToday(channel: ChannelName, { zone }: ChannelLimits): number {
    return this.#channels.get(channel)?.sent.get(this.#days.at(this.#clock.realNow(), zone).date) ?? 0;
  }

  #grant(tokens: ChannelTokens, limits: ChannelLimits, to: string, now: number, horizonMs: number): Grant {
    const realNow = this.#clock.realNow();
    const day = this.#days.at(realNow, limits.zone);
    const perSecond = this.#perSecond(limits);
    // Without a part of the limit, there may be one at the next look: workers come and go.
    if (perSecond === 0) return { kind: 'LATER', delayMs: horizonMs + 1000 };
    const interval = intervalMs(perSecond);
    const ahead = tokens.pace.next(now) - now;
    // A send instant behind midnight is the next day's.
    const date = realNow + ahead < day.endsAt ? day.date : day.nextDate;
    const sent = tokens.sent.get(date) ?? 0;
    if (sent >= this.#perDay(limits)) return { kind: 'DAY', delayMs: Math.max(day.endsAt - realNow, ahead) };
    if (ahead > horizonMs) return { kind: 'LATER', delayMs: ahead };
    const freeAt = limits.perRecipientMs === undefined ? now : (tokens.recipients.get(to) ?? now);
    if (freeAt > now + ahead) return { kind: 'RECIPIENT', delayMs: freeAt - now };
    tokens.pace.reserve(now, interval, horizonMs);
    this.#count(tokens, date, day.date, sent + 1);
    if (limits.perRecipientMs !== undefined)
      noteRecipient(tokens, to, now, now + ahead + limits.perRecipientMs);
    return { kind: 'SEND', delayMs: ahead };
  }

  #perSecond({ perSecond }: ChannelLimits): number {
    return perSecond === undefined ? Infinity : shareOf(perSecond, this.#crew());
  }

  #perDay({ perDay }: ChannelLimits): number {
    return perDay === undefined ? Infinity : shareOf(perDay, this.#crew());
  }

  #count({ sent }: ChannelTokens, date: string, today: string, count: number): void {
    sent.set(date, count);
    for (const past of sent.keys()) if (past < today) sent.delete(past);
  }

  #tokens(channel: ChannelName): ChannelTokens {
    const known = this.#channels.get(channel);
    if (known) return known;
    const tokens = { pace: new Pace(this.#from), sent: new Map(), recipients: new Map() };
    this.#channels.set(channel, tokens);
    return tokens;
  }
}

function noteRecipient({ recipients }: ChannelTokens, to: string, now: number, freeAt: number): void {
  // Taken out first, so that the map's order is the order of time and those that are over are at its front.
  recipients.delete(to);
  recipients.set(to, freeAt);
  if (recipients.size <= RECIPIENTS_KEPT) return;
  for (const [recipient, until] of recipients) {
    if (until > now) break;
    recipients.delete(recipient);
  }
}

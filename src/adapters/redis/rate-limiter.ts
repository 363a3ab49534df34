import { createHash } from 'node:crypto';
import type { Redis, Result } from 'ioredis';
import type { ChannelLimits, ChannelName } from '../../core/channel/channel.js';
import { type Clock, monotonicMs } from '../../core/clock.js';
import { intervalMs } from '../../core/dispatch/pacing.js';
import { ProviderDays } from '../../core/dispatch/provider-day.js';
import { type Grant, isUnlimited, type RateLimiter } from '../../core/dispatch/rate-limiter.js';
import { RedisClock } from './redis-clock.js';
import { GIVE_BACK, REJOIN, RESERVE } from './scripts.js';

declare module 'ioredis' {
  // Merges with the library's interface, so it has to repeat its type parameter.
  interface RedisCommander<Context> {
    punctualReserve(keyCount: number, ...keysAndArguments: (string | number)[]): Result<number[], Context>;
    punctualGiveBack(keyCount: number, ...keysAndArguments: (string | number)[]): Result<number, Context>;
    punctualRejoin(keyCount: number, ...keysAndArguments: (string | number)[]): Result<number, Context>;
  }
}

const KINDS = ['SEND', 'LATER', 'RECIPIENT', 'DAY'] as const satisfies readonly Grant['kind'][];

/** Today's count of a channel, as Redis last told it. */
export interface KnownCount {
  readonly date: string;
  readonly used: number;
  /** On the monotonic clock, ms. */
  readonly at: number;
}

export interface RedisRateLimiterOptions {
  /** Connected by whoever owns it; `close` leaves it alone. */
  readonly redis: Redis;
  /** Before every key. */
  readonly prefix: string;
  readonly clock: Clock;
}

/**
 * Send tokens in Redis, shared by all workers (CORE-21): one script call reserves the next send instants of a channel.
 * Rejects when Redis does; `SharedRateLimiter` knows what to do then.
 */
export class RedisRateLimiter implements RateLimiter {
  readonly source = 'REDIS';
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #days = new ProviderDays();
  readonly #redisClock = new RedisClock();
  readonly #known = new Map<ChannelName, KnownCount>();
  /** By channel: what our last reservation left behind it. */
  readonly #last = new Map<ChannelName, { readonly next: number; readonly taken: number }>();

  constructor(options: RedisRateLimiterOptions) {
    this.#redis = options.redis;
    this.#prefix = options.prefix;
    this.#clock = options.clock;
    this.#redis.defineCommand('punctualReserve', { lua: RESERVE });
    this.#redis.defineCommand('punctualGiveBack', { lua: GIVE_BACK });
    this.#redis.defineCommand('punctualRejoin', { lua: REJOIN });
  }

  async reserve(
    channel: ChannelName,
    limits: ChannelLimits,
    recipients: readonly string[],
    horizonMs: number,
  ): Promise<Grant[]> {
    if (isUnlimited(limits)) return recipients.map(() => ({ kind: 'SEND', delayMs: 0 }));
    const { perDay = -1, perRecipientMs = 0 } = limits;
    const realNow = this.#clock.realNow();
    const day = this.#days.at(realNow, limits.zone);
    const keys = [
      this.#key(channel, 'next'),
      this.#key(channel, `day:${day.date}`),
      this.#key(channel, `day:${day.nextDate}`),
      ...(perRecipientMs > 0 ? recipients.map((to) => this.#key(channel, `to:${digest(to)}`)) : []),
    ];
    const known = this.known(channel);
    const asked = monotonicMs();
    const answer = await this.#redis.punctualReserve(
      keys.length,
      ...keys,
      recipients.length,
      intervalUs(limits),
      Math.round(horizonMs * 1000),
      perDay,
      Math.round((day.endsAt - realNow) * 1000),
      known?.date === day.date ? known.used : 0,
      Math.round(perRecipientMs * 1000),
    );
    const answered = monotonicMs();
    const [redisNow = 0, next = 0, used = 0] = answer;
    this.#redisClock.learn(asked, answered, redisNow / 1000);
    if (perDay >= 0) this.#known.set(channel, { date: day.date, used, at: asked });
    const grants = recipients.map((_, i): Grant => {
      const kind = KINDS[answer[3 + 2 * i] ?? 1] ?? 'LATER';
      const delay = answer[4 + 2 * i] ?? 0;
      return { kind, delayMs: this.#redisClock.toMonotonic((redisNow + delay) / 1000) - answered };
    });
    const taken = grants.filter(({ kind }) => kind === 'SEND').length;
    if (taken > 0) this.#last.set(channel, { next, taken });
    return grants;
  }

  async giveBack(channel: ChannelName, limits: ChannelLimits, count: number): Promise<void> {
    if (count <= 0 || isUnlimited(limits)) return;
    const { date } = this.#days.at(this.#clock.realNow(), limits.zone);
    const last = this.#last.get(channel) ?? { next: 0, taken: 0 };
    this.#last.delete(channel);
    const keys = [this.#key(channel, 'next'), this.#key(channel, `day:${date}`)];
    await this.#redis.punctualGiveBack(
      keys.length,
      ...keys,
      count,
      intervalUs(limits),
      last.next,
      last.taken,
    );
  }

  async usedToday(channel: ChannelName, limits: ChannelLimits): Promise<number> {
    const { date } = this.#days.at(this.#clock.realNow(), limits.zone);
    const asked = monotonicMs();
    const used = Number((await this.#redis.get(this.#key(channel, `day:${date}`))) ?? 0);
    this.#known.set(channel, { date, used, at: asked });
    return used;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Today's count as Redis last told it; absent before it was asked. It may be of a date that is over. */
  known(channel: ChannelName): KnownCount | undefined {
    return this.#known.get(channel);
  }

  /**
   * Comes back after a time in which sends were granted from memory: reserves nothing for `quietMs`, and adds to the
   * day's count what was `sent` meanwhile.
   */
  async rejoin(channel: ChannelName, limits: ChannelLimits, quietMs: number, sent: number): Promise<void> {
    const realNow = this.#clock.realNow();
    const day = this.#days.at(realNow, limits.zone);
    const known = this.known(channel);
    const keys = [this.#key(channel, 'next'), this.#key(channel, `day:${day.date}`)];
    await this.#redis.punctualRejoin(
      keys.length,
      ...keys,
      Math.round(quietMs * 1000),
      limits.perDay === undefined ? 0 : sent,
      Math.round((day.endsAt - realNow) * 1000),
      known?.date === day.date ? known.used : 0,
    );
  }

  #key(channel: ChannelName, name: string): string {
    return `${this.#prefix}tokens:{${channel}}:${name}`;
  }
}

/** Between two sends, in whole µs; rounded up, so that the pace is never faster. 0: none. */
function intervalUs({ perSecond }: ChannelLimits): number {
  return perSecond === undefined ? 0 : Math.ceil(intervalMs(perSecond) * 1000);
}

/** Addresses are personal, and Redis's keys are seen by operators (SEC-7). */
function digest(to: string): string {
  return createHash('sha256').update(to).digest('base64url').slice(0, 22);
}

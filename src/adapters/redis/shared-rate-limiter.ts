import { once } from 'node:events';
import { Redis } from 'ioredis';
import type { ChannelLimits, ChannelName } from '../../core/channel/channel.js';
import { type Clock, monotonicMs } from '../../core/clock.js';
import { MemoryRateLimiter } from '../../core/dispatch/memory-rate-limiter.js';
import { providerDay } from '../../core/dispatch/provider-day.js';
import type { Crew, Grant, RateLimiter, TokenSource } from '../../core/dispatch/rate-limiter.js';
import { RedisRateLimiter } from './rate-limiter.js';

/** Redis is given up for the time being when it has not answered for so long, in ms. */
const ANSWER_MS = 250;
/** While it is away: the pause between two looks, in ms; and the longest one between two tries to connect. */
const LOOK_MS = 50;
const CONNECT_MS = 200;
/** A connection that takes requests and answers none for so long is made anew, in ms. */
const STALLED_MS = 2000;
/** Within this time, in ms, all workers notice that Redis is back. */
const NOTICE_MS = LOOK_MS + CONNECT_MS + 50;
/** How often the day's counts are read, in ms, so that they are known when Redis goes. */
const COUNTS_MS = 1000;

export interface SharedRateLimiterOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  readonly prefix: string;
  readonly clock: Clock;
  /** The workers among which the limits are shared out while Redis is away. */
  readonly crew: () => Crew;
  /** Told of every change, with the error for MEMORY: an alert is due then (CORE-22). */
  readonly onChange: (source: TokenSource, reason: Error | null) => void;
}

/**
 * Send tokens from Redis, and from memory while Redis cannot be reached (CORE-22). It begins with Redis, and goes back
 * by itself. Around both changes no sliding second holds more than the limit:
 *
 * - To memory: the others may use what they have reserved in Redis for one horizon more. So nobody grants from memory
 *   before one has gone by; from then on everybody has its share only.
 * - To Redis: the others grant from memory until they notice too, and use that for one horizon more. So whoever comes
 *   back first makes Redis reserve nothing for both times together.
 *
 * It supposes that Redis is away for all or for none. A worker that alone has lost it takes its share on top of what
 * the others take from Redis.
 */
export class SharedRateLimiter implements RateLimiter {
  readonly #options: SharedRateLimiterOptions;
  readonly #connection: Redis;
  readonly #redis: RedisRateLimiter;
  /** The channels that were asked for, with their limits and the longest horizon. */
  readonly #channels = new Map<ChannelName, { limits: ChannelLimits; horizonMs: number }>();
  #memory: { readonly limiter: MemoryRateLimiter; readonly since: number } | null = null;
  #lastError: Error | null = null;
  #closed = false;
  #looking: Promise<void> | null = null;
  readonly #counting: NodeJS.Timeout;

  constructor(options: SharedRateLimiterOptions) {
    this.#options = options;
    const { url, prefix, clock } = options;
    this.#connection = new Redis(url, {
      // What cannot be sent now is answered from memory, and must not be sent later.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: STALLED_MS,
      // A server that stands still does not close its side; nobody is to wait for that.
      disconnectTimeout: 100,
      retryStrategy: (times) => Math.min(times * LOOK_MS, CONNECT_MS),
    });
    // ioredis tries again by itself; the error is the reason that `onChange` gives.
    this.#connection.on('error', (error: Error) => (this.#lastError = error));
    this.#redis = new RedisRateLimiter({ redis: this.#connection, prefix, clock });
    this.#counting = setInterval(() => void this.#readCounts(), COUNTS_MS).unref();
  }

  get source(): TokenSource {
    return this.#memory ? 'MEMORY' : 'REDIS';
  }

  /** Resolves when the connection is there, or has failed once: a process that begins at once begins from memory. */
  async connected(): Promise<void> {
    if (this.#connection.status === 'ready') return;
    await new Promise<unknown>((resolve) => {
      this.#connection.once('ready', resolve).once('close', resolve);
    });
  }

  async reserve(
    channel: ChannelName,
    limits: ChannelLimits,
    recipients: readonly string[],
    horizonMs: number,
  ): Promise<Grant[]> {
    const longest = Math.max(horizonMs, this.#channels.get(channel)?.horizonMs ?? 0);
    this.#channels.set(channel, { limits, horizonMs: longest });
    if (!this.#memory) {
      try {
        return await inTime(this.#redis.reserve(channel, limits, recipients, horizonMs));
      } catch (error) {
        this.#toMemory(error);
      }
    }
    return await this.#fromMemory(channel, limits, recipients, horizonMs);
  }

  async giveBack(channel: ChannelName, limits: ChannelLimits, count: number): Promise<void> {
    try {
      if (this.#memory) await this.#memory.limiter.giveBack(channel, limits, count);
      else await inTime(this.#redis.giveBack(channel, limits, count));
    } catch (error) {
      // They are lost, which is on the safe side.
      this.#toMemory(error);
    }
  }

  /** @throws when Redis has never told it and cannot be reached */
  async usedToday(channel: ChannelName, limits: ChannelLimits): Promise<number> {
    if (!this.#memory) {
      try {
        return await inTime(this.#redis.usedToday(channel, limits));
      } catch (error) {
        this.#toMemory(error);
      }
    }
    return this.#usedBefore(channel, limits) + (this.#memory?.limiter.sentToday(channel, limits) ?? 0);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#counting);
    const isOpen = ['ready', 'connect'].includes(this.#connection.status);
    const ended = isOpen ? once(this.#connection, 'end') : null;
    this.#connection.disconnect();
    await Promise.all([this.#looking, ended]);
  }

  #fromMemory(
    channel: ChannelName,
    limits: ChannelLimits,
    recipients: readonly string[],
    horizonMs: number,
  ): Promise<Grant[]> {
    if (!this.#memory) throw new Error('tokens were asked of a memory that is not there');
    const { limiter, since } = this.#memory;
    const { perDay, perSecond = 0 } = limits;
    if (perDay === undefined) return limiter.reserve(channel, limits, recipients, horizonMs);
    // What is left of the day, less what the others may have taken between our last look and the loss.
    const before = this.#usedBefore(channel, limits);
    const unseenMs = since - (this.#redis.known(channel)?.at ?? since) + horizonMs;
    const unseen = before === 0 ? 0 : Math.ceil((unseenMs / 1000) * perSecond);
    const left = Math.max(0, perDay - before - unseen);
    return limiter.reserve(channel, { ...limits, perDay: left }, recipients, horizonMs);
  }

  /** Today's count when Redis was lost; 0 when that was before midnight. */
  #usedBefore(channel: ChannelName, { zone }: ChannelLimits): number {
    const known = this.#redis.known(channel);
    return known?.date === providerDay(this.#options.clock.realNow(), zone).date ? known.used : 0;
  }

  #toMemory(error: unknown): void {
    if (this.#memory || this.#closed) return;
    const { clock, crew, onChange } = this.#options;
    const quietMs = Math.max(...[...this.#channels.values()].map(({ horizonMs }) => horizonMs), 0);
    this.#memory = { limiter: new MemoryRateLimiter({ clock, crew, quietMs }), since: monotonicMs() };
    this.#looking = this.#lookForRedis();
    const reason = error instanceof Error ? error : new Error(String(error));
    onChange('MEMORY', this.#connection.status === 'ready' ? reason : (this.#lastError ?? reason));
  }

  /** Looks until Redis answers, then goes back to it. */
  async #lookForRedis(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#ping();
        for (const [channel, { limits, horizonMs }] of this.#channels) {
          const sent = this.#memory?.limiter.sentToday(channel, limits) ?? 0;
          await inTime(this.#redis.rejoin(channel, limits, horizonMs + NOTICE_MS, sent));
        }
        this.#memory = null;
        this.#lastError = null;
        this.#options.onChange('REDIS', null);
        return;
      } catch (error) {
        // Still away. The reason was told when it went; this one may be newer.
        this.#lastError = error instanceof Error ? error : new Error(String(error));
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    }
  }

  /** One request that waits as long as Redis stands still, so that it is answered as soon as it goes on. */
  async #ping(): Promise<void> {
    try {
      await inTime(this.#connection.ping(), STALLED_MS);
    } catch (error) {
      if (error instanceof NoAnswerError) this.#connection.disconnect(true);
      throw error;
    }
  }

  async #readCounts(): Promise<void> {
    if (this.#memory) return;
    for (const [channel, { limits }] of this.#channels) {
      if (limits.perDay !== undefined) await this.usedToday(channel, limits);
    }
  }
}

/** Redis did not answer in time. */
class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/** @throws NoAnswerError; an answer that comes later is let go, with the tokens in it */
async function inTime<Value>(answer: Promise<Value>, ms = ANSWER_MS): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  // Through one more look at the sockets: when it was this process that stood still, the answer lies there unread.
  const timer = setTimeout(() => {
    setImmediate(() => reject(new NoAnswerError(`Redis did not answer within ${ms} ms`)));
  }, ms);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
}

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TokenSource } from '../../src/core/dispatch/rate-limiter.js';
import { SharedRateLimiter } from '../../src/adapters/redis/shared-rate-limiter.js';
import type { ChannelLimits } from '../../src/core/channel/channel.js';
import { Clock, monotonicMs } from '../../src/core/clock.js';
import { type OwnRedis, startOwnRedis } from '../support/own-redis.js';
import { mostInSlidingSecond } from '../support/sliding-second.js';
import { until } from '../support/until.js';

const HORIZON_MS = 250;
const LIMITS: ChannelLimits = { perSecond: 80, perDay: 100_000, zone: 'Asia/Kolkata' };
const WORKERS = 2;

const people = (count: number): string[] => Array.from({ length: count }, (_, i) => `+9198765${10000 + i}`);

/** A worker that reserves as much as it can, and notes when it would send. */
class Sender {
  readonly changes: TokenSource[] = [];
  readonly reasons: (Error | null)[] = [];
  readonly limiter: SharedRateLimiter;
  readonly instants: { readonly at: number; readonly source: TokenSource }[] = [];
  #running = true;
  #done: Promise<void> = Promise.resolve();

  constructor(url: string, place: number) {
    this.limiter = new SharedRateLimiter({
      url,
      prefix: 'test:',
      clock: new Clock(),
      crew: () => ({ workers: WORKERS, place }),
      onChange: (source, reason) => {
        this.changes.push(source);
        this.reasons.push(reason);
      },
    });
  }

  async start(): Promise<void> {
    await this.limiter.connected();
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
    await this.limiter.close();
  }

  /** How many instants it got from `source` since `index`. */
  countFrom(source: TokenSource, index = 0): number {
    return this.instants.slice(index).filter((instant) => instant.source === source).length;
  }

  async #run(): Promise<void> {
    while (this.#running) {
      const grants = await this.limiter.reserve('WHATSAPP', LIMITS, people(8), HORIZON_MS);
      const answered = monotonicMs();
      const { source } = this.limiter;
      for (const grant of grants) {
        // A missed instant is let go, as the dispatcher does.
        if (grant.kind === 'SEND' && grant.delayMs > -12) {
          this.instants.push({ at: answered + Math.max(0, grant.delayMs), source });
        }
      }
      const later = grants.find(({ kind }) => kind === 'LATER');
      const pause = later ? Math.max(1, later.delayMs - HORIZON_MS / 2) : 20;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

describe('SharedRateLimiter', () => {
  let redis: OwnRedis;
  let senders: Sender[];

  beforeEach(async () => {
    redis = await startOwnRedis();
    senders = Array.from({ length: WORKERS }, (_, place) => new Sender(redis.url, place));
    await Promise.all(senders.map((sender) => sender.start()));
  });
  afterEach(async () => {
    redis.thaw();
    await Promise.all(senders.map((sender) => sender.stop()));
    await redis.stop();
  });

  const each = async (test: (sender: Sender) => boolean): Promise<void> => {
    await until(() => senders.every(test));
  };
  const most = (): number =>
    mostInSlidingSecond(senders.flatMap(({ instants }) => instants.map(({ at }) => at)));

  it('CORE-22 a frozen Redis: shares from memory, and back by itself, never above the limit', async () => {
    await each((sender) => sender.countFrom('REDIS') > 40);
    redis.freeze();
    await each((sender) => sender.countFrom('MEMORY') > 40);
    redis.thaw();
    await each((sender) => sender.changes.at(-1) === 'REDIS');
    const then = senders.map(({ instants }) => instants.length);
    await until(() => senders.every((sender, i) => sender.countFrom('REDIS', then[i]) > 40));
    expect(senders.map(({ changes }) => changes)).toEqual(senders.map(() => ['MEMORY', 'REDIS']));
    expect(senders[0]?.reasons[0]?.message).toMatch(/did not answer/);
    expect(most()).toBeLessThanOrEqual(80);
  });

  it('CORE-22 a Redis that is frozen for longer than a connection is kept', async () => {
    await each((sender) => sender.countFrom('REDIS') > 10);
    redis.freeze();
    await each((sender) => sender.countFrom('MEMORY') > 120);
    redis.thaw();
    await each((sender) => sender.changes.at(-1) === 'REDIS');
    expect(most()).toBeLessThanOrEqual(80);
  });

  it('CORE-21 CORE-22 the day’s count goes on from one source to the other', async () => {
    await each((sender) => sender.countFrom('REDIS') > 40);
    redis.freeze();
    await each((sender) => sender.countFrom('MEMORY') > 40);
    redis.thaw();
    await each((sender) => sender.changes.at(-1) === 'REDIS');
    const sent = senders.reduce((sum, { instants }) => sum + instants.length, 0);
    const used = (await senders[0]?.limiter.usedToday('WHATSAPP', LIMITS)) ?? 0;
    expect(used).toBeGreaterThanOrEqual(sent);
  });

  it('CORE-22 a Redis that has ended', async () => {
    await each((sender) => sender.countFrom('REDIS') > 10);
    await redis.stop();
    await each((sender) => sender.countFrom('MEMORY') > 20);
    expect(senders.map(({ changes }) => changes)).toEqual(senders.map(() => ['MEMORY']));
    expect(await senders[0]?.limiter.usedToday('WHATSAPP', LIMITS)).toBeGreaterThan(20);
    expect(most()).toBeLessThanOrEqual(80);
    redis = await startOwnRedis();
  });

  it('CORE-22 a Redis that was never there', async () => {
    const lonely = new Sender('redis://127.0.0.1:1', 0);
    await lonely.start();
    await until(() => lonely.countFrom('MEMORY') > 20);
    expect(lonely.changes).toEqual(['MEMORY']);
    expect(lonely.reasons[0]?.message).toMatch(/ECONNREFUSED/);
    await lonely.stop();
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { RedisRateLimiter } from '../../src/adapters/redis/rate-limiter.js';
import type { ChannelLimits } from '../../src/core/channel/channel.js';
import { Clock, monotonicMs } from '../../src/core/clock.js';
import { intervalMs } from '../../src/core/dispatch/pacing.js';
import type { Grant } from '../../src/core/dispatch/rate-limiter.js';
import { type OwnRedis, startOwnRedis } from '../support/own-redis.js';
import { mostInSlidingSecond } from '../support/sliding-second.js';

const HORIZON_MS = 250;
const PACED: ChannelLimits = { perSecond: 80, zone: 'Asia/Kolkata' };

const people = (count: number): string[] => Array.from({ length: count }, (_, i) => `+9198765${10000 + i}`);
const kinds = (grants: readonly Grant[]): string[] => grants.map(({ kind }) => kind);
const delays = (grants: readonly Grant[]): number[] => grants.map(({ delayMs }) => delayMs);

describe('RedisRateLimiter', () => {
  let redis: OwnRedis;
  let open: Redis[];

  beforeAll(async () => {
    redis = await startOwnRedis();
  });
  afterAll(async () => {
    await redis.stop();
  });
  beforeEach(async () => {
    open = [];
    const { connection } = connect();
    await connection.flushall('SYNC');
    await connection.script('FLUSH', 'SYNC');
  });
  afterEach(() => {
    for (const connection of open) connection.disconnect();
  });

  function connect(clock = new Clock()): { connection: Redis; limiter: RedisRateLimiter } {
    const connection = new Redis(redis.url);
    open.push(connection);
    return { connection, limiter: new RedisRateLimiter({ redis: connection, prefix: 'test:', clock }) };
  }

  /** Makes the channel known, and lets the first horizon go by. */
  async function settled(limits = PACED): Promise<{ connection: Redis; limiter: RedisRateLimiter }> {
    const one = connect();
    await one.limiter.reserve('WHATSAPP', limits, [], 0);
    return one;
  }

  it('CORE-21 reserves in order, within the horizon, and says when the next is free', async () => {
    const { limiter } = await settled();
    const grants = await limiter.reserve('WHATSAPP', PACED, people(40), HORIZON_MS);
    const sends = delays(grants.filter(({ kind }) => kind === 'SEND'));
    expect(sends).toHaveLength(20);
    for (const [i, delay] of sends.entries()) {
      if (i > 0) expect(delay - (sends[i - 1] ?? 0)).toBeCloseTo(intervalMs(80), 1);
    }
    const later = grants.slice(20);
    expect(new Set(kinds(later))).toEqual(new Set(['LATER']));
    expect((later[0]?.delayMs ?? 0) - (sends.at(-1) ?? 0)).toBeCloseTo(intervalMs(80), 1);
  });

  it('CORE-21 several workers at once never exceed the limit, and use 95 % of it', async () => {
    const limiters = await Promise.all(Array.from({ length: 4 }, async () => (await settled()).limiter));
    const instants: number[] = [];
    const enough = 400;
    await Promise.all(
      limiters.map(async (limiter) => {
        while (instants.length < enough) {
          const grants = await limiter.reserve('WHATSAPP', PACED, people(8), HORIZON_MS);
          const answered = monotonicMs();
          for (const grant of grants) if (grant.kind === 'SEND') instants.push(answered + grant.delayMs);
          const later = grants.find(({ kind }) => kind === 'LATER');
          if (later) await new Promise((resolve) => setTimeout(resolve, later.delayMs - HORIZON_MS / 2));
        }
      }),
    );
    expect(mostInSlidingSecond(instants)).toBeLessThanOrEqual(80);
    const seconds = (Math.max(...instants) - Math.min(...instants)) / 1000;
    expect(instants.length / seconds).toBeGreaterThanOrEqual(80 * 0.95);
  });

  it('CORE-21 channels have limits of their own', async () => {
    const { limiter } = await settled();
    await limiter.reserve('WHATSAPP', PACED, people(40), HORIZON_MS);
    await limiter.reserve('SMS', PACED, [], 0);
    expect(kinds(await limiter.reserve('SMS', PACED, people(3), HORIZON_MS))).toEqual([
      'SEND',
      'SEND',
      'SEND',
    ]);
  });

  it('CORE-21 the day’s limit is shared, counted by the zone’s date, and expires', async () => {
    const limits: ChannelLimits = { perDay: 5, zone: 'Asia/Kolkata' };
    const [a, b] = [connect(), connect()];
    expect(kinds(await a.limiter.reserve('WHATSAPP', limits, people(3), HORIZON_MS))).toEqual(
      Array(3).fill('SEND'),
    );
    const grants = await b.limiter.reserve('WHATSAPP', limits, people(4), HORIZON_MS);
    expect(kinds(grants)).toEqual(['SEND', 'SEND', 'DAY', 'DAY']);
    expect(grants[2]?.delayMs).toBeGreaterThan(0);
    expect(grants[2]?.delayMs).toBeLessThanOrEqual(24 * 3_600_000);
    expect(await a.limiter.usedToday('WHATSAPP', limits)).toBe(5);
    const [key = ''] = await a.connection.keys('test:*day*');
    const ttl = await a.connection.pttl(key);
    expect(ttl).toBeGreaterThan(3_600_000);
    expect(ttl).toBeLessThanOrEqual(25 * 3_600_000);
  });

  it('CORE-21 an instant behind midnight counts for the next day', async () => {
    const { limiter, connection } = connect(atSecondsBeforeMidnight(0.1));
    const limits: ChannelLimits = { perSecond: 20, perDay: 3, zone: 'UTC' };
    await connection.set('test:tokens:{WHATSAPP}:next', '0');
    const grants = await limiter.reserve('WHATSAPP', limits, people(8), 1000);
    // At 0 and 52 ms today; at 104, 156 and 208 ms tomorrow, whose limit is then used up too.
    expect(kinds(grants)).toEqual(['SEND', 'SEND', 'SEND', 'SEND', 'SEND', 'DAY', 'DAY', 'DAY']);
    expect(await limiter.usedToday('WHATSAPP', limits)).toBe(2);
  });

  it('CORE-21 a recipient has a pause, for all workers, and is named in no key', async () => {
    const limits: ChannelLimits = { perRecipientMs: 6000, zone: 'UTC' };
    const [a, b] = [connect(), connect()];
    const first = await a.limiter.reserve('WHATSAPP', limits, ['+911', '+912', '+911'], HORIZON_MS);
    expect(kinds(first)).toEqual(['SEND', 'SEND', 'RECIPIENT']);
    const second = await b.limiter.reserve('WHATSAPP', limits, ['+912', '+913'], HORIZON_MS);
    expect(kinds(second)).toEqual(['RECIPIENT', 'SEND']);
    expect(second[0]?.delayMs).toBeGreaterThan(0);
    expect(second[0]?.delayMs).toBeLessThanOrEqual(6001);
    const keys = await a.connection.keys('test:*');
    expect(keys).toHaveLength(3);
    for (const key of keys) {
      expect(key).not.toContain('91');
      expect(await a.connection.pttl(key)).toBeGreaterThan(0);
    }
  });

  it('CORE-21 gives back what nobody has reserved behind', async () => {
    const limits: ChannelLimits = { ...PACED, perDay: 1000 };
    const { limiter } = await settled(limits);
    const before = await limiter.reserve('WHATSAPP', limits, people(10), HORIZON_MS);
    await limiter.giveBack('WHATSAPP', limits, 4);
    expect(await limiter.usedToday('WHATSAPP', limits)).toBe(6);
    const [again] = await limiter.reserve('WHATSAPP', limits, people(1), HORIZON_MS);
    expect(again?.delayMs).toBeLessThan((before[6]?.delayMs ?? 0) + 1);
  });

  it('CORE-21 giving back never lets two have one instant', async () => {
    const limits: ChannelLimits = { ...PACED, perDay: 1000 };
    const [a, b] = [await settled(limits), await settled(limits)];
    await a.limiter.reserve('WHATSAPP', limits, people(5), HORIZON_MS);
    await b.limiter.reserve('WHATSAPP', limits, people(5), HORIZON_MS);
    const next = await a.connection.get('test:tokens:{WHATSAPP}:next');
    await a.limiter.giveBack('WHATSAPP', limits, 5);
    expect(await a.connection.get('test:tokens:{WHATSAPP}:next')).toBe(next);
    expect(await a.limiter.usedToday('WHATSAPP', limits)).toBe(5);
  });

  it('CORE-21 goes on after FLUSHALL and SCRIPT FLUSH, within the limits', async () => {
    const limits: ChannelLimits = { ...PACED, perDay: 100 };
    const { limiter, connection } = await settled(limits);
    const instants: number[] = [];
    const reserve = async (): Promise<void> => {
      const grants = await limiter.reserve('WHATSAPP', limits, people(30), HORIZON_MS);
      const answered = monotonicMs();
      for (const grant of grants) if (grant.kind === 'SEND') instants.push(answered + grant.delayMs);
    };
    await reserve();
    const before = instants.length;
    await connection.flushall('SYNC');
    await connection.script('FLUSH', 'SYNC');
    await reserve();
    expect(instants.length).toBeGreaterThan(before);
    // What was reserved before lies within a horizon, and nothing new does.
    expect(mostInSlidingSecond(instants)).toBeLessThanOrEqual(80);
    expect(instants[before]).toBeGreaterThan(instants[before - 1] ?? 0);
    expect(await limiter.usedToday('WHATSAPP', limits)).toBe(instants.length);
  });

  it('CORE-21 a clock of Redis that was set back stops nobody', async () => {
    const { limiter, connection } = await settled();
    await connection.set('test:tokens:{WHATSAPP}:next', String((Date.now() + 3_600_000) * 1000));
    const [grant] = await limiter.reserve('WHATSAPP', PACED, people(1), HORIZON_MS);
    expect(grant?.kind).toBe('LATER');
    expect(grant?.delayMs).toBeLessThan(3000);
  });

  it('CORE-21 all keys of a channel lie on one node of a cluster', async () => {
    const limits: ChannelLimits = { perSecond: 80, perDay: 10, perRecipientMs: 1000, zone: 'UTC' };
    const { limiter, connection } = await settled(limits);
    await limiter.reserve('WHATSAPP', limits, people(5), HORIZON_MS);
    const keys = await connection.keys('test:*');
    expect(keys.length).toBeGreaterThan(3);
    for (const key of keys) expect(/\{(.*?)\}/.exec(key)?.[1]).toBe('WHATSAPP');
  });
});

/** A clock by which it is so many seconds before midnight in UTC. */
function atSecondsBeforeMidnight(seconds: number): Clock {
  const clock = new Clock();
  const midnight = Date.UTC(2030, 0, 2);
  clock.setOffset(midnight - seconds * 1000 - Date.now());
  return clock;
}

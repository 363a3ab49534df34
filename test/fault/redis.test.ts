import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Installation } from '../support/installation.js';
import { type OwnRedis, startOwnRedis } from '../support/own-redis.js';
import type { WorkerUnderTest } from '../support/punctual-process.js';
import { until } from '../support/until.js';

const TEST_MS = 60_000;
const FROZEN_MS = 3_000;

describe('Redis stands still in the middle of a wave', () => {
  let redis: OwnRedis;
  let installation: Installation;
  let workers: WorkerUnderTest[];

  beforeAll(async () => {
    redis = await startOwnRedis();
    installation = await Installation.start({ redisUrl: redis.url });
    workers = [await installation.worker(), await installation.worker()];
  }, TEST_MS);
  afterAll(async () => {
    await installation.stop();
    await redis.stop();
  }, TEST_MS);

  it(
    'CORE-21 CORE-22 INV-1 INV-2 INV-3 deliveries go on from shares in memory, within the limit, and back',
    async () => {
      const acknowledged = await installation.schedule({ count: 500, perSecond: 100_000 });
      await Promise.all(workers.map((worker) => worker.busy()));

      redis.freeze();
      const frozenAt = Date.now();
      await delay(FROZEN_MS);
      const thawedAt = Date.now();
      redis.thaw();
      await installation.settled();

      expect(await installation.violations({ acknowledged })).toEqual([]);
      const { ledger } = await installation.evidence();
      // The first second is for noticing it, and for what others have reserved.
      const meanwhile = ledger.filter(({ at }) => at > frozenAt + 1_000 && at < thawedAt);
      expect(meanwhile.length).toBeGreaterThan(0);
      expect(new Set(ledger.map(({ answer }) => answer))).toEqual(new Set(['ACCEPTED']));
      for (const { process } of workers) {
        await until(() => process.log('warn').some(({ msg }) => String(msg).startsWith('Redis is back')));
      }
    },
    TEST_MS,
  );
});

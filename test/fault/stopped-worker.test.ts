import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Installation } from '../support/installation.js';
import type { WorkerUnderTest } from '../support/punctual-process.js';
import { newSeed } from '../support/seed.js';
import { until } from '../support/until.js';

const TEST_MS = 60_000;

describe('a worker stands still for longer than its lease, and goes on', () => {
  const chance = newSeed('stopped-worker');
  let installation: Installation;
  let first: WorkerUnderTest;

  beforeAll(async () => {
    installation = await Installation.start();
    first = await installation.worker();
    await installation.worker();
  }, TEST_MS);
  afterAll(() => installation.stop(), TEST_MS);

  it(
    'CORE-29 INV-1 INV-2 INV-3 INV-4 INV-5 what it had lost it neither sends nor writes, and it begins a new life',
    async () => {
      await installation.behave({ latencyMs: 150, latencyP99Ms: 400, seed: chance.seed });
      const acknowledged = await installation.schedule({ count: 400, perSecond: 60 });
      await first.busy();
      await delay(chance.upTo(500));

      first.process.signal('SIGSTOP');
      await until(async () => (await installation.events('worker.lost')).length > 0);
      await until(async () => (await first.held()) === 0);
      first.process.signal('SIGCONT');
      await until(async () => (await first.lives()).length === 2);
      acknowledged.push(...(await installation.schedule({ count: 100, perSecond: 60 })));
      await installation.settled();

      expect(await installation.violations({ acknowledged })).toEqual([]);
      const lives = await first.lives();
      expect(lives.map(({ status }) => status)).toEqual(['STOPPED', 'ALIVE']);
      const again = await installation.db
        .collection('attempts')
        .countDocuments({ worker: lives[1]?._id ?? '', outcome: 'ACCEPTED' });
      expect(again).toBeGreaterThan(0);
      expect(first.process.log('error', 'fatal')).toEqual([]);
    },
    TEST_MS,
  );
});

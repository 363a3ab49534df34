import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isPortFree } from '../../src/adapters/mongod/child/loopback-port.js';
import { Installation } from '../support/installation.js';
import type { PunctualProcess } from '../support/punctual-process.js';
import { newSeed } from '../support/seed.js';

const TEST_MS = 60_000;
const COUNT = 300;

describe('SIGTERM', () => {
  const chance = newSeed('sigterm');
  let installation: Installation;

  beforeAll(async () => {
    installation = await Installation.start();
  }, TEST_MS);
  afterAll(() => installation.stop(), TEST_MS);

  const stopInOrder = async (started: PunctualProcess): Promise<void> => {
    const children = await started.run.descendants();
    started.signal('SIGTERM');
    expect({ part: started.part, ended: await started.ended }).toEqual({ part: started.part, ended: 0 });
    for (const pid of children) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(started.log('error', 'fatal')).toEqual([]);
  };

  it(
    'CORE-30 in a burst: what is under way ends, claims are given back, and the next worker goes on',
    async () => {
      await installation.behave({ latencyMs: 150, latencyP99Ms: 400, seed: chance.seed });
      const worker = await installation.worker();
      // All due at once: the worker has claimed far ahead of what the limit lets it send.
      const acknowledged = await installation.schedule({ count: COUNT, perSecond: 100_000 });
      await worker.busy();
      await delay(chance.upTo(300));
      await stopInOrder(worker.process);

      const states = await installation.states();
      expect(states['SENDING'] ?? 0).toBe(0);
      expect(states['QUEUED']).toBeGreaterThan(0);
      expect((await worker.lives()).map(({ status }) => status)).toEqual(['STOPPED']);
      expect(await installation.events('worker.lost')).toEqual([]);

      await installation.worker();
      await installation.settled();
      expect(await installation.violations({ acknowledged })).toEqual([]);
      const { attempts } = await installation.evidence();
      expect(attempts.filter(({ outcome }) => outcome !== 'ACCEPTED')).toEqual([]);
      expect(attempts).toHaveLength(COUNT);
    },
    TEST_MS,
  );

  it(
    'CORE-30 the API and the sandbox end in order, too, and their ports are free',
    async () => {
      for (const part of installation.parts()) await stopInOrder(part);
      for (const port of [installation.env['PORT'], installation.env['SANDBOX_PORT']]) {
        expect(await isPortFree(Number(port))).toBe(true);
      }
    },
    TEST_MS,
  );
});

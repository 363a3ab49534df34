import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EmbeddedMongod, startEmbeddedMongod } from '../../src/adapters/mongod/embedded-mongod.js';
import { findMongod } from '../../src/adapters/mongod/find-mongod.js';
import { Installation } from '../support/installation.js';
import type { WorkerUnderTest } from '../support/punctual-process.js';
import { newSeed } from '../support/seed.js';
import { SERVER_CACHE } from '../support/servers.js';

const TEST_MS = 90_000;

describe('MongoDB goes away in the middle of a wave, and comes back', () => {
  const chance = newSeed('mongod');
  let dataDir: string;
  let mongod: EmbeddedMongod;
  let installation: Installation;
  let workers: WorkerUnderTest[];

  const startMongod = async (): Promise<EmbeddedMongod> => {
    const { path: binary } = await findMongod({ dataDir: SERVER_CACHE });
    return startEmbeddedMongod({ dataDir, binary, cacheSizeGb: 0.25, oplogSizeMb: 256, ephemeral: true });
  };

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'punctual-mongod-'));
    mongod = await startMongod();
    installation = await Installation.start({ mongodbUri: mongod.uri });
    workers = [await installation.worker(), await installation.worker()];
  }, TEST_MS);
  afterAll(async () => {
    await installation.stop();
    await mongod.stop();
    await rm(dataDir, { recursive: true, force: true });
  }, TEST_MS);

  it.each([['stopped in order'], ['killed']])(
    'INV-1 INV-2 INV-3 INV-4 INV-5 %s: everything arrives, once',
    async (how) => {
      await installation.behave({ latencyMs: 50, latencyP99Ms: 300, seed: chance.seed });
      const acknowledged = await installation.schedule({ count: 300, perSecond: 60 });
      await Promise.all(workers.map((worker) => worker.busy()));
      await delay(chance.upTo(400));

      const { uri } = mongod;
      if (how === 'killed') process.kill(mongod.pid, 'SIGKILL');
      await mongod.stop();
      mongod = await startMongod();
      expect(mongod.uri).toBe(uri);
      await installation.settled();

      expect(await installation.violations({ acknowledged })).toEqual([]);
      expect(await installation.states()).not.toHaveProperty('DEAD_LETTERED');
    },
    TEST_MS,
  );
});

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Installation } from '../support/installation.js';
import type { WorkerUnderTest } from '../support/punctual-process.js';

const TEST_MS = 60_000;
const PRELOAD = pathToFileURL(resolve('test/support/shifted-clock.mjs')).href;

describe.each([
  ['ahead of', 120_000],
  ['behind', -120_000],
])("a worker's clock is two minutes %s the database server's", (_, shiftMs) => {
  let installation: Installation;
  let worker: WorkerUnderTest;

  beforeAll(async () => {
    installation = await Installation.start();
    worker = await installation.worker({
      NODE_OPTIONS: `--import ${PRELOAD}`,
      CLOCK_SHIFT_MS: String(shiftMs),
    });
  }, TEST_MS);
  afterAll(() => installation.stop(), TEST_MS);

  it(
    'CORE-10 INV-1 INV-2 INV-3 INV-7 it sends nothing early, and all of it in time',
    async () => {
      const acknowledged = await installation.schedule({ count: 120, perSecond: 40 });
      await installation.settled();
      // It rings late or not at all where Agenda goes by its clock; the sweeper looks once a second.
      expect(await installation.violations({ acknowledged, latenessMs: 5_000 })).toEqual([]);
      expect(worker.process.log('warn').map(({ msg }) => msg)).toContain(
        "this machine's clock is off; the database server's is followed",
      );
    },
    TEST_MS,
  );
});

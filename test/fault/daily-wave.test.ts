import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AssignContentDocument,
  ImportAdvisorsDocument,
  ImportContentsDocument,
  RunDocument,
  ScheduleDailyDocument,
} from '#sdk';
import { advisorCsvs, CONTENT_ID, contentCsv } from '../../src/cli/demo-data.js';
import { Installation } from '../support/installation.js';
import type { WorkerUnderTest } from '../support/punctual-process.js';

const TEST_MS = 120_000;
const ADVISORS = 300;
/** CORE-29: how soon another worker has to have taken over, in ms. */
const TAKEN_UP_MS = 30_000;
/** The ones that production has when none are set. */
const DEFAULT_TIMES = { WORKER_LEASE: '15s', WORKER_HEARTBEAT: '3s', WORKER_SWEEP: '5s' };

describe('a daily wave is shared by two workers with the default lease, and one is killed', () => {
  let installation: Installation;
  let first: WorkerUnderTest;
  let second: WorkerUnderTest;

  beforeAll(async () => {
    installation = await Installation.start({ env: DEFAULT_TIMES });
    first = await installation.worker();
    second = await installation.worker();
  }, TEST_MS);
  afterAll(() => installation.stop(), TEST_MS);

  it(
    'DC-8 CORE-29 INV-1 INV-2 INV-3 INV-4 INV-5 its deliveries are taken up within 30 s, and every advisor gets one',
    async () => {
      await installation.behave({ latencyMs: 150, latencyP99Ms: 400, errorRate: 0.05, errorStatus: 503 });
      const { run, keys } = await planWave(installation);
      await Promise.all([first.busy(), second.busy()]);
      first.process.signal('SIGKILL');
      expect(await first.process.ended).toBe('SIGKILL');
      const killedAt = Date.now();
      const abandoned = await installation.db
        .collection('deliveries')
        .distinct('_id', { state: 'SENDING', worker: first.id });
      expect(abandoned.length).toBeGreaterThan(0);
      await installation.settled(TEST_MS / 2);

      expect(await installation.violations({ acknowledged: keys, latenessMs: TAKEN_UP_MS + 20_000 })).toEqual(
        [],
      );
      const ids = new Set(abandoned.map(String));
      for (const { _id, history } of await installation.deliveries()) {
        if (!ids.has(String(_id))) continue;
        const next = history.find(({ at }) => at.getTime() >= killedAt);
        expect(next?.at.getTime()).toBeLessThan(killedAt + TAKEN_UP_MS);
      }
      const client = await installation.client();
      const { run: seen } = await client.request(RunDocument, { id: run });
      expect(seen?.progress).toMatchObject({ planned: ADVISORS, sent: ADVISORS, failed: 0, finished: true });
      await client.close();
    },
    TEST_MS,
  );
});

/** Advisors and content by CSV, a wave that begins in three seconds. @returns its run, and the keys of its deliveries */
async function planWave(installation: Installation): Promise<{ run: string; keys: string[] }> {
  const client = await installation.client();
  try {
    await client.request(ImportContentsDocument, { input: { csv: contentCsv() } });
    for (const csv of advisorCsvs(ADVISORS)) await client.request(ImportAdvisorsDocument, { input: { csv } });
    // The date in the program's zone is yesterday's, today's or tomorrow's of UTC; one that is over is refused.
    for (const days of [-1, 0, 1]) {
      const date = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
      await client.request(AssignContentDocument, { input: { date, content: CONTENT_ID } });
    }
    const { scheduleDaily } = await client.request(ScheduleDailyDocument, {
      input: { at: { after: '3s' }, window: { after: '6s' } },
    });
    expect(scheduleDaily).toMatchObject({ scheduled: ADVISORS, errors: [] });
    const keys = (await installation.deliveries()).map(({ _id }) => _id.toHexString());
    return { run: scheduleDaily.wave?.run.id ?? '', keys };
  } finally {
    await client.close();
  }
}

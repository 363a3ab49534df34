import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Installation } from '../support/installation.js';
import type { WorkerUnderTest } from '../support/punctual-process.js';
import { newSeed } from '../support/seed.js';

const TEST_MS = 60_000;
/** CORE-29: how soon another worker has to have taken over, in ms. */
const TAKEN_UP_MS = 30_000;

describe('two workers share a wave, and one is killed', () => {
  const chance = newSeed('two-workers');
  let installation: Installation;
  let first: WorkerUnderTest;
  let second: WorkerUnderTest;

  beforeAll(async () => {
    installation = await Installation.start();
    first = await installation.worker();
    second = await installation.worker();
  }, TEST_MS);
  afterAll(() => installation.stop(), TEST_MS);

  it(
    'CORE-29 INV-1 INV-2 INV-3 INV-4 INV-5 INV-6 its deliveries are taken up by the other within 30 s',
    async () => {
      // Slow enough that requests are under way at any moment.
      await installation.behave({ latencyMs: 150, latencyP99Ms: 400, seed: chance.seed });
      const acknowledged = await installation.schedule({ count: 400, perSecond: 60 });
      await Promise.all([first.busy(), second.busy()]);
      await delay(chance.upTo(1_000));

      first.process.signal('SIGKILL');
      expect(await first.process.ended).toBe('SIGKILL');
      const killedAt = Date.now();
      const abandoned = await installation.db
        .collection('deliveries')
        .distinct('_id', { state: 'SENDING', worker: first.id });
      expect(abandoned.length).toBeGreaterThan(0);
      // Of each age: sent, in the hands of one of the two, waiting.
      const cancelled = await installation.cancel(acknowledged.filter((_, i) => i % 10 === 0));
      expect(cancelled).toBeGreaterThan(0);
      await installation.settled();

      expect(await installation.violations({ acknowledged, latenessMs: TAKEN_UP_MS })).toEqual([]);
      const states = await installation.states();
      expect((states['SENT'] ?? 0) + (states['DELIVERED'] ?? 0)).toBe(400 - cancelled);
      expect(states['CANCELLED'] ?? 0).toBe(cancelled);
      const ids = new Set(abandoned.map(String));
      const takenUp = (await installation.deliveries()).filter(({ _id }) => ids.has(String(_id)));
      for (const { history } of takenUp) {
        const next = history.find(({ at }) => at.getTime() >= killedAt);
        expect(next?.at.getTime()).toBeLessThan(killedAt + TAKEN_UP_MS);
      }
    },
    TEST_MS,
  );

  it('CORE-21 CORE-28 both had their share before', async () => {
    const attempts = [await first.attempts(), await second.attempts()];
    for (const count of attempts) expect(count).toBeGreaterThanOrEqual(10);
  });

  it('CORE-29 the loss is told once', async () => {
    expect((await installation.events('worker.lost')).map(({ data }) => data)).toEqual([
      { worker: first.id },
    ]);
  });
});

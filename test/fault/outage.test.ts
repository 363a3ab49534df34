import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChannelsDocument, type Client } from '#sdk';
import { Installation } from '../support/installation.js';
import { newSeed } from '../support/seed.js';
import { until } from '../support/until.js';

/** A breaker stays open for a minute. */
const TEST_MS = 120_000;

describe('a provider is down', () => {
  const chance = newSeed('outage');
  let installation: Installation;
  let client: Client;

  beforeAll(async () => {
    installation = await Installation.start();
    client = await installation.client();
    await installation.worker();
    await installation.worker();
  }, TEST_MS);
  afterAll(async () => {
    await client.close();
    await installation.stop();
  }, TEST_MS);

  const breaker = async () => (await client.request(ChannelsDocument)).channels[0];

  it(
    'CORE-27 INV-1 INV-2 INV-5 the breaker opens, what is due waits without losing tries, and it closes by itself',
    async () => {
      await installation.behave({ outage: true, seed: chance.seed });
      const acknowledged = await installation.schedule({ count: 200, perSecond: 100 });
      const open = await until(async () => {
        const state = await breaker();
        return state?.breaker === 'OPEN' && state;
      });
      expect(open.consecutiveFailures).toBeGreaterThanOrEqual(5);
      expect(open.retryAt).not.toBeNull();
      // What was under way when it opened ends; what was claimed goes back.
      await until(async () => (await installation.states())['SENDING'] === undefined);
      const before = await installation.evidence();
      await installation.behave({ outage: false });

      await until(async () => (await breaker())?.breaker === 'CLOSED');
      await installation.settled();
      expect(await installation.violations({ acknowledged })).toEqual([]);
      const { ledger, deliveries } = await installation.evidence();
      const retryAt = new Date(open.retryAt ?? 0).getTime();
      const meanwhile = ledger.filter(({ seq, at }) => seq > before.ledger.length && at < retryAt);
      expect(meanwhile).toEqual([]);
      // The first after it went alone: the others waited for its answer.
      const failures = before.ledger.length;
      const tries = deliveries.reduce((sum, { attempts }) => sum + attempts, 0);
      expect(tries).toBe(failures + deliveries.length);
      const reasons = (await installation.events('channel.changed')).map(({ reason }) => reason);
      expect(reasons).toEqual(['OPENED', 'PROBE', 'CLOSED']);
    },
    TEST_MS,
  );
});

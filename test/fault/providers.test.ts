import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ChannelsDocument, ResumeChannelDocument } from '#sdk';
import { Installation } from '../support/installation.js';
import type { LedgerLine } from '../support/invariants.js';
import type { WorkerUnderTest } from '../support/punctual-process.js';
import { newSeed } from '../support/seed.js';
import { until } from '../support/until.js';

const TEST_MS = 60_000;

describe('a provider that fails', () => {
  const chance = newSeed('providers');
  let installation: Installation;
  let worker: WorkerUnderTest;
  const acknowledged: string[] = [];

  beforeAll(async () => {
    installation = await Installation.start({ env: { WORKER_ATTEMPT_TIMEOUT: '1500ms' } });
    worker = await installation.worker();
  }, TEST_MS);
  afterAll(() => installation.stop(), TEST_MS);
  afterEach(async () => {
    expect(worker.process.log('error', 'fatal')).toEqual([]);
    expect(await installation.violations({ acknowledged })).toEqual([]);
  });

  /** A wave of its own. @returns its part of the ledger, by key */
  const wave = async (count: number, perSecond = 60): Promise<Map<string, LedgerLine[]>> => {
    const keys = await installation.schedule({ count, perSecond });
    acknowledged.push(...keys);
    await installation.settled();
    const own = new Set(keys);
    const { ledger } = await installation.evidence();
    return Map.groupBy(
      ledger.filter(({ key }) => key !== null && own.has(key)),
      ({ key }) => key ?? '',
    );
  };
  const normal = { hangRate: 0, resetRate: 0, resetAfterAcceptRate: 0, errorRate: 0, throttleRate: 0 };
  const behave = (changes: Parameters<Installation['behave']>[0]): Promise<void> =>
    installation.behave({ ...normal, latencyMs: 20, latencyP99Ms: 100, seed: chance.seed, ...changes });
  const answers = (lines: readonly LedgerLine[]): string[] => lines.map(({ answer }) => answer);
  /** The lines of the deliveries that met an answer. */
  const struck = (byKey: Map<string, LedgerLine[]>, answer: string): LedgerLine[][] =>
    [...byKey.values()].filter((lines) => answers(lines).includes(answer));

  it(
    'CORE-24 CORE-29 INV-1 INV-2 it hangs, and resets connections: each is tried again',
    async () => {
      // So few that those which hang, and so end last and together, do not open the breaker: it would stay open for a minute.
      await behave({ hangRate: 0.015, resetRate: 0.03, statusDelayMs: 200 });
      const byKey = await wave(120);
      expect(struck(byKey, 'HUNG').length + struck(byKey, 'RESET').length).toBeGreaterThan(0);
      for (const lines of byKey.values()) expect(answers(lines).at(-1)).toBe('ACCEPTED');
    },
    TEST_MS,
  );

  it(
    'CORE-29 CORE-46 INV-2 it accepts and resets: its report settles the unknown outcome, and nothing is sent again',
    async () => {
      await behave({ resetAfterAcceptRate: 0.1, statusDelayMs: 200 });
      const byKey = await wave(120);
      const unknown = struck(byKey, 'RESET_AFTER_ACCEPT');
      expect(unknown.length).toBeGreaterThan(0);
      for (const lines of unknown) expect(answers(lines)).toEqual(['RESET_AFTER_ACCEPT']);
    },
    TEST_MS,
  );

  it(
    'CORE-29 CORE-46 INV-2 it reports before its answer is given up: that settles the outcome as well',
    async () => {
      // Fewer than open a breaker. The answer comes when nobody waits any more, the reports long before.
      await behave({ latencyMs: 4_000, latencyP99Ms: 4_000, statusDelayMs: 100 });
      const byKey = await wave(3);
      expect([...byKey.values()].map(answers)).toEqual([['ACCEPTED'], ['ACCEPTED'], ['ACCEPTED']]);
    },
    TEST_MS,
  );

  it(
    'CORE-21 CORE-24 CORE-25 INV-1 INV-2 5 % answer 503 and 2 % answer 429: its Retry-After is obeyed',
    async () => {
      // Longer than the policy's own delay, which is 2 s.
      await behave({ errorRate: 0.05, throttleRate: 0.02, retryAfterSeconds: 4 });
      const byKey = await wave(240);
      expect(struck(byKey, 'ERROR').length).toBeGreaterThan(0);
      const throttled = struck(byKey, 'THROTTLED');
      expect(throttled.length).toBeGreaterThan(0);
      for (const lines of throttled) {
        for (const [index, { answer, at }] of lines.entries()) {
          if (answer === 'THROTTLED') expect(lines[index + 1]?.at).toBeGreaterThanOrEqual(at + 4_000);
        }
      }
      for (const lines of byKey.values()) expect(answers(lines).at(-1)).toBe('ACCEPTED');
    },
    TEST_MS,
  );

  it(
    'CORE-24 it refuses the credentials: the channel is stopped and told of once, and no try is lost',
    async () => {
      await behave({ errorRate: 1, errorStatus: 401 });
      const waiting = wave(100);
      const client = await installation.client();
      try {
        const { channels } = await until(async () => {
          const answer = await client.request(ChannelsDocument);
          return answer.channels.some(({ stopped }) => stopped !== null) && answer;
        });
        expect(channels.filter(({ stopped }) => stopped !== null)).toMatchObject([
          { channel: 'WHATSAPP', stopped: expect.stringContaining('refused') },
        ]);
        await until(async () => (await installation.states())['SENDING'] === undefined);
        const refused = (await installation.evidence()).ledger.filter(({ status }) => status === 401);

        await behave({ errorRate: 0, errorStatus: 503 });
        await client.request(ResumeChannelDocument, { input: { channel: 'WHATSAPP' } });
        const byKey = await waiting;
        expect(struck(byKey, 'ERROR').flat()).toHaveLength(refused.length + struck(byKey, 'ERROR').length);
        for (const lines of byKey.values()) expect(answers(lines).at(-1)).toBe('ACCEPTED');
        const stops = (await installation.events('channel.changed')).filter(
          ({ reason }) => reason === 'STOPPED',
        );
        expect(stops).toHaveLength(1);
        for (const { attempts, maxAttempts } of (await installation.deliveries()).slice(-100)) {
          expect(maxAttempts - attempts).toBe(3);
        }
      } finally {
        await client.close();
      }
    },
    TEST_MS,
  );
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { attemptId } from '../../src/core/delivery/attempt.entity.js';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import type { NewDelivery } from '../../src/core/delivery/new-delivery.js';
import type { DeliveryState } from '../../src/core/delivery/states.js';
import { Event } from '../../src/core/events/event.entity.js';
import type { ReportKind } from '../../src/core/outcome/receipt-state.js';
import { Tally } from '../../src/core/stats/tally.entity.js';
import { ALL_ENDS, type End, ended } from '../support/ended-attempt.js';
import { createTestEngine, newDelivery, type TestEngine } from '../support/engine.js';

const LANE = { queue: 'q', channel: 'WHATSAPP' } as const;
const FALLBACK = [
  { channel: 'SMS', to: '+12025550109', content: { kind: 'TEXT', text: 'hi' } },
  { channel: 'EMAIL', to: '+12025550108', content: { kind: 'TEXT', text: 'ho' } },
] as const;

let engine: TestEngine;

beforeAll(async () => (engine = await createTestEngine()));
afterAll(() => engine.stop());
beforeEach(() => engine.clear());

async function claim(worker: string, count = 1, own: Partial<NewDelivery> = {}): Promise<DeliveryDoc[]> {
  await engine.accept(
    'me',
    ...Array.from({ length: count }, () => newDelivery({ fallback: FALLBACK, ...own })),
  );
  const { claimed } = await engine.claimer.claim(LANE, worker, count, null);
  expect(claimed).toHaveLength(count);
  return claimed;
}

async function claimOne(worker: string, own: Partial<NewDelivery> = {}): Promise<DeliveryDoc> {
  const [delivery] = await claim(worker, 1, own);
  if (!delivery) throw new Error('nothing claimed');
  return delivery;
}

const report = (delivery: DeliveryDoc, kind: ReportKind, at = new Date()): Promise<unknown> =>
  engine.core.receipts.apply([{ key: delivery._id.toHexString(), messageId: null, kind, at }]);

/** Everything that a write could have changed. */
async function everything(): Promise<unknown> {
  const { database } = engine;
  return {
    deliveries: await engine.deliveries.find().sort({ _id: 1 }).toArray(),
    attempts: await engine.attempts.find().sort({ _id: 1 }).toArray(),
    events: await database.collection(Event).find().sort({ _id: 1 }).toArray(),
    tallies: await database.collection(Tally).find().sort({ _id: 1 }).toArray(),
  };
}

/** Where each end leads to. */
const LEADS_TO: Record<End, DeliveryState> = {
  send: 'SENT',
  retry: 'RETRYING',
  fail: 'FAILED',
  deadLetter: 'DEAD_LETTERED',
  unknown: 'DEAD_LETTERED',
  retryUnknown: 'RETRYING',
  reroute: 'QUEUED',
  release: 'QUEUED',
  releaseUntil: 'SCHEDULED',
  unauthorised: 'QUEUED',
};

describe('CORE-1 OutcomeWriter', () => {
  it.each(ALL_ENDS)(
    'CORE-1 CORE-2 %s: state, history, attempt, place and event in one write',
    async (end) => {
      const delivery = await claimOne('w');
      const outcome = ended(delivery, end);
      expect(await engine.writer.write('w', [outcome])).toEqual([]);
      const now = await engine.read(delivery);
      const state = LEADS_TO[end];
      expect(now).toMatchObject({ state, worker: null, fence: delivery.fence });
      expect(now.history.map((entry) => entry.state)).toEqual(['QUEUED', 'SENDING', state]);

      const attempts = await engine.attempts.find({ delivery: delivery._id }).toArray();
      const unsent = end === 'release' || end === 'releaseUntil';
      expect(now.attempts).toBe(unsent ? 0 : 1);
      expect(attempts).toHaveLength(unsent ? 0 : 1);
      if (!unsent) {
        const unknown = end === 'unknown' || end === 'retryUnknown';
        expect(attempts[0]).toMatchObject({
          _id: attemptId(delivery._id, 1),
          fence: delivery.fence,
          worker: 'w',
          channel: 'WHATSAPP',
          outcome: end === 'send' ? 'ACCEPTED' : unknown ? 'UNKNOWN' : 'REFUSED',
          latenessMs: end === 'send' ? 1_000 : null,
          errorCode: end === 'send' ? null : '503',
        });
      }
      const types = await engine.database.collection(Event).distinct('type', { deliveries: delivery._id });
      expect(types).toContain(`delivery.${state.toLowerCase()}`);
    },
  );

  it('CORE-24 refused credentials are not held against the delivery', async () => {
    const delivery = await claimOne('w');
    await engine.writer.write('w', [ended(delivery, 'unauthorised')]);
    const now = await engine.read(delivery);
    expect(now.maxAttempts - now.attempts).toBe(delivery.maxAttempts - delivery.attempts + 1);
    expect(now.state).toBe('QUEUED');
  });

  it('CORE-27 a reroute goes on with the next way, and a fresh set of tries', async () => {
    const delivery = await claimOne('w');
    await engine.writer.write('w', [ended(delivery, 'reroute')]);
    const now = await engine.read(delivery);
    expect(now).toMatchObject({ channel: 'SMS', to: '+12025550109', fallback: [FALLBACK[1]] });
    expect(now.maxAttempts).toBe(1 + delivery.retry.attempts);
    const { claimed } = await engine.claimer.claim({ queue: 'q', channel: 'SMS' }, 'w', 10, null);
    expect(claimed.map((d) => d._id)).toEqual([delivery._id]);
  });

  it('CORE-25 a retry waits for its instant and is rung then', async () => {
    const delivery = await claimOne('w');
    await engine.writer.write('w', [ended(delivery, 'retry')]);
    expect(await engine.ringer.ring('q')).toBe(0);
    engine.advance(3_600_000);
    expect(await engine.ringer.ring('q')).toBe(1);
    expect(await engine.read(delivery)).toMatchObject({ state: 'QUEUED', attempts: 1 });
  });

  it('CORE-1 writes a mixed batch, and leaves alone what it does not hold', async () => {
    const mine = await claim('w', ALL_ENDS.length);
    const foreign = await claim('other', 3);
    const gone = await claimOne('w');
    await engine.writer.write('w', [ended(gone, 'release')]);
    const outcomes = mine.map((delivery, i) => ended(delivery, ALL_ENDS[i]));
    const strange = [...foreign, gone].map((delivery) => ended(delivery, 'send'));
    const left = await engine.writer.write('w', [...strange.slice(0, 2), ...outcomes, ...strange.slice(2)]);
    expect(left).toEqual(strange);
    const states = await Promise.all(mine.map(async (delivery) => (await engine.read(delivery)).state));
    expect(states).toEqual(ALL_ENDS.map((end) => LEADS_TO[end]));
    for (const delivery of foreign)
      expect(await engine.read(delivery)).toMatchObject({ state: 'SENDING', worker: 'other' });
    expect(await engine.read(gone)).toMatchObject({ state: 'QUEUED', attempts: 0 });
  });
});

describe('INV-4 a worker that lost its claim', () => {
  it.each(ALL_ENDS)('INV-4 changes nothing with %s after another has claimed it', async (end) => {
    const before = await claimOne('w1');
    await engine.writer.write('w1', [ended(before, 'release')]);
    const { claimed } = await engine.claimer.claim(LANE, 'w2', 1, null);
    expect(claimed[0]?.fence).toBe(before.fence + 1);
    const then = await everything();
    const late = ended(before, end);
    expect(await engine.writer.write('w1', [late])).toEqual([late]);
    expect(await everything()).toEqual(then);
  });

  it('INV-4 changes nothing with the fence of an earlier claim of its own', async () => {
    const before = await claimOne('w');
    await engine.writer.write('w', [ended(before, 'release')]);
    await engine.claimer.claim(LANE, 'w', 1, null);
    const then = await everything();
    await engine.writer.write('w', [ended(before, 'send')]);
    expect(await everything()).toEqual(then);
  });

  it('INV-4 writes an outcome once, however often it is written', async () => {
    const delivery = await claimOne('w');
    const outcome = ended(delivery, 'send');
    const written = await Promise.all(Array.from({ length: 4 }, () => engine.writer.write('w', [outcome])));
    expect(written.filter((left) => left.length === 0)).toHaveLength(1);
    expect(await engine.attempts.countDocuments()).toBe(1);
    expect((await engine.read(delivery)).history).toHaveLength(3);
  });
});

describe('CORE-46 reports that come before the outcome', () => {
  it('CORE-46 wait with the delivery, and count once the outcome is written', async () => {
    const [read, failed, plain] = await claim('w', 3);
    if (!read || !failed || !plain) throw new Error('nothing claimed');
    await report(read, 'READ');
    await report(failed, 'FAILED');
    expect(await engine.read(read)).toMatchObject({ state: 'SENDING' });
    await engine.writer.write(
      'w',
      [read, failed, plain].map((delivery) => ended(delivery, 'send')),
    );
    expect(await engine.read(read)).toMatchObject({ state: 'READ', place: null, lastError: null });
    expect((await engine.read(failed)).state).toBe('FAILED');
    expect((await engine.read(plain)).state).toBe('SENT');
    expect(await engine.attempts.countDocuments({ outcome: 'ACCEPTED' })).toBe(3);
  });

  it.each(['retryUnknown', 'unknown'] as const)(
    'CORE-29 settle an attempt whose answer was lost (%s): it is neither sent again nor held',
    async (end) => {
      const delivery = await claimOne('w');
      await report(delivery, 'DELIVERED');
      await engine.writer.write('w', [ended(delivery, end)]);
      expect(await engine.read(delivery)).toMatchObject({ state: 'DELIVERED', place: null, lastError: null });
      expect(await engine.attempts.find().toArray()).toEqual([
        expect.objectContaining({ outcome: 'ACCEPTED', latenessMs: expect.any(Number) }),
      ]);
    },
  );

  it.each(['retry', 'fail', 'deadLetter', 'reroute', 'release', 'releaseUntil', 'unauthorised'] as const)(
    'CORE-29 about an earlier try of unknown outcome outweigh the next one’s %s',
    async (end) => {
      const first = await claimOne('w');
      await engine.writer.write('w', [ended(first, 'retryUnknown')]);
      engine.advance(3_600_000);
      await engine.ringer.ring('q');
      const { claimed } = await engine.claimer.claim(LANE, 'w', 1, null);
      const [second] = claimed;
      if (!second) throw new Error('nothing claimed');
      await report(second, 'SENT');
      await engine.writer.write('w', [ended(second, end)]);
      const now = await engine.read(first);
      expect(now).toMatchObject({ state: 'SENT', place: null, worker: null, channel: 'WHATSAPP' });
      const outcomes = (await engine.attempts.find().sort({ number: 1 }).toArray()).map((a) => a.outcome);
      const unsent = end === 'release' || end === 'releaseUntil';
      expect(outcomes).toEqual(unsent ? ['UNKNOWN'] : ['UNKNOWN', 'REFUSED']);
      expect(now.attempts).toBe(outcomes.length);
    },
  );
});

import { ObjectId } from '@mikro-orm/mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import { Event } from '../../src/core/events/event.entity.js';
import type { Report, ReportKind } from '../../src/core/outcome/receipt-state.js';
import { type End, ended } from '../support/ended-attempt.js';
import { ADMIN, createTestEngine, type TestEngine } from '../support/engine.js';

const LANE = { queue: 'q', channel: 'WHATSAPP' } as const;
const AT = Date.UTC(2026, 10, 23);

let engine: TestEngine;
let second: TestEngine;

beforeAll(async () => {
  engine = await createTestEngine();
  second = await createTestEngine({ beside: engine });
});
afterAll(async () => {
  await second.stop();
  await engine.stop();
});
beforeEach(() => engine.clear());

/** A delivery after one attempt that ended so. */
async function after(end: End): Promise<DeliveryDoc> {
  await engine.accept('me', {});
  const { claimed } = await engine.claimer.claim(LANE, 'w', 1, null);
  const [delivery] = claimed;
  if (!delivery) throw new Error('nothing claimed');
  await engine.writer.write('w', [ended(delivery, end)]);
  return engine.read(delivery);
}

function report(delivery: DeliveryDoc, kind: ReportKind, minute = 0, detail?: string): Report {
  const at = new Date(AT + minute * 60_000);
  const key = delivery._id.toHexString();
  return { key, messageId: null, kind, at, ...(detail === undefined ? {} : { detail }) };
}

/** What reports make of a delivery; instants of our own clock are left out. */
function settled({ state, receipts, place, history }: DeliveryDoc): unknown {
  return { state, receipts, place, last: history.at(-1)?.state };
}

describe('CORE-46 ReceiptBook', () => {
  it('CORE-46 moves forward, with the answer’s words and an event for each state', async () => {
    const delivery = await after('send');
    for (const kind of ['SENT', 'DELIVERED', 'READ'] as const)
      expect(await engine.core.receipts.apply([report(delivery, kind)])).toEqual({ applied: 1, unknown: 0 });
    await engine.core.receipts.apply([report(delivery, 'RESPONDED', 5, 'yes, please')]);
    const now = await engine.read(delivery);
    expect(now).toMatchObject({
      state: 'RESPONDED',
      receipts: { respondedAt: new Date(AT + 300_000), response: 'yes, please' },
    });
    expect(now.history.slice(2).map((entry) => entry.state)).toEqual([
      'SENT',
      'DELIVERED',
      'READ',
      'RESPONDED',
    ]);
    const events = await engine.database.collection(Event).find({ deliveries: delivery._id }).toArray();
    expect(events.slice(-3).map((event) => event.type)).toEqual([
      'delivery.delivered',
      'delivery.read',
      'delivery.responded',
    ]);
  });

  it('CORE-46 any order, any repetition, any grouping and two processes lead to the same', async () => {
    const kinds = fc.constantFrom<ReportKind>('SENT', 'DELIVERED', 'READ', 'RESPONDED', 'FAILED');
    const some = fc.array(fc.tuple(kinds, fc.nat(3)), { minLength: 1, maxLength: 5 });
    const goes = some.chain((all) =>
      fc.tuple(fc.constant(all), fc.array(fc.constantFrom(...all), { maxLength: 3 })).chain(([own, again]) =>
        fc.record({
          all: fc.constant(own),
          shuffled: fc.shuffledSubarray([...own, ...again], { minLength: own.length + again.length }),
          oneByOne: fc.boolean(),
          atOnce: fc.boolean(),
        }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(goes, async ({ all, shuffled, oneByOne, atOnce }) => {
        const [one, two] = [await after('send'), await after('send')];
        await engine.core.receipts.apply(all.map(([kind, minute]) => report(one, kind, minute)));
        const others = shuffled.map(([kind, minute]) => report(two, kind, minute));
        const books = [engine.core.receipts, second.core.receipts] as const;
        const go = (r: Report, i: number): Promise<unknown> => (books[i % 2] ?? books[0]).apply([r]);
        if (atOnce) await Promise.all(others.map(go));
        else if (oneByOne) for (const [i, r] of others.entries()) await go(r, i);
        else await engine.core.receipts.apply(others);
        const strip = async (d: DeliveryDoc): Promise<unknown> => settled(await engine.read(d));
        expect(await strip(two)).toEqual(await strip(one));
      }),
      { numRuns: 40 },
    );
  });

  it('CORE-46 a repetition changes nothing and tells nobody', async () => {
    const delivery = await after('send');
    await engine.core.receipts.apply([report(delivery, 'READ')]);
    const [then, events] = [
      await engine.read(delivery),
      await engine.database.collection(Event).countDocuments(),
    ];
    await engine.core.receipts.apply([report(delivery, 'READ'), report(delivery, 'READ')]);
    await engine.core.receipts.apply([report(delivery, 'DELIVERED', -1)]);
    expect(await engine.read(delivery)).toEqual({
      ...then,
      receipts: { ...then.receipts, deliveredAt: new Date(AT - 60_000) },
    });
    expect(await engine.database.collection(Event).countDocuments()).toBe(events);
  });

  it('CORE-46 finds the delivery by the provider’s message id where it does not return our key', async () => {
    const delivery = await after('send');
    const messageId = `m-${delivery._id.toHexString()}`;
    const nameless: Report = { key: null, messageId, kind: 'READ', at: new Date(AT) };
    expect(await engine.core.receipts.apply([nameless])).toEqual({ applied: 1, unknown: 0 });
    expect((await engine.read(delivery)).state).toBe('READ');
    // A key that is not one of ours counts as none.
    const foreign: Report = { ...nameless, key: 'not-ours', kind: 'RESPONDED' };
    expect(await engine.core.receipts.apply([foreign])).toEqual({ applied: 1, unknown: 0 });
    expect((await engine.read(delivery)).state).toBe('RESPONDED');
  });

  it('CORE-46 counts and drops what it does not know', async () => {
    const delivery = await after('send');
    const at = new Date(AT);
    const strangers: Report[] = [
      { key: new ObjectId().toHexString(), messageId: null, kind: 'READ', at },
      { key: null, messageId: 'nobody', kind: 'READ', at },
      { key: null, messageId: null, kind: 'READ', at },
      { key: 'Z'.repeat(24), messageId: null, kind: 'READ', at },
      { key: '', messageId: '', kind: 'READ', at },
    ];
    expect(await engine.core.receipts.apply([...strangers, report(delivery, 'READ')])).toEqual({
      applied: 1,
      unknown: strangers.length,
    });
    expect(await engine.core.receipts.apply([])).toEqual({ applied: 0, unknown: 0 });
  });

  it.each(['retryUnknown', 'unknown'] as const)('CORE-29 settles an unknown outcome (%s)', async (end) => {
    const delivery = await after(end);
    await engine.core.receipts.apply([report(delivery, 'SENT', 1)]);
    expect(await engine.read(delivery)).toMatchObject({ state: 'SENT', place: null });
    expect(await engine.ringer.ring('q')).toBe(0);
    engine.advance(7_200_000);
    expect(await engine.ringer.ring('q')).toBe(0);
    await engine.core.receipts.apply([report(delivery, 'READ', 2)]);
    expect((await engine.read(delivery)).state).toBe('READ');
  });

  it('CORE-29 settles one that is queued again by then', async () => {
    const delivery = await after('retryUnknown');
    engine.advance(7_200_000);
    await engine.ringer.ring('q');
    await engine.core.receipts.apply([report(delivery, 'DELIVERED')]);
    expect((await engine.read(delivery)).state).toBe('DELIVERED');
    expect((await engine.claimer.claim(LANE, 'w', 10, null)).claimed).toEqual([]);
  });

  it.each(['retry', 'fail', 'deadLetter'] as const)(
    'CORE-24 does not move what the provider itself refused (%s)',
    async (end) => {
      const delivery = await after(end);
      await engine.core.receipts.apply([report(delivery, 'DELIVERED')]);
      expect(await engine.read(delivery)).toMatchObject({
        state: delivery.state,
        receipts: { deliveredAt: new Date(AT) },
      });
    },
  );

  it('CORE-26 a delivery that failed by report can be revived and sent', async () => {
    const delivery = await after('send');
    await engine.core.receipts.apply([report(delivery, 'FAILED', 0, '131026: not reachable')]);
    expect(await engine.read(delivery)).toMatchObject({
      state: 'FAILED',
      receipts: { failure: '131026: not reachable' },
    });
    const revived = await engine.core.bulk.retryFailed(ADMIN, {}, { dryRun: false, limit: 10 });
    expect(revived).toMatchObject({ matched: 1, changed: 1 });
    const { claimed } = await engine.claimer.claim(LANE, 'w', 1, null);
    await engine.writer.write(
      'w',
      claimed.map((d) => ended(d, 'send')),
    );
    expect((await engine.read(delivery)).state).toBe('SENT');
  });
});

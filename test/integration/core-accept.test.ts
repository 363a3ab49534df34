import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BulkResult } from '../../src/core/bulk/bulk.js';
import type { ItemResult, NewDelivery } from '../../src/core/delivery/new-delivery.js';
import { Event } from '../../src/core/events/event.entity.js';
import { queueOfAlarm } from '../../src/core/schedule/alarms.js';
import { ADMIN, createTestEngine, managerOf, newDelivery, type TestEngine } from '../support/engine.js';

const HOUR_MS = 3_600_000;

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

const ahead = (ms: number): Date => new Date(engine.clock.now() + ms);
const idOf = (result: ItemResult | undefined): string =>
  result?.ok === true ? result.delivery._id.toHexString() : String(result?.error.code);

async function one(of: TestEngine, owner: string, own: Partial<NewDelivery>): Promise<ItemResult> {
  const [result] = await of.core.deliveries.accept(owner, [newDelivery(own)]);
  if (!result) throw new Error('no result');
  return result;
}

describe('CORE-4 accept', () => {
  it('CORE-4 accepts or refuses each item on its own, in order', async () => {
    const kinds = fc.array(fc.constantFrom('good', 'queue', 'zone', 'past', 'address', 'key'), {
      minLength: 1,
      maxLength: 40,
    });
    const bad: Record<string, readonly [Partial<NewDelivery>, string]> = {
      queue: [{ queue: 'nope' }, 'QUEUE_NOT_FOUND'],
      zone: [{ timezone: 'Nowhere' }, 'INVALID_TIMEZONE'],
      past: [{ dueAt: new Date(0) }, 'INVALID_SCHEDULED_TIME'],
      address: [{ to: 'x' }, 'VALIDATION_ERROR'],
      key: [{ idempotencyKey: '' }, 'VALIDATION_ERROR'],
    };
    await fc.assert(
      fc.asyncProperty(kinds, async (all) => {
        const before = await engine.deliveries.countDocuments();
        const items = all.map((kind, i) => newDelivery({ ...bad[kind]?.[0], metadata: { i } }));
        const results = await engine.core.deliveries.accept('me', items);
        expect(results.map((r) => (r.ok ? 'good' : r.error.code))).toEqual(
          all.map((kind) => bad[kind]?.[1] ?? 'good'),
        );
        for (const [i, result] of results.entries())
          if (result.ok) expect(result.delivery.metadata).toEqual({ i });
        const good = all.filter((kind) => kind === 'good').length;
        expect(await engine.deliveries.countDocuments()).toBe(before + good);
      }),
      { numRuns: 15 },
    );
  });

  it('CORE-1 what it answers is what stands in the database', async () => {
    const results = await engine.core.deliveries.accept('me', [
      newDelivery({ tier: 'PRO', priority: 'HIGH', metadata: { a: 1 } }),
      newDelivery({ dueAt: ahead(HOUR_MS), expiresAt: ahead(2 * HOUR_MS), idempotencyKey: 'k' }),
    ]);
    for (const result of results) {
      if (!result.ok) throw result.error;
      expect(await engine.read(result.delivery)).toEqual(result.delivery);
    }
    expect(results.map((r) => r.ok && r.delivery.state)).toEqual(['QUEUED', 'SCHEDULED']);
    const types = await engine.database.collection(Event).distinct('type');
    expect(types.sort()).toEqual(['delivery.queued', 'delivery.scheduled']);
  });

  it('one alarm stands for all that is due in a second of a queue', async () => {
    const second = Math.ceil(engine.clock.now() / 1_000) * 1_000 + HOUR_MS;
    const items = Array.from({ length: 30 }, (_, i) => ({ dueAt: new Date(second + 30 * i) }));
    await engine.accept('me', ...items, { queue: 'other', dueAt: new Date(second) });
    expect(engine.set.map((alarm) => queueOfAlarm(alarm.name))).toEqual(['q', 'other']);
    for (const alarm of engine.set)
      expect(alarm).toMatchObject({ kind: 'ring', at: new Date(second - 1_000) });
  });

  it('rings by itself where its alarm may have rung before the delivery was there', async () => {
    // Due far enough to be SCHEDULED; while it is written, the clock comes near.
    const late = engine.core.deliveries.accept('me', [newDelivery({ dueAt: ahead(10_000) })]);
    engine.advance(9_000);
    const [result] = await late;
    if (!result?.ok) throw new Error('refused');
    expect(result.delivery.state).toBe('SCHEDULED');
    expect((await engine.read(result.delivery)).state).toBe('QUEUED');
  });
});

describe('CORE-3 idempotency keys', () => {
  it('CORE-3 the second schedule with a key returns the first delivery, as it is by then', async () => {
    const item = { idempotencyKey: 'k', dueAt: ahead(HOUR_MS) };
    const first = await one(engine, 'me', item);
    if (!first.ok) throw first.error;
    await engine.core.deliveries.cancel(ADMIN, first.delivery._id);
    const again = await one(second, 'me', item);
    expect(again).toMatchObject({ ok: true, created: false, delivery: { state: 'CANCELLED' } });
    expect(idOf(again)).toBe(idOf(first));
    expect(await engine.deliveries.countDocuments()).toBe(1);
  });

  it('CORE-3 a request that is repeated after its instant still gets the first delivery', async () => {
    const item = { idempotencyKey: 'k', dueAt: ahead(HOUR_MS) };
    const first = await one(engine, 'me', item);
    engine.advance(2 * HOUR_MS);
    expect(await one(engine, 'me', item)).toMatchObject({ ok: true, created: false });
    expect(idOf(await one(engine, 'me', item))).toBe(idOf(first));
    expect(await one(engine, 'me', { ...item, idempotencyKey: 'new' })).toMatchObject({
      ok: false,
      error: { code: 'INVALID_SCHEDULED_TIME', path: 'at' },
    });
    expect(await engine.deliveries.countDocuments()).toBe(1);
  });

  it('CORE-3 the same key for something else is a conflict, and the first stays as it is', async () => {
    const first = await one(engine, 'me', { idempotencyKey: 'k' });
    const others: Partial<NewDelivery>[] = [
      { to: '+12025550102' },
      { content: { kind: 'TEXT', text: 'other' } },
      { queue: 'other' },
      { channel: 'SMS' },
      { dueAt: ahead(HOUR_MS) },
    ];
    for (const other of others) {
      const result = await one(engine, 'me', { idempotencyKey: 'k', ...other });
      expect(result).toMatchObject({
        ok: false,
        error: { code: 'IDEMPOTENCY_CONFLICT', path: 'idempotencyKey' },
      });
    }
    expect(await engine.deliveries.countDocuments()).toBe(1);
    expect(idOf(await one(engine, 'me', { idempotencyKey: 'k' }))).toBe(idOf(first));
  });

  it('CORE-3 holds within one call: the first of a key is made, the others are it or a conflict', async () => {
    const results = await engine.core.deliveries.accept('me', [
      newDelivery({ idempotencyKey: 'k' }),
      newDelivery({ idempotencyKey: 'k' }),
      newDelivery({ idempotencyKey: 'k', to: '+12025550102' }),
      newDelivery(),
      newDelivery(),
    ]);
    expect(results.map((r) => (r.ok ? r.created : r.error.code))).toEqual([
      true,
      false,
      'IDEMPOTENCY_CONFLICT',
      true,
      true,
    ]);
    expect(idOf(results[1])).toBe(idOf(results[0]));
    expect(await engine.deliveries.countDocuments()).toBe(3);
  });

  it('CORE-5 a key is its owner’s own: another owner’s is not in the way, and is not told about', async () => {
    const mine = await one(engine, 'me', { idempotencyKey: 'k' });
    const yours = await one(engine, 'you', { idempotencyKey: 'k', to: '+12025550102' });
    expect(yours).toMatchObject({ ok: true, created: true });
    expect(idOf(yours)).not.toBe(idOf(mine));
  });

  it('CORE-3 fifty at once with one key, in two processes, make one delivery', async () => {
    for (let round = 0; round < 5; round++) {
      const item = { idempotencyKey: `race-${round}`, dueAt: ahead(HOUR_MS + round) };
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, i) => one(i % 2 === 0 ? engine : second, 'me', item)),
      );
      expect(results.filter((r) => r.ok && r.created)).toHaveLength(1);
      expect(new Set(results.map(idOf)).size).toBe(1);
    }
    expect(await engine.deliveries.countDocuments()).toBe(5);
    const moved = await engine.core.stats.stats(ADMIN, {}, { from: ahead(-HOUR_MS), to: ahead(HOUR_MS) });
    expect(moved.accepted).toBe(5);
  });

  it('CORE-3 overlapping batches of two processes make each key once', async () => {
    const keys = (from: number): NewDelivery[] =>
      Array.from({ length: 300 }, (_, i) => newDelivery({ idempotencyKey: `k${from + i}` }));
    const [a, b] = await Promise.all([
      engine.core.deliveries.accept('me', keys(0)),
      second.core.deliveries.accept('me', keys(150)),
    ]);
    const created = [...a, ...b].filter((r) => r.ok && r.created);
    expect(created).toHaveLength(450);
    expect(await engine.deliveries.countDocuments()).toBe(450);
    for (let i = 0; i < 150; i++) expect(idOf(a[150 + i])).toBe(idOf(b[i]));
  });
});

describe('CORE-3 programs', () => {
  const occurrence = (subject: string, own: Partial<NewDelivery> = {}): Partial<NewDelivery> => ({
    program: 'p',
    subject,
    period: '2026-11-23',
    ...own,
  });

  it('CORE-3 two planners at once serve each subject once a period', async () => {
    const plan = (): NewDelivery[] =>
      Array.from({ length: 200 }, (_, i) => newDelivery(occurrence(`s${i}`, { dueAt: ahead(HOUR_MS + i) })));
    const [a, b] = await Promise.all([
      engine.core.deliveries.accept('me', plan()),
      second.core.deliveries.accept('me', plan()),
    ]);
    expect([...a, ...b].every((r) => r.ok)).toBe(true);
    expect([...a, ...b].filter((r) => r.ok && r.created)).toHaveLength(200);
    expect(a.map(idOf)).toEqual(b.map(idOf));
    expect(await engine.deliveries.countDocuments()).toBe(200);
  });

  it('CORE-3 another period, program, subject or owner is another delivery', async () => {
    await engine.accept('me', occurrence('s'));
    await engine.accept('me', occurrence('s', { period: '2026-11-24' }), occurrence('t'));
    await engine.accept('me', occurrence('s', { program: 'p2' }));
    await engine.accept('you', occurrence('s'));
    expect(await engine.deliveries.countDocuments()).toBe(5);
    expect(await one(engine, 'me', occurrence('s', { to: '+12025550102' }))).toMatchObject({
      ok: true,
      created: false,
    });
    expect(await engine.deliveries.countDocuments()).toBe(5);
  });
});

describe('CORE-5 ownership', () => {
  it('CORE-5 another owner’s delivery answers as an unknown one does', async () => {
    const [mine] = await engine.accept('me', { dueAt: ahead(HOUR_MS) });
    if (!mine) throw new Error('refused');
    const { deliveries } = engine.core;
    const stranger = managerOf('you');
    const unknown = { code: 'DELIVERY_NOT_FOUND' };
    expect(await deliveries.find(stranger, mine._id)).toBeNull();
    await expect(deliveries.cancel(stranger, mine._id)).rejects.toMatchObject(unknown);
    await expect(deliveries.reschedule(stranger, mine._id, ahead(HOUR_MS))).rejects.toMatchObject(unknown);
    expect((await deliveries.list(stranger, { ids: [mine._id] }, { first: 10 })).items).toEqual([]);
    expect(await deliveries.find(managerOf('me'), mine._id)).toEqual(mine);
    expect(await deliveries.find({ ...ADMIN, role: 'OPERATOR' }, mine._id)).toEqual(mine);
    expect(await engine.read(mine)).toEqual(mine);
  });

  it('CORE-5 CORE-26 nobody revives another’s', async () => {
    const [mine] = await engine.accept('me', {});
    if (!mine) throw new Error('refused');
    await engine.deliveries.updateOne({ _id: mine._id }, { $set: { state: 'FAILED', place: 'failed|me' } });
    const retry = (who: string, dryRun = false): Promise<BulkResult> =>
      engine.core.bulk.retryFailed(managerOf(who), {}, { dryRun, limit: 10 });
    expect(await retry('you')).toEqual({ matched: 0, changed: 0, run: null });
    expect(await retry('me', true)).toEqual({ matched: 1, changed: 0, run: null });
    expect(await retry('me')).toMatchObject({ matched: 1, changed: 1, run: { owner: 'me', changed: 1 } });
    expect(await retry('me')).toEqual({ matched: 0, changed: 0, run: null });
  });
});

describe('CORE-4 reschedule', () => {
  it('CORE-4 moves the promise, its place and its rank; CORE-10 refuses the past and what would expire first', async () => {
    const [delivery] = await engine.accept('me', { dueAt: ahead(HOUR_MS), expiresAt: ahead(3 * HOUR_MS) });
    if (!delivery) throw new Error('refused');
    const { deliveries } = engine.core;
    const later = ahead(2 * HOUR_MS);
    const moved = await deliveries.reschedule(ADMIN, delivery._id, later);
    expect(moved).toMatchObject({ state: 'SCHEDULED', dueAt: later, readyAt: later, order: later.getTime() });
    expect(moved.rank - delivery.rank).toBe(later.getTime() - delivery.dueAt.getTime());
    const now = await deliveries.reschedule(ADMIN, delivery._id, ahead(500));
    expect(now).toMatchObject({ state: 'QUEUED', order: now.rank });
    for (const wrong of [ahead(-1_000), ahead(3 * HOUR_MS), new Date(Number.NaN)])
      await expect(deliveries.reschedule(ADMIN, delivery._id, wrong)).rejects.toMatchObject({
        code: 'INVALID_SCHEDULED_TIME',
        path: 'at',
      });
    expect(await engine.read(delivery)).toEqual(now);
  });

  it('CORE-4 INV-6 a cancel and a claim that race: one wins, and never both', async () => {
    for (let round = 0; round < 10; round++) {
      const [delivery] = await engine.accept('me', {});
      if (!delivery) throw new Error('refused');
      const [cancelled, { claimed }] = await Promise.all([
        engine.core.deliveries.cancel(ADMIN, delivery._id).then(
          () => true,
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'INVALID_OPERATION' });
            return false;
          },
        ),
        second.claimer.claim({ queue: 'q', channel: 'WHATSAPP' }, 'w', 10, null),
      ]);
      expect(claimed).toHaveLength(cancelled ? 0 : 1);
      expect((await engine.read(delivery)).state).toBe(cancelled ? 'CANCELLED' : 'SENDING');
    }
  });
});

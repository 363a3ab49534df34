import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChannelName } from '../../src/core/channel/channel.js';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import type { NewDelivery } from '../../src/core/delivery/new-delivery.js';
import { Worker } from '../../src/core/dispatch/worker.entity.js';
import { Event } from '../../src/core/events/event.entity.js';
import { ended } from '../support/ended-attempt.js';
import { ADMIN, createTestEngine, type TestEngine } from '../support/engine.js';

const HOUR_MS = 3_600_000;
const FALLBACK = [{ channel: 'EMAIL', to: '+12025550109', content: { kind: 'TEXT', text: 'hi' } }] as const;

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
beforeEach(async () => {
  await engine.clear();
  second.clock.setOffset(0);
});

const ahead = (ms: number): Date => new Date(engine.clock.now() + ms);

/** Accepted and claimed by a worker that is then silent for longer than its lease. */
async function heldByLost(
  channel: ChannelName,
  own: Partial<NewDelivery> = {},
  count = 1,
): Promise<DeliveryDoc[]> {
  await engine.accept('me', ...Array.from({ length: count }, () => ({ channel, ...own })));
  const { claimed } = await engine.claimer.claim({ queue: 'q', channel }, 'lost', count, null);
  expect(claimed).toHaveLength(count);
  await engine.alive('lost');
  await engine.database
    .collection(Worker)
    .updateOne({ _id: 'lost' }, [{ $set: { seenAt: { $subtract: ['$$NOW', 16_000] } } }]);
  return claimed;
}

async function oneHeldByLost(channel: ChannelName, own: Partial<NewDelivery> = {}): Promise<DeliveryDoc> {
  const [delivery] = await heldByLost(channel, own);
  if (!delivery) throw new Error('nothing claimed');
  return delivery;
}

describe('CORE-29 what a lost worker held', () => {
  it.each([
    ['WHATSAPP', 'the channel’s rule is RETRY', 'QUEUED'],
    ['EMAIL', 'its provider drops repetitions', 'QUEUED'],
    ['SMS', 'the channel’s rule is HOLD', 'DEAD_LETTERED'],
  ] as const)('CORE-29 on %s, where %s, is %s, and its attempt UNKNOWN', async (channel, _why, state) => {
    const delivery = await oneHeldByLost(channel);
    await engine.worker().sweep();
    const now = await engine.read(delivery);
    // A retry is due at once, for the lease was waited out already; so it has been rung as well.
    expect(now).toMatchObject({
      state,
      worker: null,
      attempts: 1,
      lastError: { code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('WORKER_LOST') },
    });
    expect(await engine.attempts.find().toArray()).toEqual([
      expect.objectContaining({ outcome: 'UNKNOWN', worker: 'lost', startedAt: null, number: 1 }),
    ]);
    expect(engine.errors).toEqual([]);
  });

  it('CORE-29 moves on from SENT where the provider has reported: it is not sent again', async () => {
    const [sent, read] = await heldByLost('SMS', {}, 2);
    if (!sent || !read) throw new Error('nothing claimed');
    const at = new Date();
    await engine.core.receipts.apply([
      { key: sent._id.toHexString(), messageId: null, kind: 'SENT', at },
      { key: read._id.toHexString(), messageId: null, kind: 'READ', at },
    ]);
    await engine.worker().sweep();
    expect(await engine.read(sent)).toMatchObject({ state: 'SENT', lastError: null });
    expect(await engine.read(read)).toMatchObject({ state: 'READ', lastError: null });
    expect(await engine.attempts.countDocuments({ outcome: 'ACCEPTED' })).toBe(2);
  });

  it('INV-5 is not tried again when its tries are used up: the fallback takes it, or the dead letters', async () => {
    const [plain, rich] = await heldByLost('WHATSAPP', { fallback: FALLBACK }, 2);
    if (!plain || !rich) throw new Error('nothing claimed');
    await engine.deliveries.updateMany({}, { $set: { maxAttempts: 1 } });
    await engine.deliveries.updateOne({ _id: plain._id }, { $set: { fallback: [] } });
    await engine.worker().sweep();
    expect(await engine.read(plain)).toMatchObject({ state: 'DEAD_LETTERED', attempts: 1 });
    expect(await engine.read(rich)).toMatchObject({ state: 'QUEUED', channel: 'EMAIL', fallback: [] });
  });

  it('CORE-29 is held where this process has no such channel: nothing is sent twice by guess', async () => {
    const delivery = await oneHeldByLost('WHATSAPP');
    const bare = await createTestEngine({ beside: engine, channels: [] });
    await bare.worker().sweep();
    await bare.stop();
    expect((await engine.read(delivery)).state).toBe('DEAD_LETTERED');
  });

  it('CORE-29 is taken back once by two sweepers at once, all of it, and announced once', async () => {
    await heldByLost('WHATSAPP', {}, 1_200);
    const workers = [engine.worker(), second.worker(), engine.worker()];
    await Promise.all(workers.map((worker) => worker.sweep()));
    expect(await engine.deliveries.countDocuments({ state: 'QUEUED', attempts: 1, fence: 1 })).toBe(1_200);
    expect(await engine.attempts.countDocuments()).toBe(1_200);
    expect(await engine.deliveries.countDocuments({ history: { $size: 4 } })).toBe(1_200);
    expect(await engine.database.collection(Event).countDocuments({ type: 'worker.lost' })).toBe(1);
    expect(await engine.database.collection(Worker).findOne({ _id: 'lost' })).toMatchObject({
      status: 'STOPPED',
    });
  });

  it('INV-4 the lost worker’s own late outcome changes nothing', async () => {
    const delivery = await oneHeldByLost('SMS');
    await engine.worker().sweep();
    const then = await engine.read(delivery);
    const late = ended(delivery, 'send');
    expect(await engine.writer.write('lost', [late])).toEqual([late]);
    expect(await engine.read(delivery)).toEqual(then);
  });

  it('CORE-29 a worker that has been heard of within its lease keeps what it holds', async () => {
    const delivery = await oneHeldByLost('WHATSAPP');
    await engine.alive('lost');
    await engine.worker().sweep();
    expect(await engine.read(delivery)).toEqual(
      expect.objectContaining({ state: 'SENDING', worker: 'lost' }),
    );
  });

  it('CORE-29 leases go by the database server’s clock: a process whose clock is an hour off takes nothing', async () => {
    const delivery = await oneHeldByLost('WHATSAPP');
    await engine.alive('lost');
    second.clock.setOffset(HOUR_MS);
    await second.worker().sweep();
    expect((await engine.read(delivery)).state).toBe('SENDING');
  });
});

describe('CORE-14 CORE-20 what nobody has looked after', () => {
  it('CORE-20 a delivery whose alarm was lost is rung', async () => {
    const [scheduled, retrying] = await engine.accept('me', { dueAt: ahead(HOUR_MS) }, {});
    if (!scheduled || !retrying) throw new Error('refused');
    const { claimed } = await engine.claimer.claim({ queue: 'q', channel: 'WHATSAPP' }, 'w', 1, null);
    await engine.writer.write(
      'w',
      claimed.map((delivery) => ended(delivery, 'retry')),
    );
    await engine.worker().sweep();
    expect((await engine.read(scheduled)).state).toBe('SCHEDULED');
    engine.advance(2 * HOUR_MS);
    await engine.worker().sweep();
    expect((await engine.read(scheduled)).state).toBe('QUEUED');
    expect((await engine.read(retrying)).state).toBe('QUEUED');
  });

  it('CORE-14 what expires in a paused queue is MISSED, and what does not expire waits on', async () => {
    const [expires, waits, later] = await engine.accept(
      'me',
      { expiresAt: ahead(HOUR_MS) },
      {},
      { expiresAt: ahead(3 * HOUR_MS) },
    );
    if (!expires || !waits || !later) throw new Error('refused');
    await engine.core.queues.pause(ADMIN, 'q');
    await engine.worker().sweep();
    expect((await engine.read(expires)).state).toBe('QUEUED');
    engine.advance(HOUR_MS);
    await engine.worker().sweep();
    const missed = await engine.read(expires);
    expect(missed).toMatchObject({ state: 'MISSED', attempts: 0, place: null });
    expect(missed.history.at(-1)).toMatchObject({ state: 'MISSED', reason: 'EXPIRED' });
    expect((await engine.read(waits)).state).toBe('QUEUED');
    expect((await engine.read(later)).state).toBe('QUEUED');
  });

  it('CORE-14 what expires while it waits for its instant is MISSED when that comes, and not sent', async () => {
    const [delivery] = await engine.accept('me', {
      dueAt: ahead(HOUR_MS),
      expiresAt: ahead(HOUR_MS + 60_000),
    });
    if (!delivery) throw new Error('refused');
    engine.advance(2 * HOUR_MS);
    await engine.worker().sweep();
    expect((await engine.read(delivery)).state).toBe('MISSED');
  });

  it('CORE-44 a run ends when its window is over and none of its deliveries is open', async () => {
    const begin = (occurrence: string, to: Date): ReturnType<typeof engine.core.runs.begin> =>
      engine.core.runs.begin({
        owner: 'me',
        program: 'p',
        type: 'wave',
        occurrence,
        window: { from: ahead(0), to },
      });
    const [{ run: over }, { run: open }, { run: ahead_ }] = [
      await begin('over', ahead(60_000)),
      await begin('open', ahead(60_000)),
      await begin('ahead', ahead(HOUR_MS)),
    ];
    const of = (run: typeof over): Partial<NewDelivery> => ({ run: run._id, program: 'p' });
    await engine.accept('me', of(over), { ...of(open), dueAt: ahead(2 * HOUR_MS) }, of(ahead_));
    for (const run of [over, open, ahead_]) await engine.core.runs.report(run._id, { scheduled: 1 });
    const { claimed } = await engine.claimer.claim({ queue: 'q', channel: 'WHATSAPP' }, 'w', 10, null);
    await engine.writer.write(
      'w',
      claimed.map((delivery) => ended(delivery, 'send')),
    );
    engine.advance(60_000);
    await engine.worker().sweep();
    const status = async (run: typeof over): Promise<string | undefined> =>
      (await engine.core.runs.find(ADMIN, run._id))?.status;
    expect(await Promise.all([over, open, ahead_].map(status))).toEqual(['COMPLETED', 'RUNNING', 'RUNNING']);
  });
});

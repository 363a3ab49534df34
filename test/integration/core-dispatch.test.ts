import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Channel, SendResult } from '../../src/core/channel/channel.js';
import type { WorkerProcess } from '../../src/core/worker.js';
import { ADMIN, createTestEngine, newDelivery, type TestEngine } from '../support/engine.js';
import { createTestChannel } from '../support/test-channel.js';
import { until } from '../support/until.js';

/** A channel whose answers wait until the test opens it. */
class Gate {
  #open = Promise.withResolvers<undefined>();
  /** The keys that came in, in order. */
  readonly asked: string[] = [];
  answer: SendResult = { outcome: 'ACCEPTED', messageId: null };
  readonly channel: Channel;

  constructor(own: Partial<Channel> & Pick<Channel, 'name'>) {
    this.channel = createTestChannel({
      ...own,
      send: async ({ key }) => {
        this.asked.push(key);
        await this.#open.promise;
        return this.answer;
      },
    });
  }

  open(): void {
    this.#open.resolve(undefined);
  }

  close(): void {
    this.#open = Promise.withResolvers<undefined>();
  }
}

const slow = new Gate({ name: 'WHATSAPP' });
const quick = new Gate({ name: 'SMS' });
/** Attempts that the test engine's worker has under way at once. */
const CONCURRENCY = 10;
let engine: TestEngine;
let worker: WorkerProcess | null = null;

beforeAll(async () => {
  engine = await createTestEngine({ channels: [slow.channel, quick.channel] });
  await engine.core.events.start();
});

afterAll(async () => {
  await engine.stop();
});

afterEach(async () => {
  slow.open();
  quick.open();
  await worker?.stop();
  worker = null;
  await engine.clear();
  slow.asked.length = 0;
  quick.asked.length = 0;
  slow.answer = { outcome: 'ACCEPTED', messageId: null };
});

async function startWorker(): Promise<void> {
  worker = engine.worker();
  await worker.start();
}

function sent(queue: string): Promise<number> {
  return engine.deliveries.countDocuments({ queue, state: 'SENT' });
}

describe('the dispatcher', () => {
  it('CORE-20 CORE-23 a lane that was turned away because the worker is full goes on when a place is free', async () => {
    slow.close();
    quick.open();
    await engine.accept(
      'me',
      ...Array.from({ length: 60 }, () => newDelivery({ queue: 'q', channel: 'WHATSAPP' })),
    );
    await startWorker();
    await until(() => slow.asked.length >= CONCURRENCY);
    await engine.accept(
      'me',
      ...Array.from({ length: 40 }, () => newDelivery({ queue: 'other', channel: 'SMS' })),
    );
    await until(
      async () => (await engine.deliveries.countDocuments({ queue: 'other', state: 'SENDING' })) > 0,
    );
    expect(quick.asked).toHaveLength(0);
    slow.open();
    await until(async () => (await sent('other')) === 40 && (await sent('q')) === 60);
  });

  it('CORE-23 keeps to the queue’s limit over all of its lanes', async () => {
    slow.close();
    quick.close();
    const items = Array.from({ length: 80 }, (_, i) =>
      newDelivery({ channel: i % 2 === 0 ? 'WHATSAPP' : 'SMS' }),
    );
    await engine.accept('me', ...items);
    await startWorker();
    await until(async () => (await engine.deliveries.countDocuments({ state: 'SENDING' })) === 80);
    expect(slow.asked.length + quick.asked.length).toBeLessThanOrEqual(CONCURRENCY);
    slow.open();
    quick.open();
    await until(async () => (await sent('q')) === 80);
  });

  it('CORE-14 what expires while it waits for a place is not sent', async () => {
    slow.close();
    const busy = Array.from({ length: CONCURRENCY }, () => newDelivery({}));
    await engine.accept('me', ...busy);
    await startWorker();
    await until(() => slow.asked.length === CONCURRENCY);
    const [brief] = await engine.accept('me', newDelivery({ expiresAt: new Date(Date.now() + 300) }));
    if (!brief) throw new Error('nothing was accepted');
    await until(async () => (await engine.read(brief)).state === 'SENDING');
    await until(() => Date.now() > (brief.expiresAt?.getTime() ?? 0));
    slow.open();
    await until(async () => (await engine.read(brief)).state === 'MISSED');
    expect(slow.asked).not.toContain(brief._id.toHexString());
    expect((await engine.read(brief)).attempts).toBe(0);
  });

  it('CORE-24 refused credentials stop the channel, and cost no delivery a try', async () => {
    slow.open();
    slow.answer = { outcome: 'REFUSED', errorClass: 'UNAUTHORISED', code: '190', message: 'token expired' };
    const [delivery] = await engine.accept('me', newDelivery({}));
    if (!delivery) throw new Error('nothing was accepted');
    await startWorker();
    await until(async () => (await engine.core.channelStates.get('WHATSAPP')).stopped !== null);
    await until(async () => (await engine.read(delivery)).state === 'QUEUED');
    const waiting = await engine.read(delivery);
    expect(waiting.maxAttempts - waiting.attempts).toBe(delivery.maxAttempts);
    slow.answer = { outcome: 'ACCEPTED', messageId: null };
    await engine.core.channelStates.resume(ADMIN, 'WHATSAPP');
    await until(async () => (await engine.read(delivery)).state === 'SENT');
  });

  it('CORE-27 opens after five failures in a row, and what waits keeps its tries', async () => {
    slow.open();
    slow.answer = { outcome: 'REFUSED', errorClass: 'RETRYABLE', code: '503', message: 'is down' };
    await engine.accept('me', ...Array.from({ length: 5 }, () => newDelivery({})));
    await startWorker();
    await until(async () => (await engine.core.channelStates.get('WHATSAPP')).breaker === 'OPEN');
    const asked = slow.asked.length;
    const [late] = await engine.accept('me', newDelivery({}));
    if (!late) throw new Error('nothing was accepted');
    await worker?.sweep();
    expect(await engine.read(late)).toMatchObject({ state: 'QUEUED', attempts: 0 });
    expect(slow.asked).toHaveLength(asked);
  });

  it('CORE-27 while the breaker is open, who has another way takes it', async () => {
    slow.open();
    quick.open();
    slow.answer = { outcome: 'REFUSED', errorClass: 'RETRYABLE', code: '503', message: 'is down' };
    await engine.accept('me', ...Array.from({ length: 5 }, () => newDelivery({})));
    await startWorker();
    await until(async () => (await engine.core.channelStates.get('WHATSAPP')).breaker === 'OPEN');
    const content = { kind: 'TEXT', text: 'by another way' } as const;
    const [rerouted] = await engine.accept(
      'me',
      newDelivery({ fallback: [{ channel: 'SMS', to: '+12025550102', content }] }),
    );
    if (!rerouted) throw new Error('nothing was accepted');
    await until(async () => (await engine.read(rerouted)).state === 'SENT');
    expect(await engine.read(rerouted)).toMatchObject({
      channel: 'SMS',
      to: '+12025550102',
      content,
      fallback: [],
    });
  });

  it('CORE-30 stopping gives back what is held, and waits for what is under way', async () => {
    slow.close();
    await engine.accept('me', ...Array.from({ length: 70 }, () => newDelivery({})));
    await startWorker();
    await until(() => slow.asked.length === CONCURRENCY);
    const stopping = worker?.stop();
    worker = null;
    slow.open();
    await stopping;
    const states = await engine.deliveries
      .aggregate([{ $group: { _id: '$state', n: { $sum: 1 } } }, { $sort: { _id: 1 } }])
      .toArray();
    expect(states).toEqual([
      { _id: 'QUEUED', n: 70 - CONCURRENCY },
      { _id: 'SENT', n: CONCURRENCY },
    ]);
    expect(await engine.deliveries.countDocuments({ state: 'QUEUED', attempts: { $ne: 0 } })).toBe(0);
  });
});

import { ObjectId } from '@mikro-orm/mongodb';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EventType } from '../../src/core/events/event-map.js';
import { EventQueue, LONGEST } from '../../src/core/events/event-queue.js';
import type { StreamedEvent } from '../../src/core/events/streamed-event.js';

function streamed(n: number, type: EventType = 'delivery.queued'): StreamedEvent {
  const at = new Date(n);
  const about = {
    owner: null,
    queue: null,
    channel: null,
    program: null,
    run: null,
    reason: null,
    data: null,
  };
  return {
    cursor: String(n),
    event: { _id: new ObjectId(), type, at, writtenAt: at, deliveries: [], ...about },
  };
}

const cursorOf = async (queue: EventQueue): Promise<string | undefined> => {
  const next = await queue.next();
  return next.done === true ? undefined : next.value.cursor;
};

function createQueue(types?: readonly EventType[]): { queue: EventQueue; closed: () => number } {
  let count = 0;
  const queue = new EventQueue(types, () => (count += 1));
  return { queue, closed: () => count };
}

describe('API-7 a subscriber’s queue', () => {
  it('API-7 gives everything once, in order, whoever is first: the event or the one who asks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('push', 'take'), { minLength: 1, maxLength: 60 }),
        async (steps) => {
          const { queue } = createQueue();
          const taken: Promise<string | undefined>[] = [];
          let pushed = 0;
          for (const step of steps) {
            if (step === 'push') queue.push(streamed(pushed++));
            // One asks at a time, as `for await` does.
            else if (taken.length <= pushed) taken.push(cursorOf(queue));
          }
          while (taken.length > pushed) queue.push(streamed(pushed++));
          while (taken.length < pushed) taken.push(cursorOf(queue));
          expect(await Promise.all(taken)).toEqual(Array.from({ length: pushed }, (_, i) => String(i)));
        },
      ),
    );
  });

  it('holds the types that were asked for, and no others', async () => {
    const { queue } = createQueue(['queue.changed']);
    queue.push(streamed(1));
    queue.push(streamed(2, 'queue.changed'));
    expect(await cursorOf(queue)).toBe('2');
  });

  it('SEC-3 cuts off one that is too far behind, with a coded error, and holds nothing more for it', async () => {
    const { queue, closed } = createQueue();
    for (let i = 0; i < LONGEST; i++) queue.push(streamed(i));
    expect(queue.closed).toBe(false);
    queue.push(streamed(LONGEST));
    queue.push(streamed(LONGEST + 1));
    expect(queue.closed).toBe(true);
    expect(closed()).toBe(1);
    await expect(queue.next()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(await queue.next()).toEqual({ value: undefined, done: true });
  });

  it('is not too far behind for what it did not ask for', () => {
    const { queue } = createQueue(['queue.changed']);
    for (let i = 0; i <= LONGEST; i++) queue.push(streamed(i));
    expect(queue.closed).toBe(false);
  });

  it('API-7 makes a source that can wait do so, until one was taken or nobody wants any more', async () => {
    const { queue } = createQueue();
    const order: string[] = [];
    for (let i = 0; i < LONGEST; i++) queue.push(streamed(i));
    const room = queue.room(60_000).then(() => order.push('room'));
    await Promise.resolve();
    order.push('taken');
    await queue.next();
    await room;
    await queue.room(60_000);
    expect(order).toEqual(['taken', 'room']);
    queue.push(streamed(LONGEST));
    const gone = queue.room(60_000);
    queue.close();
    await gone;
    await queue.room(60_000);
  });

  it('an error comes after what was waiting, once; then it is over', async () => {
    const { queue, closed } = createQueue();
    queue.push(streamed(1));
    queue.fail(new Error('lost'));
    queue.fail(new Error('lost again'));
    queue.push(streamed(2));
    expect(await cursorOf(queue)).toBe('1');
    await expect(queue.next()).rejects.toThrow('lost');
    expect(await cursorOf(queue)).toBeUndefined();
    expect(closed()).toBe(1);
  });

  it('an error reaches the one who waits at once', async () => {
    const { queue } = createQueue();
    const waiting = queue.next();
    queue.fail(new Error('lost'));
    await expect(waiting).rejects.toThrow('lost');
    expect(await cursorOf(queue)).toBeUndefined();
  });

  it('closing ends it for the one who waits, and drops what was waiting', async () => {
    const { queue, closed } = createQueue();
    const waiting = queue.next();
    queue.close();
    queue.close();
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(closed()).toBe(1);

    const other = createQueue().queue;
    other.push(streamed(1));
    expect(await other.return()).toEqual({ value: undefined, done: true });
    expect(await cursorOf(other)).toBeUndefined();
  });

  it('tells everybody who asked that it has closed, also those who ask afterwards', () => {
    const { queue } = createQueue();
    const told: string[] = [];
    queue.onClose(() => told.push('before'));
    queue.close();
    queue.onClose(() => told.push('after'));
    expect(told).toEqual(['before', 'after']);
  });

  it('leaving a loop closes it', async () => {
    const { queue, closed } = createQueue();
    queue.push(streamed(1));
    queue.push(streamed(2));
    for await (const { cursor } of queue) {
      expect(cursor).toBe('1');
      break;
    }
    expect(closed()).toBe(1);
  });
});

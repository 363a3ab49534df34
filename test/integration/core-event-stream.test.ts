import { ObjectId } from '@mikro-orm/mongodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EventType } from '../../src/core/events/event-map.js';
import { LONGEST } from '../../src/core/events/event-queue.js';
import { Event, type EventDoc } from '../../src/core/events/event.entity.js';
import { EventStream } from '../../src/core/events/event-stream.js';
import type { StreamedEvent } from '../../src/core/events/streamed-event.js';
import { createTestEngine, type TestEngine } from '../support/engine.js';
import { until } from '../support/until.js';

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

/** A stream of its own, with its errors; stopped at the end of `work`. */
async function withStream<T>(of: TestEngine, work: (stream: EventStream) => Promise<T>): Promise<T> {
  const errors: unknown[] = [];
  const stream = new EventStream(of.database, (error) => errors.push(error));
  await stream.start();
  try {
    return await work(stream);
  } finally {
    await stream.stop();
    expect(errors).toEqual([]);
  }
}

async function take(events: AsyncIterableIterator<StreamedEvent>, count: number): Promise<StreamedEvent[]> {
  const taken: StreamedEvent[] = [];
  while (taken.length < count) {
    const next = await events.next();
    if (next.done === true) throw new Error(`it ended after ${taken.length}`);
    taken.push(next.value);
  }
  return taken;
}

const idsOf = (events: readonly StreamedEvent[]): string[] =>
  events.map(({ event }) => event._id.toHexString());
/** What a resume token is written in. */
const HEX = Array.from({ length: 16 }, (_, i) => i.toString(16).toUpperCase());
const TYPES = ['run.started', 'run.updated', 'run.ended'] as const satisfies readonly EventType[];

/** Writes events from both processes at once, several under way at a time. */
async function announce(count: number): Promise<void> {
  const recorders = [engine.recorder(), engine.recorder(), second.recorder(), second.recorder()];
  await Promise.all(
    recorders.map(async (recorder, r) => {
      for (let i = r; i < count; i += recorders.length)
        await recorder.announce(TYPES[i % TYPES.length] ?? 'run.started', { owner: 'me', data: { i } });
    }),
  );
}

/** Many at once, without the cost of one write each. */
async function insertMany(count: number): Promise<void> {
  const at = new Date();
  const about = {
    owner: 'me',
    queue: null,
    channel: null,
    program: null,
    run: null,
    reason: null,
    data: null,
  };
  const docs = Array.from({ length: count }, (): EventDoc => ({
    _id: new ObjectId(),
    type: 'run.updated',
    at,
    writtenAt: at,
    deliveries: [],
    ...about,
  }));
  for (let i = 0; i < count; i += 2_000)
    await engine.database.collection(Event).insertMany(docs.slice(i, i + 2_000));
}

/** Change streams that the server holds open on this test's events. */
async function openStreams(): Promise<number> {
  const operations = await engine.database.client
    .db('admin')
    .aggregate([
      { $currentOp: { idleCursors: true, allUsers: true } },
      { $match: { ns: `${engine.at.name}.events`, cursor: { $exists: true } } },
    ])
    .toArray();
  return operations.length;
}

describe('API-7 EventStream', () => {
  it('API-7 gives every process the same events in the same order, each once', async () => {
    await withStream(engine, (one) =>
      withStream(second, async (other) => {
        const [here, there] = [one.subscribe(), other.subscribe()];
        await announce(200);
        const [a, b] = await Promise.all([take(here, 200), take(there, 200)]);
        expect(idsOf(a)).toEqual(idsOf(b));
        expect(new Set(a.map(({ event }) => (event.data as { i: number }).i)).size).toBe(200);
        expect(a.map(({ cursor }) => cursor)).toEqual(b.map(({ cursor }) => cursor));
        expect(one.cursor()).toBe(a.at(-1)?.cursor);
      }),
    );
  });

  it('API-7 resumes after any cursor without a hole and without a repeat, in any process, while it goes on', async () => {
    await withStream(engine, async (stream) => {
      const start = stream.cursor();
      const all = stream.subscribe();
      await announce(60);
      const before = await take(all, 60);
      // A second process that began later keeps none of these: it has to go back.
      await withStream(second, async (late) => {
        const cursors = [start, ...before.map(({ cursor }) => cursor)];
        const cases = fc.record({
          from: fc.nat(cursors.length - 1),
          process: fc.constantFrom(stream, late),
          types: fc.option(fc.subarray([...TYPES], { minLength: 1 }), { nil: undefined }),
        });
        let known: readonly StreamedEvent[] = before;
        await fc.assert(
          fc.asyncProperty(cases, async ({ from, process, types }) => {
            const resumed = process.subscribe({ after: cursors[from] ?? '', ...(types ? { types } : {}) });
            await announce(6);
            known = [...known, ...(await take(all, 6))];
            const rest = known.slice(from);
            const expected = types ? rest.filter(({ event }) => types.includes(event.type as never)) : rest;
            expect(idsOf(await take(resumed, expected.length))).toEqual(idsOf(expected));
            await resumed.return?.();
          }),
          { numRuns: 25 },
        );
      });
    });
  });

  it('API-7 goes on from the newest cursor as from now', async () => {
    await withStream(engine, async (stream) => {
      const events = stream.subscribe({ after: stream.cursor() });
      await announce(1);
      expect(await take(events, 1)).toHaveLength(1);
    });
  });

  it('API-7 catches up from further back than a subscriber’s queue holds, slowly or not', async () => {
    await withStream(engine, async (stream) => {
      const start = stream.cursor();
      const live = stream.subscribe();
      await announce(1);
      const [first] = await take(live, 1);
      const many = LONGEST + 500;
      const reading = take(live, many);
      await insertMany(many);
      const all = await reading;
      expect(stream.cursor()).toBe(all.at(-1)?.cursor);
      // From what this process keeps, and from before it began.
      for (const after of [first?.cursor ?? '', start]) {
        const resumed = stream.subscribe({ after });
        const expected = after === start ? [...(first ? [first] : []), ...all] : all;
        expect(idsOf(await take(resumed, expected.length))).toEqual(idsOf(expected));
        await resumed.return?.();
      }
    });
  });

  it('SEC-3 cuts off a slow subscriber with RATE_LIMITED, and no other', async () => {
    await withStream(engine, async (stream) => {
      const [slow, fast] = [stream.subscribe(), stream.subscribe()];
      const reading = take(fast, LONGEST + 1);
      await insertMany(LONGEST + 1);
      expect(await reading).toHaveLength(LONGEST + 1);
      await expect(slow.next()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
      expect(await slow.next()).toEqual({ value: undefined, done: true });
    });
  });

  it('API-7 a cursor that is none, or older than what is kept, is CURSOR_EXPIRED', async () => {
    await withStream(engine, async (stream) => {
      const events = stream.subscribe();
      await announce(1);
      const [{ cursor } = { cursor: '' }] = await take(events, 1);
      // A resume token begins with a type byte and the seconds since 1970: the same one from long ago.
      const ancient = `${cursor.slice(0, 2)}00000001${cursor.slice(10)}`;
      const wrong = ['', 'x', 'garbage', '8', '82', 'deadbeef', cursor.slice(0, 20), '3C00', ancient];
      const hex = fc.string({ unit: fc.constantFrom(...HEX), maxLength: 80 });
      const generated = fc.sample(fc.oneof(fc.string({ maxLength: 40 }), hex), 40);
      for (const after of [...wrong, ...generated]) {
        const resumed = stream.subscribe({ after });
        const told: unknown = await resumed.next().catch((error: unknown) => error);
        expect({ after, told }).toEqual({
          after,
          told: expect.objectContaining({ code: 'CURSOR_EXPIRED', path: 'after' }),
        });
        expect(await resumed.next()).toEqual({ value: undefined, done: true });
      }
    });
  });

  it('ends every subscription when it stops, and leaves no change stream behind', async () => {
    const { pending, cursor } = await withStream(engine, async (stream) => {
      const seen = stream.subscribe();
      await announce(1);
      const [last] = await take(seen, 1);
      return { pending: stream.subscribe(), cursor: last?.cursor ?? '' };
    });
    expect(await pending.next()).toEqual({ value: undefined, done: true });
    await announce(3);
    const ends = await withStream(engine, async (stream) => {
      const following = stream.subscribe({ after: cursor });
      await take(following, 3);
      return [following.next(), stream.subscribe().next()];
    });
    expect(await Promise.all(ends)).toEqual([
      { value: undefined, done: true },
      { value: undefined, done: true },
    ]);
    await until(async () => (await openStreams()) === 0);
  });

  it('API-7 catches up through a change stream of its own, then joins the others', async () => {
    const before = await withStream(engine, (stream) => Promise.resolve(stream.cursor()));
    await announce(2);
    await withStream(engine, async (stream) => {
      // From before this process began: it has kept nothing of that.
      const resumed = stream.subscribe({ after: before });
      await take(resumed, 2);
      await until(async () => (await openStreams()) === 1);
      const live = stream.subscribe();
      await announce(2);
      expect(await take(resumed, 2)).toEqual(await take(live, 2));
    });
  });

  it('API-7 lets go of a subscriber that leaves, by a signal or by itself', async () => {
    await withStream(engine, async (stream) => {
      const start = stream.cursor();
      await announce(2);
      const controller = new AbortController();
      const aborted = stream.subscribe({ after: start, signal: controller.signal });
      const left = stream.subscribe({ after: start });
      await Promise.all([take(aborted, 2), take(left, 2)]);
      controller.abort();
      await left.return?.();
      expect(await aborted.next()).toEqual({ value: undefined, done: true });
      await until(async () => (await openStreams()) === 1);
      expect(await stream.subscribe({ after: start, signal: controller.signal }).next()).toEqual({
        value: undefined,
        done: true,
      });
    });
  });
});

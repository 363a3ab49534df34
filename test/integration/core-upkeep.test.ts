import { ObjectId } from '@mikro-orm/mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EVERYBODY } from '../../src/core/access/caller.js';
import { attemptId } from '../../src/core/delivery/attempt.entity.js';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import { type DeliveryState, STATES } from '../../src/core/delivery/states.js';
import { Run, type RunDoc } from '../../src/core/schedule/run.entity.js';
import { RollUpMark } from '../../src/core/stats/roll-up.js';
import { Cleaner } from '../../src/core/upkeep/cleaner.js';
import { type Retention, RetentionRules } from '../../src/core/upkeep/retention.js';
import { deliveryDoc } from '../support/delivery-doc.js';
import { ADMIN, createTestEngine, type TestEngine } from '../support/engine.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** More than one step looks at. */
const MANY = 5_010;
/** A worker that is not told to end. */
const NEVER = new AbortController().signal;
const NOW = { dryRun: false } as const;

const base: Retention = {
  completed: { ageMs: 30 * DAY_MS, count: null },
  failed: { ageMs: 90 * DAY_MS, count: null },
  keyedMs: 2 * DAY_MS,
};
const rules = new RetentionRules(
  base,
  new Map<string, Partial<Retention>>([
    ['brief', { completed: { ageMs: DAY_MS, count: null } }],
    ['few', { completed: { ageMs: 30 * DAY_MS, count: 3 }, failed: { ageMs: 30 * DAY_MS, count: 1 } }],
  ]),
);
const ENDS: Readonly<Record<string, 'completed' | 'failed'>> = {
  ...{ SENT: 'completed', DELIVERED: 'completed', READ: 'completed', RESPONDED: 'completed' },
  ...{ CANCELLED: 'completed', FAILED: 'failed', DEAD_LETTERED: 'failed', MISSED: 'failed' },
};

let engine: TestEngine;
let second: TestEngine;

beforeAll(async () => {
  engine = await createTestEngine({ retention: rules });
  second = await createTestEngine({ beside: engine, retention: rules });
});
afterAll(async () => {
  await second.stop();
  await engine.stop();
});
beforeEach(async () => {
  await engine.clear();
  await second.clear();
});

/** Stores deliveries with an attempt each, counted, as they were an hour ago by the clock of now. */
async function store(owns: readonly Partial<DeliveryDoc>[]): Promise<DeliveryDoc[]> {
  const at = new Date(engine.clock.now() - HOUR_MS);
  const docs = owns.map((own) =>
    deliveryDoc({ dueAt: at, history: [{ state: own.state ?? 'QUEUED', at }], attempts: 1, ...own }),
  );
  await engine.deliveries.insertMany(docs);
  await engine.attempts.insertMany(
    docs.map(({ _id }) => ({
      ...{ _id: attemptId(_id, 1), delivery: _id, number: 1, fence: 1, channel: 'WHATSAPP' as const },
      ...{ provider: 'test', worker: 'w', outcome: 'ACCEPTED' as const, startedAt: at, endedAt: at },
      ...{ latenessMs: 0, messageId: null, errorClass: null, errorCode: null, errorMessage: null },
      ...{ waited: null },
    })),
  );
  await engine.database.transaction((session) =>
    engine.recorder().record(
      session,
      docs.map((delivery) => ({ delivery, from: null, to: delivery.state })),
    ),
  );
  return docs;
}

const many = (count: number, own: Partial<DeliveryDoc>): Partial<DeliveryDoc>[] =>
  Array.from({ length: count }, () => own);

/** Moves the clocks of both processes. */
function later(ms: number): void {
  for (const one of [engine, second]) one.advance(ms);
}

async function maintain(): Promise<RunDoc> {
  const run = await engine.core.upkeep.maintain(ADMIN, null);
  await engine.core.tasks.goOn(NEVER);
  return readRun(run);
}

async function readRun(run: Pick<RunDoc, '_id'> | null): Promise<RunDoc> {
  const found = run && (await engine.database.collection(Run).findOne({ _id: run._id }));
  if (!found) throw new Error('no run');
  return found;
}

const ids = (docs: readonly Pick<DeliveryDoc, '_id'>[]): string[] =>
  docs.map(({ _id }) => _id.toHexString()).sort();
const left = async (): Promise<string[]> => ids(await engine.deliveries.find().toArray());

describe('CORE-50 maintenance', () => {
  it('CORE-50 deletes what has ended and is too old by its program’s rule, with its attempts, and nothing that is live', async () => {
    const one = fc.record({
      state: fc.constantFrom(...STATES),
      program: fc.constantFrom(null, 'other', 'brief'),
      ageDays: fc.constantFrom(0, 1, 3, 29, 31, 89, 91, 400),
      dueDays: fc.constantFrom(0, 1, 3, 100),
      key: fc.constantFrom(null, 'client|k'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 30 }), async (ones) => {
        await engine.clear();
        // What is made now is as old as an offset of the clock makes it.
        engine.advance(500 * DAY_MS);
        const now = engine.clock.now();
        const docs = await store(
          ones.map(({ state, program, ageDays, dueDays, key }, i) => ({
            state,
            program,
            key: key === null ? null : `${key}${i}`,
            dueAt: new Date(now - dueDays * DAY_MS - HOUR_MS),
            history: [{ state, at: new Date(now - ageDays * DAY_MS - HOUR_MS) }],
          })),
        );
        const mayGo = (_: DeliveryDoc, i: number): boolean => {
          const { state, program, ageDays, dueDays, key } = ones[i] ?? { state: 'QUEUED' as const };
          const end = ENDS[state];
          if (!end || ageDays === undefined || dueDays === undefined) return false;
          if (key !== null && dueDays < 2) return false;
          return ageDays >= (end === 'failed' ? 90 : program === 'brief' ? 1 : 30);
        };
        const kept = docs.filter((doc, i) => !mayGo(doc, i));
        const run = await maintain();
        expect(run).toMatchObject({ status: 'COMPLETED', changed: docs.length - kept.length, remarks: [] });
        expect(await left()).toEqual(ids(kept));
        expect(await engine.attempts.countDocuments()).toBe(kept.length);
      }),
      { numRuns: 20 },
    );
  });

  it('CORE-46 CORE-50 counts the age from the last that happened, a report included', async () => {
    const [read] = await store([{ state: 'READ' }, { state: 'SENT' }]);
    if (!read) throw new Error('not stored');
    later(40 * DAY_MS);
    const yesterday = new Date(engine.clock.now() - DAY_MS);
    await engine.deliveries.updateOne(
      { _id: read._id },
      { $push: { history: { state: 'READ', at: yesterday, reason: 'REPORTED' } } as never },
    );
    expect((await maintain()).changed).toBe(1);
    expect(await left()).toEqual(ids([read]));
  });

  it('CORE-50 keeps no more than the newest of a program, where it says how many, completed and failed apart', async () => {
    const few = { program: 'few', state: 'SENT' } as const;
    const docs = await store([
      ...many(5, few),
      ...many(3, { ...few, state: 'FAILED' }),
      ...many(5, { program: 'other', state: 'SENT' }),
      ...many(2, { ...few, state: 'QUEUED' }),
    ]);
    expect((await maintain()).changed).toBe(4);
    const kept = [...docs.slice(2, 5), ...docs.slice(7)];
    expect(await left()).toEqual(ids(kept));
    expect((await maintain()).changed).toBe(0);
  });

  it('CORE-3 CORE-50 what has been made under a key stays until it has been due for long, however many there are', async () => {
    await store(
      Array.from({ length: 5 }, (_, i) => ({ program: 'few', state: 'SENT', key: `program|x|${i}` })),
    );
    expect((await maintain()).changed).toBe(0);
    later(2 * DAY_MS);
    expect((await maintain()).changed).toBe(2);
  });

  it('CORE-43 CORE-50 leaves the counters of what has happened, a run’s too; the counts of now lose what is gone', async () => {
    const run = new ObjectId();
    await store([...many(3, { state: 'SENT', run, owner: 'me' }), { state: 'QUEUED', run, owner: 'me' }]);
    const window = { from: new Date(Date.now() - DAY_MS), to: new Date(Date.now() + 50 * DAY_MS) };
    const figures = async (): Promise<unknown> => {
      const { counts, ...happened } = await engine.core.stats.stats(ADMIN, {}, window);
      return { now: { SENT: counts.SENT, QUEUED: counts.QUEUED }, happened };
    };
    const before = await figures();
    const progress = await engine.core.stats.progress(run);
    expect(before).toMatchObject({ now: { SENT: 3, QUEUED: 1 }, happened: { accepted: 4 } });
    later(40 * DAY_MS);
    await maintain();
    expect(await figures()).toEqual({ ...(before as object), now: { SENT: 0, QUEUED: 1 } });
    expect(await engine.core.stats.progress(run)).toEqual(progress);
    const depth = await engine.core.stats.history(ADMIN, {}, 'QUEUE_DEPTH', window, 1_440);
    expect(depth.at(-1)?.values).toMatchObject({ depth: 1 });
  });

  it('CORE-29 CORE-50 goes on with what a dead worker has left, and leaves alone what was revived meanwhile', async () => {
    const docs = await store(many(1_200, { state: 'FAILED' }));
    later(100 * DAY_MS);
    const run = await engine.core.upkeep.maintain(ADMIN, null);
    const cleaner = new Cleaner(engine.database, engine.clock, engine.core.runs, engine.recorder(), rules);
    const steps = cleaner.byRules(await readRun(run));
    await steps.next();
    expect(await readRun(run)).toMatchObject({ status: 'RUNNING', changed: 500 });
    const [, , last] = docs.slice(-3);
    if (!last) throw new Error('not stored');
    await engine.core.bulk.retryFailed(ADMIN, { ids: [last._id] }, { ...NOW, limit: 1 });
    await steps.next();
    await steps.next();
    expect(await left()).toEqual(ids([last]));
    // It dies here, and another begins anew.
    await second.core.tasks.goOn(NEVER);
    expect(await readRun(run)).toMatchObject({ status: 'COMPLETED', changed: 1_199 });
  });

  it('CORE-50 goes through many in steps', async () => {
    await store(many(MANY, { state: 'SENT' }));
    later(40 * DAY_MS);
    expect(await maintain()).toMatchObject({ status: 'COMPLETED', changed: MANY });
    expect(await engine.deliveries.countDocuments()).toBe(0);
  });

  it('CORE-50 tells what nobody will ever work on, and deletes attempts without a delivery', async () => {
    const gone = deliveryDoc({ queue: 'gone' });
    await engine.deliveries.insertMany([
      gone,
      deliveryDoc({ queue: 'gone', state: 'SCHEDULED' }),
      deliveryDoc({ channel: 'LINE' }),
      deliveryDoc({}),
    ]);
    const orphan = new ObjectId('000000010000000000000000');
    await engine.attempts.insertOne({ _id: attemptId(orphan, 1), delivery: orphan } as never);
    const begin = { owner: 'me', program: 'p', type: 'import', occurrence: 'x' };
    const { run } = await engine.core.runs.begin(begin);
    later(2 * DAY_MS);
    const { remarks, skipped } = await maintain();
    const inOrder = [...remarks].sort((a, b) => a.code.localeCompare(b.code));
    expect(inOrder).toEqual([
      {
        subject: run._id.toHexString(),
        code: 'LEFT_RUN',
        message: expect.stringContaining('the import of p'),
      },
      { subject: 'LINE', code: 'NO_CHANNEL', message: expect.stringMatching(/^1 deliveries .*LINE/) },
      { subject: 'gone', code: 'NO_QUEUE', message: expect.stringMatching(/^1 deliveries .*gone/) },
      { subject: 'gone', code: 'NO_QUEUE', message: expect.stringMatching(/^1 deliveries .*gone/) },
    ]);
    expect(skipped).toBe(4);
    expect(await engine.attempts.countDocuments()).toBe(0);
    expect(await engine.database.collection(RollUpMark).countDocuments()).toBe(2);
  });

  it('CORE-50 is begun by its job once for each instant, and done by the tasks’ job', async () => {
    const { job } = engine.core.upkeep;
    const at = job.next(Date.parse('2026-11-23T12:00:00Z'));
    expect(new Date(at).toISOString()).toBe('2026-11-24T03:15:00.000Z');
    await job.run(at, NEVER);
    await job.run(at, NEVER);
    expect(engine.set.map(({ name }) => name.split('@')[0])).toEqual(['core.tasks']);
    await second.core.tasks.goOn(NEVER);
    expect(await engine.database.collection(Run).find().toArray()).toMatchObject([
      { owner: EVERYBODY, program: 'core', type: 'maintenance', status: 'COMPLETED', matched: null },
    ]);
  });
});

describe('CORE-50 cleanup on demand', () => {
  it('CORE-50 CP-6 deletes what is older than so many hours, whatever the rules say, and counts it first', async () => {
    const live: DeliveryState[] = ['SCHEDULED', 'QUEUED', 'SENDING', 'RETRYING'];
    const docs = await store([
      ...live.map((state) => ({ state })),
      ...Object.keys(ENDS).map((state) => ({ state: state as DeliveryState })),
    ]);
    later(10 * HOUR_MS);
    const [recent] = await store([{ state: 'SENT' }]);
    const { upkeep } = engine.core;
    expect(await upkeep.cleanUp(ADMIN, 5, null, { dryRun: true })).toEqual({
      matched: 8,
      changed: 0,
      run: null,
    });
    const once = { ...NOW, idempotencyKey: 'k' };
    const done = await upkeep.cleanUp(ADMIN, 5, null, once);
    expect(done).toMatchObject({ matched: 8, changed: 8, run: { type: 'cleanup', status: 'COMPLETED' } });
    expect(await left()).toEqual(ids([...docs.slice(0, 4), ...(recent ? [recent] : [])]));
    later(HOUR_MS);
    expect(await upkeep.cleanUp(ADMIN, 5, null, once)).toEqual(done);
    expect(await upkeep.cleanUp(ADMIN, 100, null, NOW)).toEqual({ matched: 0, changed: 0, run: null });
  });

  it('CORE-50 of one program leaves the others’, and what has a key stays for its time', async () => {
    await store([
      { state: 'SENT', program: 'brief' },
      { state: 'SENT', program: 'brief', key: 'program|k' },
      { state: 'SENT', program: 'other' },
      { state: 'SENT' },
    ]);
    later(10 * HOUR_MS);
    expect(await engine.core.upkeep.cleanUp(ADMIN, 5, 'brief', NOW)).toMatchObject({
      matched: 1,
      changed: 1,
    });
    expect(await engine.deliveries.countDocuments()).toBe(3);
  });

  it.each([0, -1, 1.5, 876_601])('API-2 refuses %d hours', async (hours) => {
    await expect(engine.core.upkeep.cleanUp(ADMIN, hours, null, NOW)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      path: 'olderThanHours',
    });
  });
});

import { ObjectId } from '@mikro-orm/mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Canceller } from '../../src/core/bulk/cancel.js';
import { Eraser } from '../../src/core/bulk/erase.js';
import { Reviver } from '../../src/core/bulk/revive.js';
import { Tasks, type TaskWork } from '../../src/core/bulk/tasks.js';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import type { DeliveryState } from '../../src/core/delivery/states.js';
import { Event } from '../../src/core/events/event.entity.js';
import { Jobs } from '../../src/core/schedule/jobs.js';
import { Run, type RunDoc } from '../../src/core/schedule/run.entity.js';
import type { Task } from '../../src/core/schedule/task.js';
import { deliveryDoc } from '../support/delivery-doc.js';
import { ended } from '../support/ended-attempt.js';
import { ADMIN, createTestEngine, managerOf, type TestEngine } from '../support/engine.js';

/** More than is done while a caller waits. */
const LARGE = 2_001;
/** Longer than any test: what is waited for comes, or the test's own limit ends it. */
const LONG_MS = 3_600_000;
/** In one step. */
const STEP = 500;
/** A worker that is not told to end. */
const NEVER = new AbortController().signal;
const NOW = { dryRun: false } as const;
const ALL = { ...NOW, limit: 100_000 } as const;

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
  await second.clear();
});

/** Stores so many alike, due a minute ago unless the test says otherwise. */
async function store(count: number, own: Partial<DeliveryDoc>): Promise<DeliveryDoc[]> {
  const dueAt = new Date(engine.clock.now() - 60_000);
  const createdAt = new Date(engine.clock.now() - 120_000);
  const docs = Array.from({ length: count }, (_, i) =>
    deliveryDoc({ dueAt, createdAt, slot: i % 16, ...own }),
  );
  await engine.deliveries.insertMany(docs);
  return docs;
}

const inState = (state: DeliveryState): Promise<number> => engine.deliveries.countDocuments({ state });

async function readRun(run: Pick<RunDoc, '_id'> | null): Promise<RunDoc> {
  const found = run && (await engine.database.collection(Run).findOne({ _id: run._id }));
  if (!found) throw new Error('no run');
  return found;
}

function taskOf<K extends Task['kind']>(run: RunDoc, kind: K): Extract<Task, { kind: K }> {
  if (run.task?.kind !== kind) throw new Error(`the run's task is ${run.task?.kind}`);
  return run.task as Extract<Task, { kind: K }>;
}

describe('API-8 a bulk action', () => {
  it('API-8 that is small is done at once, and its run tells how much', async () => {
    const failed = await store(3, { state: 'FAILED', owner: 'me' });
    await store(2, { state: 'DEAD_LETTERED', owner: 'you' });
    const { run, ...counts } = await engine.core.bulk.retryFailed(managerOf('me'), {}, ALL);
    expect(counts).toEqual({ matched: 3, changed: 3 });
    expect(run).toMatchObject({
      owner: 'me',
      program: 'core',
      type: 'retry-failed',
      status: 'COMPLETED',
      matched: 3,
      changed: 3,
    });
    expect(await readRun(run)).toEqual(run);
    for (const delivery of failed) {
      const now = await engine.read(delivery);
      expect(now).toMatchObject({ state: 'QUEUED', maxAttempts: delivery.retry.attempts });
      expect(now.history.at(-1)).toMatchObject({ state: 'QUEUED', reason: 'REVIVED', by: 'me' });
    }
    expect(await inState('DEAD_LETTERED')).toBe(2);
  });

  it('API-8 in a dry run counts, and leaves everything as it is', async () => {
    await store(3, { state: 'SCHEDULED' });
    const { bulk } = engine.core;
    const counted = { matched: 3, changed: 0, run: null };
    const dry = { dryRun: true };
    expect(await bulk.cancelMany(ADMIN, { queue: 'q' }, dry)).toEqual(counted);
    expect(await bulk.cleanQueue(ADMIN, 'q', null, dry)).toEqual(counted);
    expect(await bulk.retryFailed(ADMIN, {}, { ...dry, limit: 10 })).toEqual({ ...counted, matched: 0 });
    expect(await inState('SCHEDULED')).toBe(3);
    expect(await engine.database.collection(Run).countDocuments()).toBe(0);
  });

  it('API-8 that is large goes on in a worker, which is woken', async () => {
    await store(LARGE, { state: 'FAILED' });
    const { run, ...counts } = await engine.core.bulk.retryFailed(ADMIN, {}, ALL);
    expect(counts).toEqual({ matched: LARGE, changed: 0 });
    expect(run?.status).toBe('RUNNING');
    expect(engine.set).toEqual([
      expect.objectContaining({ kind: 'job', name: expect.stringMatching(/^core\.tasks@\d+$/) }),
    ]);
    expect(await inState('FAILED')).toBe(LARGE);
    await second.core.tasks.goOn(NEVER);
    expect(await readRun(run)).toMatchObject({ status: 'COMPLETED', changed: LARGE });
    expect(await inState('QUEUED')).toBe(LARGE);
  });

  it('API-8 is done by a worker that starts later, too: its job finds what was left behind', async () => {
    await store(LARGE, { state: 'SCHEDULED', dueAt: new Date(engine.clock.now() + 3_600_000) });
    const { run } = await engine.core.bulk.cancelMany(ADMIN, { queue: 'q' }, NOW);
    const { database, clock, core, errors } = second;
    const jobs = new Jobs(
      database,
      clock,
      () => Promise.resolve(),
      core.jobs.all(),
      (_job, error) => errors.push(error),
    );
    await jobs.start();
    second.advance(60_000);
    await jobs.startDue();
    await jobs.idle(LONG_MS);
    expect(await readRun(run)).toMatchObject({ status: 'COMPLETED', changed: LARGE });
    expect(second.errors).toEqual([]);
  });

  it('CORE-29 whose process dies between two steps is gone on with by another, each delivery once', async () => {
    await store(LARGE, { state: 'FAILED' });
    const { run } = await engine.core.bulk.retryFailed(ADMIN, {}, ALL);
    const begun = await readRun(run);
    const reviver = new Reviver(engine.database, engine.clock, engine.core.runs, engine.recorder());
    // Two steps, and nothing after that.
    const steps = reviver.steps(begun, taskOf(begun, 'REVIVE'));
    await steps.next();
    await steps.next();
    expect(await readRun(run)).toMatchObject({ status: 'RUNNING', changed: 2 * STEP });
    await second.core.tasks.goOn(NEVER);
    expect(await readRun(run)).toMatchObject({ status: 'COMPLETED', changed: LARGE });
    const twice = { $expr: { $ne: [{ $size: '$history' }, 1] } };
    expect(await engine.deliveries.countDocuments(twice)).toBe(0);
    await steps.return();
  });

  it('CORE-30 is left when its worker is to end, and gone on with by the next', async () => {
    await store(LARGE, { state: 'FAILED' });
    const { run } = await engine.core.bulk.retryFailed(ADMIN, {}, ALL);
    const stopping = new AbortController();
    const going = engine.core.tasks.goOn(stopping.signal);
    stopping.abort();
    await going;
    expect((await readRun(run)).status).toBe('RUNNING');
    await second.core.tasks.goOn(NEVER);
    expect(await readRun(run)).toMatchObject({ status: 'COMPLETED', changed: LARGE });
  });

  it('API-8 does not keep others waiting: a step of each in turn', async () => {
    await store(LARGE, { state: 'FAILED', owner: 'me' });
    await store(LARGE, { state: 'FAILED', owner: 'you' });
    const mine = await engine.core.bulk.retryFailed(managerOf('me'), {}, ALL);
    const yours = await engine.core.bulk.retryFailed(managerOf('you'), {}, ALL);
    await engine.core.tasks.goOn(NEVER);
    for (const { run } of [mine, yours])
      expect(await readRun(run)).toMatchObject({ status: 'COMPLETED', changed: LARGE });
    const told = engine.database.collection(Event).find({ type: 'run.updated' }).sort({ _id: 1 });
    const owners = (await told.toArray()).map(({ owner }) => owner);
    expect(owners).toEqual(Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? 'me' : 'you')));
  });

  it('API-1 CORE-3 that is asked for again with its key answers with its run; another action with it is a conflict', async () => {
    await store(2, { state: 'FAILED' });
    const once = { ...ALL, idempotencyKey: 'once' };
    const { bulk } = engine.core;
    const first = await bulk.retryFailed(ADMIN, { queue: 'q' }, once);
    await store(1, { state: 'FAILED' });
    expect(await bulk.retryFailed(ADMIN, { queue: 'q' }, once)).toEqual(first);
    expect(await inState('FAILED')).toBe(1);
    await bulk.retryFailed(ADMIN, {}, ALL);
    // Nothing matches any more.
    expect(await bulk.retryFailed(ADMIN, { queue: 'q' }, once)).toEqual(first);
    await expect(bulk.retryFailed(ADMIN, {}, once)).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
      path: 'idempotencyKey',
    });
    await expect(bulk.retryFailed(ADMIN, {}, { ...ALL, idempotencyKey: '' })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
    });
    expect((await bulk.retryFailed(managerOf('owner'), {}, once)).run).toBeNull();
  });

  it('API-8 whose steps fail again and again is given up, with the reason, and holds up no other', async () => {
    await store(LARGE, { state: 'FAILED' });
    await store(LARGE, { state: 'SCHEDULED' });
    const { run: retrying } = await engine.core.bulk.retryFailed(ADMIN, {}, ALL);
    const { run: cancelling } = await engine.core.bulk.cancelMany(ADMIN, { queue: 'q' }, NOW);
    const broken: TaskWork<'REVIVE'> & TaskWork<'CLEAN_UP'> & TaskWork<'MAINTAIN'> = {
      steps: async function* () {
        throw new Error('no luck');
      },
    };
    const { database, clock, core, errors } = engine;
    const parts = [database, clock, core.runs, engine.recorder()] as const;
    const [CANCEL, ERASE] = [new Canceller(...parts), new Eraser(...parts)];
    const works = { REVIVE: broken, CANCEL, ERASE, CLEAN_UP: broken, MAINTAIN: broken };
    const tasks = new Tasks(core.runs, core.jobs, clock, works, (error) => errors.push(error));
    await tasks.goOn(NEVER);
    expect(await readRun(retrying)).toMatchObject({ status: 'FAILED', error: 'no luck', changed: 0 });
    expect(await readRun(cancelling)).toMatchObject({ status: 'COMPLETED', changed: LARGE });
    expect(errors).toHaveLength(3);
  });
});

describe('CORE-26 retryFailed', () => {
  it('CORE-26 takes those whose last try is the latest first, and no more than its limit', async () => {
    const at = (minutes: number): Date => new Date(engine.clock.now() - minutes * 60_000);
    const [old] = await store(1, { state: 'FAILED', dueAt: at(30) });
    const [recent] = await store(1, { state: 'DEAD_LETTERED', dueAt: at(10) });
    const [middle] = await store(1, { state: 'FAILED', dueAt: at(20) });
    if (!old || !recent || !middle) throw new Error('not stored');
    const { matched, changed } = await engine.core.bulk.retryFailed(ADMIN, {}, { ...NOW, limit: 2 });
    expect({ matched, changed }).toEqual({ matched: 2, changed: 2 });
    const states = await Promise.all([old, middle, recent].map((one) => engine.read(one)));
    expect(states.map(({ state }) => state)).toEqual(['FAILED', 'QUEUED', 'QUEUED']);
  });

  it.each([
    ['errorCodes', { errorCodes: ['E1'] }],
    ['tier', { tier: 'PRO' }],
    ['recipient', { recipient: 'ann' }],
    ['states', { states: ['DEAD_LETTERED'] }],
  ] as const)('CORE-26 filters by %s', async (_name, filter) => {
    const [wanted] = await store(1, {
      state: 'DEAD_LETTERED',
      lastError: { code: 'E1', message: 'no' },
      tier: 'PRO',
      recipient: 'ann',
    });
    await store(2, { state: 'FAILED', lastError: { code: 'E2', message: 'no' }, recipient: 'bob' });
    expect(await engine.core.bulk.retryFailed(ADMIN, filter, ALL)).toMatchObject({ matched: 1, changed: 1 });
    expect(wanted && (await engine.read(wanted)).state).toBe('QUEUED');
  });

  it('CORE-26 does not revive again what fails again while it goes on', async () => {
    await store(LARGE, { state: 'FAILED' });
    const { run } = await engine.core.bulk.retryFailed(ADMIN, {}, ALL);
    const begun = await readRun(run);
    const { database, clock, core } = engine;
    const steps = new Reviver(database, clock, core.runs, engine.recorder()).steps(
      begun,
      taskOf(begun, 'REVIVE'),
    );
    await steps.next();
    await steps.return();
    const { claimed } = await engine.claimer.claim({ queue: 'q', channel: 'WHATSAPP' }, 'w', 10, null);
    await engine.writer.write(
      'w',
      claimed.map((delivery) => ended(delivery, 'fail')),
    );
    await engine.core.tasks.goOn(NEVER);
    expect(await readRun(run)).toMatchObject({ status: 'COMPLETED', changed: LARGE });
    expect(await inState('FAILED')).toBe(claimed.length);
  });
});

describe('CORE-4 cancelMany and cleanQueue', () => {
  it('CORE-4 cancel what waits, of the caller, and nothing else', async () => {
    for (const state of ['SCHEDULED', 'QUEUED', 'RETRYING', 'SENDING', 'SENT', 'FAILED'] as const)
      await store(1, { state, owner: 'me' });
    await store(1, { state: 'QUEUED', owner: 'you' });
    const { matched, changed, run } = await engine.core.bulk.cancelMany(managerOf('me'), { queue: 'q' }, NOW);
    expect({ matched, changed }).toEqual({ matched: 3, changed: 3 });
    expect(run).toMatchObject({ type: 'cancel-many', status: 'COMPLETED' });
    expect(await engine.deliveries.distinct('state', { owner: 'me' })).toEqual(
      expect.arrayContaining(['CANCELLED', 'SENDING', 'SENT', 'FAILED']),
    );
    expect(await inState('CANCELLED')).toBe(3);
    expect(await inState('QUEUED')).toBe(1);
  });

  it('INV-6 API-8 what is rung while it goes on is cancelled too', async () => {
    const soon = new Date(engine.clock.now() - 1_000);
    await store(STEP + 100, { state: 'SCHEDULED', dueAt: soon, owner: 'me' });
    const startedAt = engine.clock.date();
    const { run } = await engine.core.runs.begin({
      owner: 'me',
      program: 'core',
      type: 'cancel-many',
      occurrence: 'x',
      task: { kind: 'CANCEL', scope: 'me', filter: { channel: 'WHATSAPP' }, reason: null },
    });
    expect(run.startedAt.getTime()).toBeGreaterThanOrEqual(startedAt.getTime());
    const canceller = new Canceller(engine.database, engine.clock, engine.core.runs, engine.recorder());
    const steps = canceller.steps(run, taskOf(run, 'CANCEL'));
    await steps.next();
    expect(await engine.ringer.ring('q')).toBe(100);
    for (let done = false; !done;) done = (await steps.next()).done === true;
    expect(await inState('CANCELLED')).toBe(STEP + 100);
  });

  it('API-8 what is accepted after it began stays', async () => {
    await store(LARGE, { state: 'SCHEDULED' });
    const { run } = await engine.core.bulk.cancelMany(ADMIN, { channel: 'WHATSAPP' }, NOW);
    engine.advance(10);
    await engine.accept('me', {});
    await engine.core.tasks.goOn(NEVER);
    expect((await readRun(run)).changed).toBe(LARGE);
    expect(await inState('QUEUED')).toBe(1);
  });

  it('CORE-4 cleanQueue takes one queue and the states that it is told, and says why in the history', async () => {
    const [queued] = await store(1, { state: 'QUEUED', owner: 'me' });
    await store(1, { state: 'SCHEDULED', owner: 'you' });
    await store(1, { state: 'QUEUED', queue: 'other' });
    if (!queued) throw new Error('not stored');
    const { bulk } = engine.core;
    expect(await bulk.cleanQueue(ADMIN, 'q', ['QUEUED'], NOW)).toMatchObject({ matched: 1, changed: 1 });
    expect((await engine.read(queued)).history.at(-1)).toEqual({
      state: 'CANCELLED',
      at: expect.any(Date),
      by: 'admin',
      reason: 'QUEUE_CLEANED',
    });
    expect(await bulk.cleanQueue(ADMIN, 'q', null, NOW)).toMatchObject({ matched: 1, changed: 1 });
    expect(await engine.deliveries.countDocuments({ queue: 'other', state: 'QUEUED' })).toBe(1);
  });

  it('API-2 refuse an empty filter, an unknown queue, and a state in which nothing waits', async () => {
    const { bulk } = engine.core;
    await expect(async () => bulk.cancelMany(ADMIN, {}, NOW)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      path: 'filter',
    });
    await expect(async () => bulk.cleanQueue(ADMIN, 'nowhere', null, NOW)).rejects.toMatchObject({
      code: 'QUEUE_NOT_FOUND',
    });
    await expect(async () => bulk.cleanQueue(ADMIN, 'q', ['SENT'], NOW)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      path: 'states',
    });
  });
});

describe('cancelRun', () => {
  it('API-8 stops a bulk action where it is', async () => {
    await store(LARGE, { state: 'FAILED' });
    const { run } = await engine.core.bulk.retryFailed(ADMIN, {}, ALL);
    const begun = await readRun(run);
    const { database, clock, core } = engine;
    const steps = new Reviver(database, clock, core.runs, engine.recorder()).steps(
      begun,
      taskOf(begun, 'REVIVE'),
    );
    await steps.next();
    const cancelled = await core.bulk.cancelRun(ADMIN, begun._id);
    expect(cancelled).toMatchObject({
      run: { status: 'CANCELLED', changed: STEP },
      cancelling: { run: null },
    });
    await steps.return();
    await core.tasks.goOn(NEVER);
    expect(await inState('FAILED')).toBe(LARGE - STEP);
  });

  it('CORE-4 cancels what waits of the deliveries that a run has made, again if something was left', async () => {
    const begin = { owner: 'me', program: 'p', type: 'wave', occurrence: 'today' };
    const { run } = await engine.core.runs.begin(begin);
    await store(2, { state: 'SCHEDULED', owner: 'me', run: run._id });
    await store(1, { state: 'SENT', owner: 'me', run: run._id });
    await store(1, { state: 'SCHEDULED', owner: 'me', run: new ObjectId() });
    const { bulk } = engine.core;
    const first = await bulk.cancelRun(managerOf('me'), run._id);
    expect(first).toMatchObject({
      run: { status: 'CANCELLED' },
      cancelling: { matched: 2, changed: 2, run: { type: 'cancel-run', status: 'COMPLETED' } },
    });
    // A planner that had not noticed.
    await store(1, { state: 'SCHEDULED', owner: 'me', run: run._id });
    const again = await bulk.cancelRun(managerOf('me'), run._id);
    expect(again).toMatchObject({ run: { status: 'CANCELLED' }, cancelling: { matched: 1, changed: 1 } });
    expect(await inState('SCHEDULED')).toBe(1);
  });

  it('CORE-5 API-10 answers a foreign run as an unknown one, and refuses one that has ended', async () => {
    const begin = { owner: 'me', program: 'p', type: 'wave', occurrence: 'today' };
    const { run } = await engine.core.runs.begin(begin);
    const { bulk, runs } = engine.core;
    const unknown = { code: 'RUN_NOT_FOUND', path: 'id' };
    await expect(bulk.cancelRun(managerOf('you'), run._id)).rejects.toMatchObject(unknown);
    await expect(bulk.cancelRun(ADMIN, new ObjectId())).rejects.toMatchObject(unknown);
    await runs.end(run._id, 'COMPLETED');
    await expect(bulk.cancelRun(ADMIN, run._id)).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
      message: expect.stringContaining('COMPLETED'),
    });
  });
});

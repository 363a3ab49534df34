import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CancelManyDocument,
  CancelRunDocument,
  CleanQueueDocument,
  CleanupDocument,
  DeliveriesDocument,
  JobsDocument,
  RetryFailedDocument,
  RunDocument,
  RunMaintenanceDocument,
  type RunFieldsFragment,
  RunProgressDocument,
  RunsDocument,
  TriggerJobDocument,
} from '#sdk';
import type { NewDelivery } from '../../src/core/index.js';
import { query, type User, Users } from '../support/graphql.js';
import { startSystem, type System } from '../support/system.js';
import { until } from '../support/until.js';

/** More than is done while a caller waits. */
const LARGE = 2_001;

let system: System;
let users: Users;
let alice: User;
let operator: User;

beforeAll(async () => {
  system = await startSystem({ parts: { sandbox: false } });
  users = new Users(system.url, system.core);
  alice = await users.make('alice');
  operator = await users.make('ops', 'OPERATOR');
});

afterAll(async () => {
  await users.close();
  await system.stop();
});

/** Has so many waiting for tomorrow. */
async function wait(owner: string, count: number, own: Partial<NewDelivery> = {}): Promise<void> {
  const dueAt = new Date(system.core.clock.now() + 86_400_000);
  const one: NewDelivery = {
    queue: 'general',
    channel: 'WHATSAPP',
    to: '+919876543210',
    content: { kind: 'TEXT', text: 'hello' },
    dueAt,
    ...own,
  };
  const results = await system.core.deliveries.accept(owner, new Array<NewDelivery>(count).fill(one));
  expect(results.every(({ ok }) => ok)).toBe(true);
}

/** Follows a run to its end by subscription. */
async function followed(user: User, id: string): Promise<RunFieldsFragment> {
  let last: RunFieldsFragment | null = null;
  for await (const { runProgress } of user.subscribe(RunProgressDocument, { run: id }))
    last = runProgress.run;
  if (!last) throw new Error('nothing was told');
  return last;
}

describe('API-8 cancelMany', () => {
  it('API-8 counts first, then cancels in a worker, and its run is followed to the end', async () => {
    await wait('alice', LARGE);
    const filter = { queue: 'general' };
    const dry = await alice.request(CancelManyDocument, { input: { filter, dryRun: true } });
    expect(dry.cancelMany).toEqual({ matched: LARGE, cancelled: 0, run: null, dryRun: true, errors: [] });
    const input = { filter, idempotencyKey: 'all' };
    const { cancelMany } = await alice.request(CancelManyDocument, { input });
    expect(cancelMany).toMatchObject({ matched: LARGE, dryRun: false, errors: [] });
    const id = cancelMany.run?.id ?? '';
    expect(await followed(alice, id)).toMatchObject({
      program: 'core',
      type: 'cancel-many',
      status: 'COMPLETED',
      matched: LARGE,
      changed: LARGE,
    });
    const again = await alice.request(CancelManyDocument, { input });
    expect(again.cancelMany).toMatchObject({ matched: LARGE, cancelled: LARGE, run: { id } });
    const runs = await alice.request(RunsDocument, { filter: { program: 'core', status: 'COMPLETED' } });
    expect(runs.runs.nodes.map((run) => run.id)).toContain(id);
    const bob = await users.make('bob');
    expect((await bob.request(RunDocument, { id })).run).toBeNull();
  });

  it('API-2 refuses an empty filter, and a viewer', async () => {
    const viewer = await users.make('alice', 'VIEWER');
    const all = { input: { filter: {} } };
    expect((await alice.request(CancelManyDocument, all)).cancelMany).toMatchObject({
      matched: null,
      run: null,
      errors: [{ code: 'VALIDATION_ERROR', path: 'filter' }],
    });
    expect((await viewer.request(CancelManyDocument, all)).cancelMany.errors).toMatchObject([
      { code: 'FORBIDDEN' },
    ]);
  });
});

describe('API-8 retryFailed', () => {
  it('API-2 names what is wrong with a filter', async () => {
    const errorCodes = Array.from({ length: 101 }, (_, i) => `E${i}`);
    const { retryFailed } = await alice.request(RetryFailedDocument, { input: { filter: { errorCodes } } });
    expect(retryFailed.errors).toMatchObject([{ code: 'VALIDATION_ERROR', path: 'filter.errorCodes' }]);
  });
});

describe('API-8 cleanQueue', () => {
  it('CORE-4 cancels what waits in a queue, of every owner, and takes an operator', async () => {
    await wait('alice', 2, { queue: 'content-delivery' });
    await wait('bob', 1, { queue: 'content-delivery' });
    const input = { name: 'content-delivery', states: ['SCHEDULED' as const] };
    expect((await alice.request(CleanQueueDocument, { input })).cleanQueue.errors).toMatchObject([
      { code: 'FORBIDDEN' },
    ]);
    expect((await operator.request(CleanQueueDocument, { input })).cleanQueue).toMatchObject({
      matched: 3,
      cancelled: 3,
      run: { type: 'clean-queue', status: 'COMPLETED', owner: 'ops' },
      errors: [],
    });
    const unknown = await operator.request(CleanQueueDocument, { input: { name: 'nowhere' } });
    expect(unknown.cleanQueue.errors).toMatchObject([{ code: 'QUEUE_NOT_FOUND' }]);
  });
});

describe('cancelRun', () => {
  it('CORE-4 cancels a run with its waiting deliveries; a foreign one is unknown', async () => {
    const begin = { owner: 'alice', program: 'test', type: 'wave', occurrence: 'cancelled' };
    const { run } = await system.core.runs.begin(begin);
    await wait('alice', 2, { run: run._id });
    const id = Buffer.from(`Run:${run._id.toHexString()}`).toString('base64url');
    const bob = await users.make('bob');
    expect((await bob.request(CancelRunDocument, { input: { id } })).cancelRun.errors).toMatchObject([
      { code: 'RUN_NOT_FOUND', path: 'id' },
    ]);
    const { cancelRun } = await alice.request(CancelRunDocument, { input: { id } });
    expect(cancelRun).toMatchObject({
      run: { id, status: 'CANCELLED' },
      cancelling: { type: 'cancel-run', changed: 2 },
      errors: [],
    });
    const { deliveries } = await alice.request(DeliveriesDocument, { filter: { run: id } });
    expect(deliveries.nodes.map(({ state }) => state)).toEqual(['CANCELLED', 'CANCELLED']);
  });
});

describe('jobs', () => {
  it('MI-6 are listed, and one is run at once when it is triggered; both take an operator', async () => {
    const { jobs } = await operator.request(JobsDocument);
    expect(jobs.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['core.tasks', 'daily-content.plan']),
    );
    const before = jobs.find(({ name }) => name === 'core.tasks');
    await expect(alice.request(JobsDocument)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const input = { name: 'daily-content.plan' };
    expect((await alice.request(TriggerJobDocument, { input })).triggerJob.errors).toMatchObject([
      { code: 'FORBIDDEN' },
    ]);
    const asked = Date.now();
    const { triggerJob } = await operator.request(TriggerJobDocument, { input });
    expect(triggerJob).toMatchObject({ job: { name: 'daily-content.plan' }, errors: [] });
    const after = await until(async () => {
      const { jobs: now } = await operator.request(JobsDocument);
      const job = now.find(({ name }) => name === 'daily-content.plan');
      return job && job.lastAt !== null && Date.parse(job.lastAt) >= asked && job;
    });
    expect(after).toMatchObject({ lastError: null, nextAt: triggerJob.job?.nextAt });
    expect(before).toBeDefined();
    const node = (user: User) =>
      query(system.url, user.key, 'query ($id: ID!) { node(id: $id) { id } }', { id: after.id });
    expect((await node(operator)).body.data).toEqual({ node: { id: after.id } });
    expect((await node(alice)).body.data).toEqual({ node: null });
    const unknown = await operator.request(TriggerJobDocument, { input: { name: 'nothing' } });
    expect(unknown.triggerJob.errors).toMatchObject([{ code: 'NOT_FOUND', path: 'name' }]);
  });
});

describe('CORE-50 upkeep', () => {
  it('CORE-50 CP-6 is done on demand by a worker; a cleanup takes an admin, and counts first', async () => {
    expect((await alice.request(RunMaintenanceDocument, { input: {} })).runMaintenance.errors).toMatchObject([
      { code: 'FORBIDDEN' },
    ]);
    const { runMaintenance } = await operator.request(RunMaintenanceDocument, { input: {} });
    expect(runMaintenance).toMatchObject({ run: { type: 'maintenance', owner: 'ops' }, errors: [] });
    expect(await followed(operator, runMaintenance.run?.id ?? '')).toMatchObject({
      status: 'COMPLETED',
      matched: null,
      error: null,
    });
    const admin = await users.make('root', 'ADMIN');
    const input = { olderThanHours: 1, dryRun: true };
    expect((await operator.request(CleanupDocument, { input })).cleanup.errors).toMatchObject([
      { code: 'FORBIDDEN' },
    ]);
    expect((await admin.request(CleanupDocument, { input })).cleanup).toEqual({
      matched: 0,
      deleted: 0,
      run: null,
      dryRun: true,
      errors: [],
    });
    const none = await admin.request(CleanupDocument, { input: { olderThanHours: 0 } });
    expect(none.cleanup.errors).toMatchObject([{ code: 'VALIDATION_ERROR', path: 'olderThanHours' }]);
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startEmbeddedMongod } from '../../src/adapters/mongod/embedded-mongod.js';
import { findMongod } from '../../src/adapters/mongod/find-mongod.js';
import { Worker, type WorkerReport } from '../../src/core/dispatch/worker.entity.js';
import { type End, ended } from '../support/ended-attempt.js';
import { ADMIN, createTestEngine, HEALTH_LIMITS, type TestEngine } from '../support/engine.js';
import { SERVER_CACHE } from '../support/servers.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const MB = 1024 * 1024;

let engine: TestEngine;

beforeAll(async () => {
  engine = await createTestEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  await engine.clear();
  await engine.alive('worker');
});

async function codes(of = engine): Promise<string[]> {
  const { healthy, reasons } = await of.core.health.check();
  expect(healthy).toBe(reasons.length === 0);
  return reasons.map(({ code }) => code);
}

/** Claims all that is queued, and lets the attempts end so. */
async function attemptAll(end: End): Promise<void> {
  const { claimed } = await engine.claimer.claim({ queue: 'q', channel: 'WHATSAPP' }, 'worker', 100, null);
  await engine.writer.write(
    'worker',
    claimed.map((delivery) => ended(delivery, end)),
  );
}

async function say(report: Partial<WorkerReport>, id = 'worker'): Promise<void> {
  const whole: WorkerReport = {
    rssBytes: 100 * MB,
    memoryLimitBytes: 500 * MB,
    loopDelayMs: 0,
    inFlight: 0,
    concurrency: 10,
    tokens: 'REDIS',
    memoryOnPurpose: false,
    ...report,
  };
  await engine.database.collection(Worker).updateOne({ _id: id }, { $set: { report: whole } });
}

describe('CORE-45 health is told from what the database holds', () => {
  it('CORE-45 a worker that is alive and nothing to do is healthy', async () => {
    expect(await codes()).toEqual([]);
  });

  it('CORE-45 what is due and waits, in any queue, rung or not, is counted; what waits for its time is not', async () => {
    const { pending } = HEALTH_LIMITS;
    const later = new Date(engine.clock.now() + HOUR_MS);
    await engine.accept('me', ...Array.from({ length: pending - 1 }, () => ({})));
    await engine.accept('you', { queue: 'other' }, { queue: 'other', dueAt: later });
    expect(await codes()).toEqual([]);
    engine.advance(HOUR_MS + MINUTE_MS);
    const { reasons } = await engine.core.health.check();
    expect(reasons).toMatchObject([{ code: 'BACKLOG', figures: { pending: pending + 1, paused: 0 } }]);
    await engine.core.queues.pause(ADMIN, 'other');
    expect((await engine.core.health.check()).reasons).toMatchObject([
      { code: 'BACKLOG', figures: { pending: pending + 1, paused: 2 } },
    ]);
  });

  it('CORE-45 failures and the error rate are those of the last hour', async () => {
    await engine.accept('me', ...Array.from({ length: 12 }, () => ({})));
    await attemptAll('send');
    await engine.accept('you', {}, {}, {});
    await attemptAll('fail');
    expect(await codes()).toEqual(['ERROR_RATE']);
    await engine.accept('me', {});
    await attemptAll('deadLetter');
    const { reasons } = await engine.core.health.check();
    expect(reasons).toMatchObject([
      { code: 'FAILURES', figures: { failed: 3, deadLettered: 1, missed: 0, limit: 3 } },
      { code: 'ERROR_RATE', figures: { bad: 4, attempts: 16, rate: 0.25 } },
    ]);
    engine.advance(HOUR_MS + 2 * MINUTE_MS);
    expect(await codes()).toEqual([]);
  });

  it('CORE-45 nothing processed is told when something was due all along, and not before', async () => {
    engine.advance(3 * HOUR_MS);
    await engine.accept('me', {});
    engine.advance(HEALTH_LIMITS.idleMs - MINUTE_MS);
    expect(await codes()).toEqual([]);
    engine.advance(3 * MINUTE_MS);
    const { reasons } = await engine.core.health.check();
    expect(reasons).toMatchObject([{ code: 'NOTHING_PROCESSED', figures: { due: 1 } }]);
    await attemptAll('send');
    expect(await codes()).toEqual([]);
  });

  it('CORE-45 nothing processed: due means its instant has come, rung or not; what was cancelled is not due', async () => {
    const soon = new Date(engine.clock.now() + MINUTE_MS);
    const [delivery] = await engine.accept('me', { dueAt: soon });
    if (!delivery) throw new Error('nothing accepted');
    engine.advance(HEALTH_LIMITS.idleMs);
    expect(await codes()).toEqual([]);
    engine.advance(3 * MINUTE_MS);
    expect(await codes()).toEqual(['NOTHING_PROCESSED']);
    await engine.core.deliveries.cancel(ADMIN, delivery._id);
    expect(await codes()).toEqual([]);
  });

  it('CORE-45 a run is long, and then stuck, by the time since its window', async () => {
    const now = engine.clock.now();
    const window = { from: new Date(now + HOUR_MS), to: new Date(now + HOUR_MS + 5 * MINUTE_MS) };
    const begun = { owner: 'me', program: 'p', type: 'wave', occurrence: 'today', window };
    const { run } = await engine.core.runs.begin(begun);
    engine.advance(HOUR_MS + 44 * MINUTE_MS);
    expect(await codes()).toEqual([]);
    engine.advance(2 * MINUTE_MS);
    expect(await codes()).toEqual(['RUN_LONG']);
    engine.advance(15 * MINUTE_MS);
    expect(await codes()).toEqual(['RUN_STUCK']);
    await engine.core.runs.end(run._id, 'COMPLETED');
    expect(await codes()).toEqual([]);
  });

  it('CORE-45 a worker that is not heard of is silent; when there is no other, nothing is sent', async () => {
    await engine.alive('another');
    await engine.database
      .collection(Worker)
      .updateOne({ _id: 'worker' }, { $set: { seenAt: new Date(Date.now() - 12_000) } });
    expect(await codes()).toEqual(['WORKER_SILENT']);
    await engine.database.collection(Worker).updateOne({ _id: 'another' }, { $set: { status: 'STOPPED' } });
    expect(await codes()).toEqual(['NO_WORKER']);
  });

  it('CORE-22 CORE-45 workers without Redis, and with too much memory, say so from where they are', async () => {
    await say({});
    expect(await codes()).toEqual([]);
    await say({ tokens: 'MEMORY', rssBytes: 401 * MB });
    expect(await codes()).toEqual(['REDIS_AWAY', 'MEMORY']);
    await say({ tokens: 'MEMORY', memoryOnPurpose: true });
    expect(await codes()).toEqual([]);
  });

  it('CORE-24 CORE-27 CORE-45 breakers and stopped channels are told by channel', async () => {
    const { channelStates } = engine.core;
    for (let i = 0; i < 5; i++) await channelStates.failed('SMS', false);
    await channelStates.stop('WHATSAPP', 'HTTP_401');
    const { reasons } = await engine.core.health.check();
    expect(reasons).toMatchObject([
      { code: 'CHANNEL_STOPPED', subject: 'WHATSAPP', severity: 'CRITICAL' },
      { code: 'BREAKER_OPEN', subject: 'SMS' },
    ]);
    await channelStates.resume(ADMIN, 'SMS');
    await channelStates.resume(ADMIN, 'WHATSAPP');
    expect(await codes()).toEqual([]);
  });

  it('CORE-45 a real worker says how it does', async () => {
    const worker = engine.worker();
    await engine.core.events.start();
    await worker.start();
    const found = (await engine.core.workers.list()).find(({ id }) => id === worker.lease.id);
    await worker.stop();
    await engine.core.events.stop();
    expect(found).toMatchObject({
      pid: process.pid,
      report: { inFlight: 0, concurrency: 10, tokens: 'MEMORY' },
    });
    expect(found?.report?.rssBytes).toBeGreaterThan(10 * MB);
    expect(found?.report?.memoryLimitBytes).toBeGreaterThan(10 * MB);
    expect(found?.silentMs).toBeGreaterThanOrEqual(0);
    expect((await engine.core.workers.list()).map(({ id }) => id)).toEqual(['worker']);
  });
});

describe('MongoDB goes away', () => {
  it('CORE-45 that is the reason, within seconds', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'punctual-health-'));
    const { path: binary } = await findMongod({ dataDir: SERVER_CACHE });
    const mongod = await startEmbeddedMongod({ dataDir, binary, cacheSizeGb: 0.25, ephemeral: true });
    const other = await createTestEngine({ beside: { at: { uri: mongod.uri, name: 'health' } } });
    try {
      await other.alive('worker');
      expect(await codes(other)).toEqual([]);
      await mongod.stop();
      expect(await codes(other)).toEqual(['MONGODB_AWAY']);
      expect(other.errors).toHaveLength(1);
    } finally {
      await other.stop();
      await mongod.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  addDays,
  type Caller,
  type Core,
  Delivery,
  type DeliveryDoc,
  localDate,
  type Tier,
} from '../../src/core/index.js';
import { Advisor } from '../../src/programs/daily-content/advisor.entity.js';
import { Assignments } from '../../src/programs/daily-content/assignments.js';
import { planJob } from '../../src/programs/daily-content/jobs.js';
import { DailyContentRuntime } from '../../src/programs/daily-content/runtime.js';
import { Waves } from '../../src/programs/daily-content/wave.js';
import { callerOf } from '../support/engine.js';
import { startSystem } from '../support/system.js';

let system: Awaited<ReturnType<typeof startSystem>>;
let core: Core;
let program: DailyContentRuntime;

beforeAll(async () => {
  system = await startSystem({});
  core = system.core;
  const running = system.programs.get('daily-content');
  if (!(running instanceof DailyContentRuntime)) throw new Error('daily-content is not running');
  program = running;
});

afterAll(() => system.stop());

/** A worker that is not told to end. */
const NEVER = new AbortController().signal;
const tomorrow = (): string => addDays(localDate(core.clock.now(), 'Asia/Kolkata'), 1);

/** Numbers that are set aside for fiction. */
const phone = (number: number): string => `+120255501${String(number % 100).padStart(2, '0')}`;

/** Advisors `PRO-0`, `PRO-1`, ... of an owner of the test's own, and a default content for tomorrow. */
async function seed(owner: string, sizes: Partial<Record<Tier, number>>, withDefault = true): Promise<void> {
  const inputs = Object.entries(sizes).flatMap(([tier, size]) =>
    Array.from({ length: size }, (_, i) => ({
      externalId: `${tier}-${i}`,
      name: `${tier} ${i}`,
      phone: phone(i),
      tier,
    })),
  );
  expect(await program.advisors.upsert(owner, inputs)).toMatchObject({
    inserted: inputs.length,
    refused: [],
  });
  const components = [{ type: 'body', parameters: [{ type: 'text', text: '{{name}}' }] }];
  const content = { externalId: 'tip', template: 'daily_tip', language: 'en', components };
  expect(await program.contents.upsert(owner, [content])).toMatchObject({ inserted: 1, refused: [] });
  if (withDefault)
    await program.assignments.assign(owner, { date: tomorrow(), content: 'tip', advisors: null });
}

function deliveriesOf(owner: string): Promise<DeliveryDoc[]> {
  return core.database.collection(Delivery).find({ owner }).sort({ _id: 1 }).toArray();
}

function viewer(owner: string): Caller {
  return callerOf(owner, 'VIEWER');
}

/** A zone in which it is about noon, so that a day's beginning and end are far. */
function zoneAtNoon(): string {
  const ahead = 12 - new Date(core.clock.now()).getUTCHours();
  return ahead === 0 ? 'Etc/GMT' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}

describe('a wave', () => {
  it('DC-1 DC-2 gives each advisor one delivery in the window, PRO first, and planning twice changes nothing', async () => {
    const owner = 'wave-twice';
    await seed(owner, { PRO: 120, STANDARD: 1_100, FREE: 180 });
    const first = await program.waves.schedule(owner, { date: tomorrow() });
    expect(first).toMatchObject({ scheduled: 1_400, alreadyPlanned: 0, skipped: 0, failed: 0, remarks: [] });
    expect(first.run).toMatchObject({
      owner,
      occurrence: tomorrow(),
      status: 'RUNNING',
      scheduled: 1_400,
      skipped: 0,
      failed: 0,
    });

    const planned = await deliveriesOf(owner);
    expect(planned).toHaveLength(1_400);
    const bounds = (tier: Tier): [number, number] => {
      const instants = planned.filter((d) => d.tier === tier).map((d) => d.dueAt.getTime());
      return [Math.min(...instants), Math.max(...instants)];
    };
    const [pro, standard, free] = [bounds('PRO'), bounds('STANDARD'), bounds('FREE')];
    expect(pro[0]).toBeGreaterThanOrEqual(Date.parse(`${tomorrow()}T05:59:30+05:30`));
    expect(standard[0]).toBeGreaterThan(pro[1]);
    expect(free[0]).toBeGreaterThan(standard[1]);
    expect(free[1]).toBeLessThan(Date.parse(`${tomorrow()}T06:04:30+05:30`));
    expect(planned[0]).toMatchObject({
      state: 'SCHEDULED',
      queue: 'content-delivery',
      channel: 'WHATSAPP',
      program: 'daily-content',
      period: tomorrow(),
      run: first.run._id,
      expiresAt: new Date(`${addDays(tomorrow(), 1)}T00:00:00+05:30`),
      maxAttempts: 4,
      content: {
        kind: 'TEMPLATE',
        name: 'daily_tip',
        components: [{ type: 'body', parameters: [{ type: 'text', text: 'PRO 0' }] }],
      },
      metadata: { advisor: 'PRO-0', content: 'tip', date: tomorrow() },
    });

    const second = await program.waves.schedule(owner, { date: tomorrow() });
    expect(second).toMatchObject({ scheduled: 0, alreadyPlanned: 1_400, skipped: 0, failed: 0 });
    expect(second.run).toEqual(first.run);
    expect(await deliveriesOf(owner)).toEqual(planned);
  });

  it('DC-2 CORE-3 planners at the same time make each delivery once, and one run with its figures', async () => {
    const owner = 'wave-race';
    await seed(owner, { PRO: 100, STANDARD: 300, FREE: 100 });
    await program.advisors.upsert(owner, [
      { externalId: 'PRO-7', name: 'PRO 7', phone: phone(7), active: false },
    ]);
    const reports = await Promise.all(
      [1, 2, 3, 4].map(() => program.waves.schedule(owner, { date: tomorrow() })),
    );
    expect(reports.reduce((sum, report) => sum + report.scheduled, 0)).toBe(499);
    for (const report of reports) {
      expect(report.scheduled + report.alreadyPlanned).toBe(499);
      expect(report).toMatchObject({ skipped: 1, failed: 0, run: { _id: reports[0]?.run._id } });
    }
    const subjects = (await deliveriesOf(owner)).map((delivery) => delivery.subject);
    expect([subjects.length, new Set(subjects).size]).toEqual([499, 499]);
    const run = await core.runs.findOccurrence(viewer(owner), 'daily-content', 'wave', tomorrow());
    expect(run).toMatchObject({ scheduled: 499, skipped: 1, failed: 0 });
    expect(run?.remarks).toEqual([
      { subject: 'PRO-7', code: 'INACTIVE', message: 'the advisor is not active' },
    ]);
  });

  it('DC-2 says who was skipped or failed, and why; planning again adds what has become possible, and nothing else', async () => {
    const owner = 'wave-reasons';
    await seed(owner, { PRO: 4, STANDARD: 2 }, false);
    await program.advisors.upsert(owner, [
      { externalId: 'PRO-1', name: 'PRO 1', phone: phone(1), active: false },
      { externalId: 'PRO-2', name: 'PRO 2', phone: phone(2), optedOut: true },
    ]);
    // A number that was good when it was stored, and that the channel takes no more.
    await core.database
      .collection(Advisor)
      .updateOne({ owner, externalId: 'PRO-3' }, { $set: { phone: '+10' } });
    await program.assignments.assign(owner, {
      date: tomorrow(),
      content: 'tip',
      advisors: ['PRO-0', 'PRO-3'],
    });

    const first = await program.waves.schedule(owner, { date: tomorrow() });
    expect(first).toMatchObject({ scheduled: 1, alreadyPlanned: 0, skipped: 4, failed: 1 });
    expect(first.remarks.map(({ subject, code }) => `${subject} ${code}`).sort()).toEqual([
      'PRO-1 INACTIVE',
      'PRO-2 OPTED_OUT',
      'PRO-3 VALIDATION_ERROR',
      'STANDARD-0 NO_CONTENT',
      'STANDARD-1 NO_CONTENT',
    ]);
    expect(first.run.remarks).toHaveLength(5);
    const [before] = await deliveriesOf(owner);

    await program.assignments.assign(owner, { date: tomorrow(), content: 'tip', advisors: null });
    await program.advisors.upsert(owner, [{ externalId: 'late', name: 'Late', phone: phone(9) }]);
    const second = await program.waves.schedule(owner, { date: tomorrow() });
    expect(second).toMatchObject({ scheduled: 3, alreadyPlanned: 1, skipped: 2, failed: 1 });
    expect(second.run).toMatchObject({ _id: first.run._id, scheduled: 4, skipped: 2, failed: 1 });
    expect(second.run.remarks).toEqual(first.run.remarks);
    expect((await deliveriesOf(owner))[0]).toEqual(before);
  });

  it('DC-2 who goes on after a crash lays the wave out as it was begun', async () => {
    const owner = 'wave-crash';
    await seed(owner, { PRO: 30, STANDARD: 60 });
    const whole = await program.waves.schedule(owner, { date: tomorrow() });
    const planned = await deliveriesOf(owner);
    // As after a crash in the middle: half of the deliveries were never written, and meanwhile advisors came.
    const lost = planned.filter((_, i) => i % 2 === 1).map((delivery) => delivery._id);
    await core.database.collection(Delivery).deleteMany({ _id: { $in: lost } });
    await program.advisors.upsert(owner, [
      { externalId: 'late', name: 'Late', phone: phone(9), tier: 'PRO' },
    ]);
    const again = await program.waves.schedule(owner, { date: tomorrow() });
    expect(again).toMatchObject({ scheduled: lost.length + 1, alreadyPlanned: planned.length - lost.length });
    expect(again.wave.sizes).toEqual(whole.wave.sizes);
    const instants = (list: DeliveryDoc[]): unknown =>
      Object.fromEntries(list.map((d) => [d.subject, d.dueAt.getTime()]));
    expect(instants(await deliveriesOf(owner))).toMatchObject(instants(planned) as Record<string, unknown>);
  });

  it('DC-2 a wave at an instant of its own stands beside the wave of the day', async () => {
    const owner = 'wave-own';
    await seed(owner, { PRO: 3, FREE: 2 });
    await program.waves.schedule(owner, { date: tomorrow() });
    const at = Date.parse(`${tomorrow()}T10:15:00+05:30`);
    const own = await program.waves.schedule(owner, { at, beforeMs: 0, afterMs: 30_000 });
    expect(own).toMatchObject({
      scheduled: 5,
      alreadyPlanned: 0,
      wave: { occurrence: `${tomorrow()}T101500`, date: tomorrow() },
    });
    const periods = (await deliveriesOf(owner)).map((delivery) => delivery.period);
    expect(
      Object.values(Object.groupBy(periods, (period) => String(period))).map((group) => group?.length),
    ).toEqual([5, 5]);
    expect(await program.waves.schedule(owner, { at, beforeMs: 0, afterMs: 30_000 })).toMatchObject({
      scheduled: 0,
      alreadyPlanned: 5,
    });
  });

  it('CORE-14 CORE-41 planned after its window it is sent at once, as late as it is; planned after its day it is refused', async () => {
    const owner = 'wave-late';
    await seed(owner, { PRO: 2, STANDARD: 3 }, false);
    const timezone = zoneAtNoon();
    const today = localDate(core.clock.now(), timezone);
    const assignments = new Assignments(core, program.advisors, program.contents, timezone);
    await assignments.assign(owner, { date: today, content: 'tip', advisors: null });
    const times = { timezone, sendAt: '02:00', jitterBeforeMs: 0, jitterAfterMs: 60_000 };
    const late = new Waves(core, assignments, times);
    const planned = await late.schedule(owner, { date: today });
    expect(planned).toMatchObject({
      scheduled: 5,
      skipped: 0,
      failed: 0,
    });
    for (const { dueAt, state } of await deliveriesOf(owner)) {
      // What was promised stays promised: the lateness is to show.
      expect(localDate(dueAt.getTime(), timezone)).toBe(today);
      expect(dueAt.getTime()).toBeLessThan(core.clock.now() - 3_600_000);
      expect(state).not.toBe('SCHEDULED');
    }
    expect(await late.schedule(owner, { date: today })).toMatchObject({ scheduled: 0, alreadyPlanned: 5 });
    await expect(late.schedule(owner, { date: addDays(today, -1) })).rejects.toMatchObject({
      code: 'INVALID_SCHEDULED_TIME',
      path: 'date',
    });
  });

  it('DC-2 a wave whose run was cancelled is not planned any further, by hand or by itself', async () => {
    const owner = 'wave-cancelled';
    await seed(owner, { PRO: 2 });
    const date = tomorrow();
    const { run } = await program.waves.schedule(owner, { date });
    const operator: Caller = { ...viewer(owner), role: 'OPERATOR' };
    expect((await core.bulk.cancelRun(operator, run._id)).cancelling).toMatchObject({ changed: 2 });
    await program.advisors.upsert(owner, [{ externalId: 'late', name: 'Late', phone: phone(9) }]);
    await expect(program.waves.schedule(owner, { date })).rejects.toMatchObject({
      code: 'INVALID_OPERATION',
    });
    const times = { owner, timezone: 'Asia/Kolkata', planAt: '00:00', sendAt: '00:00' };
    const cancelledWaves = {
      schedule: (by: string) => program.waves.schedule(by, { date }),
    };
    await planJob(core, cancelledWaves, { ...times, jitterBeforeMs: 0, jitterAfterMs: 0 }).run(0, NEVER);
    expect((await deliveriesOf(owner)).map(({ state }) => state)).toEqual(['CANCELLED', 'CANCELLED']);
  });

  it('CORE-5 an owner plans and sees its own advisors and waves only', async () => {
    await seed('wave-mine', { PRO: 2 });
    await seed('wave-yours', { PRO: 3 });
    const { wave } = await program.waves.schedule('wave-mine', { date: tomorrow() });
    expect(await deliveriesOf('wave-mine')).toHaveLength(2);
    expect(await deliveriesOf('wave-yours')).toHaveLength(0);
    expect(await program.waves.ofOccurrence('wave-yours', tomorrow())).toBeNull();
    expect(await program.waves.find(viewer('wave-yours'), wave._id)).toBeNull();
    expect(await program.waves.find(viewer('wave-mine'), wave._id)).toEqual({
      ...wave,
      figures: { scheduled: 2, skipped: 0, failed: 0 },
    });
    await expect(
      program.assignments.assign('wave-nobody', { date: tomorrow(), content: 'tip', advisors: null }),
    ).rejects.toMatchObject({ code: 'CONTENT_NOT_FOUND' });
  });
});

describe('the job that plans by itself', () => {
  it('DC-2 plans the wave of its date for its owner, and running again changes nothing', async () => {
    const owner = 'wave-job';
    await seed(owner, { PRO: 2, STANDARD: 2 });
    // At about noon in the job's zone, the last planning was at 11:00, for the wave of the date after.
    const timezone = zoneAtNoon();
    const times = {
      owner,
      timezone,
      planAt: '11:00',
      sendAt: '10:00',
      jitterBeforeMs: 0,
      jitterAfterMs: 1_000,
    };
    const job = planJob(core, new Waves(core, program.assignments, times), times);
    const date = addDays(localDate(core.clock.now(), timezone), 1);
    await program.assignments.assign(owner, { date, content: 'tip', advisors: null });
    await job.run(core.clock.now(), NEVER);
    await job.run(core.clock.now(), NEVER);
    const periods = (await deliveriesOf(owner)).map((delivery) => delivery.period);
    expect(periods).toEqual([date, date, date, date]);
    expect(job.next(core.clock.now())).toBeGreaterThan(core.clock.now());
  });
});

describe('sending at once', () => {
  it('DC-3 CORE-3 reaches each advisor of a list, once for a key', async () => {
    const owner = 'immediate';
    await seed(owner, { PRO: 3 });
    await program.advisors.upsert(owner, [
      { externalId: 'PRO-1', name: 'PRO 1', phone: phone(1), optedOut: true },
    ]);
    const request = {
      content: 'tip',
      advisors: ['PRO-0', 'PRO-1', 'nobody', 'PRO-2', 'PRO-0'],
      idempotencyKey: 'launch',
    };
    const first = await program.immediate.send(owner, request);
    expect(first.deliveries.map((delivery) => delivery.metadata?.['advisor'])).toEqual(['PRO-0', 'PRO-2']);
    expect(first.deliveries[0]).toMatchObject({ state: 'QUEUED', priority: 'HIGH', subject: null });
    expect(first.refused.map(({ index, error }) => [index, error.code])).toEqual([
      [1, 'INVALID_OPERATION'],
      [2, 'ADVISOR_NOT_FOUND'],
    ]);
    const again = await program.immediate.send(owner, request);
    expect(again.deliveries.map(({ _id }) => _id)).toEqual(first.deliveries.map(({ _id }) => _id));
    await expect(program.immediate.send(owner, { ...request, content: 'none' })).rejects.toMatchObject({
      code: 'CONTENT_NOT_FOUND',
    });
    await expect(program.immediate.send('stranger', request)).rejects.toMatchObject({
      code: 'CONTENT_NOT_FOUND',
    });
  });
});

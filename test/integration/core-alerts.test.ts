import { setImmediate, setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ObjectId } from '@mikro-orm/mongodb';
import type { AlertDoc } from '../../src/core/alerts/alert.entity.js';
import { Alerts, type Condition } from '../../src/core/alerts/alerts.js';
import { Notice } from '../../src/core/alerts/notice.entity.js';
import { Event } from '../../src/core/events/event.entity.js';
import { Watch, type WatchParts, WatchTurn } from '../../src/core/watch.js';
import { ADMIN, createTestEngine, TARGET_LATENESS_MS, type TestEngine } from '../support/engine.js';
import { until } from '../support/until.js';

const CONDITION: Condition = {
  key: 'test|one',
  severity: 'WARNING',
  source: 'test',
  message: 'something is wrong',
  figures: { count: 1 },
};

let engine: TestEngine;
let second: TestEngine;

beforeAll(async () => {
  engine = await createTestEngine();
  second = await createTestEngine({ beside: engine });
});
afterEach(() => engine.clear());
afterAll(async () => {
  await second.stop();
  await engine.stop();
});

const TARGETS = [{ kind: 'EMAIL', to: 'ops@example.com' }] as const;

/** Alerts of a process of its own. @param clearAfterMs a condition is over when it has been gone for so long */
function alertsOf(of: TestEngine, clearAfterMs = 0): Alerts {
  return new Alerts(of.database, of.clock, of.recorder(), TARGETS, clearAfterMs);
}

const all = async (alerts: Alerts): Promise<AlertDoc[]> => (await alerts.list({}, { first: 100 })).items;

async function told(): Promise<string[]> {
  const events = await engine.database
    .collection(Event)
    .find({ type: /^alert\./ })
    .sort({ _id: 1 })
    .toArray();
  return events.map(({ type }) => type);
}

describe('alerts', () => {
  it('CORE-42 the same condition is one alert, whoever and however many see it, and is told once', async () => {
    const [one, other] = [alertsOf(engine), alertsOf(second)];
    await Promise.all([one.sync([CONDITION]), other.sync([CONDITION]), one.sync([CONDITION])]);
    await other.sync([{ ...CONDITION, figures: { count: 2 } }]);
    expect(await all(one)).toMatchObject([{ key: 'test|one', state: 'OPEN' }]);
    expect(await told()).toEqual(['alert.opened']);
    expect(await engine.database.collection(Notice).countDocuments()).toBe(1);
  });

  it('CORE-42 is resolved when its condition is gone, and another one opens when it comes back', async () => {
    const alerts = alertsOf(engine);
    await alerts.sync([CONDITION]);
    await alerts.sync([]);
    await alerts.sync([CONDITION]);
    expect((await all(alerts)).map(({ state, resolvedBy }) => [state, resolvedBy])).toEqual([
      ['OPEN', null],
      ['RESOLVED', null],
    ]);
    expect(await told()).toEqual(['alert.opened', 'alert.resolved', 'alert.opened']);
    expect(await engine.database.collection(Notice).distinct('change')).toEqual(['OPENED', 'RESOLVED']);
  });

  it('CORE-42 a condition that flickers is one alert', async () => {
    const alerts = alertsOf(engine, 60_000);
    for (const conditions of [[CONDITION], [], [CONDITION], [], [CONDITION]]) await alerts.sync(conditions);
    expect(await told()).toEqual(['alert.opened']);
  });

  it('CORE-42 a condition that came back while another process kept watch is not over for one that looks afresh', async () => {
    const [one, other] = [alertsOf(engine, 100), alertsOf(second, 100)];
    await one.sync([CONDITION]);
    await one.sync([]);
    await other.sync([CONDITION]);
    await setTimeout(110);
    one.lookAfresh();
    await one.sync([]);
    expect(await told()).toEqual(['alert.opened']);
  });

  it('CORE-42 is told again when it becomes worse, and not when it becomes better', async () => {
    const alerts = alertsOf(engine);
    for (const severity of ['WARNING', 'CRITICAL', 'WARNING'] as const)
      await alerts.sync([{ ...CONDITION, severity }]);
    expect(await all(alerts)).toMatchObject([{ severity: 'CRITICAL' }]);
    expect(await told()).toEqual(['alert.opened', 'alert.updated']);
  });

  it('CORE-42 is acknowledged once, and settled by hand until its condition is gone', async () => {
    const alerts = alertsOf(engine);
    await alerts.sync([CONDITION]);
    const [{ _id }] = (await all(alerts)) as [AlertDoc];
    expect(await alerts.acknowledge(ADMIN, _id)).toMatchObject({
      state: 'ACKNOWLEDGED',
      acknowledgedBy: 'admin',
    });
    expect(await alerts.acknowledge(ADMIN, _id)).toMatchObject({ state: 'ACKNOWLEDGED' });
    await alerts.sync([CONDITION]);
    expect(await alerts.resolve(ADMIN, _id)).toMatchObject({ state: 'RESOLVED', resolvedBy: 'admin' });
    await alerts.sync([CONDITION]);
    await expect(alerts.acknowledge(ADMIN, _id)).rejects.toMatchObject({ code: 'INVALID_OPERATION' });
    expect(await all(alerts)).toHaveLength(1);
    await alerts.sync([]);
    await alerts.sync([CONDITION]);
    expect(await all(alerts)).toHaveLength(2);
    expect(await told()).toEqual(['alert.opened', 'alert.acknowledged', 'alert.resolved', 'alert.opened']);
  });

  it('API-10 an unknown id is answered as such', async () => {
    const alerts = alertsOf(engine);
    await expect(alerts.resolve(ADMIN, new ObjectId())).rejects.toMatchObject({ code: 'ALERT_NOT_FOUND' });
    await expect(alerts.acknowledge(ADMIN, new ObjectId())).rejects.toMatchObject({
      code: 'ALERT_NOT_FOUND',
    });
  });
});

describe('the watch', () => {
  /** One of its own, with parts that do as they are told. */
  function watchOf(of: TestEngine, own: Partial<WatchParts>): Watch {
    const { sla, violations, alerts, health, rollUp } = of.core;
    const notices = { sendDue: () => Promise.resolve(), stop: () => Promise.resolve() };
    const onError = (error: unknown): void => void of.errors.push(error);
    const { database, clock } = of;
    return new Watch({ database, clock, sla, violations, alerts, health, notices, rollUp, onError, ...own });
  }

  it('CORE-43 does not wait for a roll-up, nor for a look that goes wrong before notices go out', async () => {
    const rolledUp = Promise.withResolvers<{ hours: number; days: number }>();
    let sent = 0;
    const watch = watchOf(engine, {
      sla: { report: () => Promise.reject(new Error('cannot be told')) },
      notices: {
        sendDue: () => {
          sent++;
          return Promise.resolve();
        },
        stop: () => Promise.resolve(),
      },
      rollUp: { run: () => rolledUp.promise },
    });
    await watch.look();
    await watch.look();
    expect(sent).toBe(2);
    expect(engine.errors).toHaveLength(2);
    let stopped = false;
    const stopping = watch.stop().then(() => (stopped = true));
    await setImmediate();
    expect(stopped).toBe(false);
    rolledUp.resolve({ hours: 0, days: 0 });
    await stopping;
    engine.errors.length = 0;
  });

  it('CORE-42 what was seen gone in an earlier turn counts for nothing in the next one', async () => {
    const alerts = alertsOf(engine, 100);
    const [one, other] = [watchOf(engine, { alerts }), watchOf(second, { alerts: alertsOf(second, 100) })];
    await alerts.sync([CONDITION]);
    // One sees that it is gone, and loses its turn.
    await one.look();
    second.advance(60_000);
    await other.look();
    await setTimeout(110);
    engine.advance(120_000);
    await one.look();
    const test = (await all(alerts)).find(({ key }) => key === CONDITION.key);
    expect(test?.state).toBe('OPEN');
    await other.stop();
    await one.stop();
    second.clock.setOffset(0);
  });

  it('CORE-41 CORE-42 without any worker, what is due and not sent opens a violation and an alert, from one process', async () => {
    await engine.accept('owner', {});
    engine.advance(TARGET_LATENESS_MS + 3_000);
    second.advance(TARGET_LATENESS_MS + 3_000);
    const keys = await until(async () => {
      await Promise.all([engine.core.watch.look(), second.core.watch.look()]);
      const { items } = await engine.core.alerts.list({ states: ['OPEN'] }, { first: 100 });
      const open = items.map(({ key }) => key);
      return open.includes('sla.late|default') && open;
    });
    expect(keys).toContain('health.no_worker|');
    expect(await engine.core.violations.open()).toHaveLength(1);
    const turns = await engine.database.collection(WatchTurn).find().toArray();
    expect(turns).toHaveLength(1);
    // Whoever leaves in order gives its turn back at once.
    await engine.core.watch.stop();
    await second.core.watch.stop();
    expect(await engine.database.collection(WatchTurn).countDocuments()).toBe(0);
    expect([...engine.errors, ...second.errors]).toEqual([]);
  });
});

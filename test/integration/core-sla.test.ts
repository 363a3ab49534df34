import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import { Worker } from '../../src/core/dispatch/worker.entity.js';
import { Event } from '../../src/core/events/event.entity.js';
import { Tally } from '../../src/core/stats/tally.entity.js';
import { judgedBetween, Promises } from '../../src/core/sla/promises.js';
import { type Offender, SlaViolation } from '../../src/core/sla/violation.entity.js';
import { Offenders } from '../../src/core/sla/offenders.js';
import type { SlaPolicy } from '../../src/core/delivery/sla-policy.js';
import type { Standing } from '../../src/core/sla/standing.js';
import {
  ADMIN,
  createTestEngine,
  TARGET_LATENESS_MS,
  TEST_POLICIES,
  type TestEngine,
} from '../support/engine.js';
import { deliveryDoc } from '../support/delivery-doc.js';
import { type End, ended } from '../support/ended-attempt.js';
import { until } from '../support/until.js';

/** A second is judged when it is over and what was accepted in it has had time to be written. */
const JUDGED_MS = 3_000;

let engine: TestEngine;
let second: TestEngine;

beforeAll(async () => {
  engine = await createTestEngine();
  second = await createTestEngine({ beside: engine });
});
beforeEach(() => engine.alive('w'));
afterEach(() => engine.clear());
afterAll(async () => {
  await second.stop();
  await engine.stop();
});

/** How the policy over everything stands, looked at anew. */
async function whole(of = engine): Promise<Standing> {
  const before = (await of.core.sla.report()).at;
  const report = await until(async () => {
    const next = await of.core.sla.report();
    return next.at === before ? null : next;
  });
  return report.standings[0];
}

async function send(deliveries: readonly DeliveryDoc[], end: End = 'send', latenessMs = 10): Promise<void> {
  const { claimed } = await engine.claimer.claim({ queue: 'q', channel: 'WHATSAPP' }, 'w', 1_000, null);
  const mine = claimed.filter(({ _id }) => deliveries.some((d) => d._id.equals(_id)));
  await engine.writer.write(
    'w',
    mine.map((delivery) => ended(delivery, end, latenessMs)),
  );
}

describe('the SLA, measured', () => {
  it('CORE-41 a dead dispatcher is LATE at the deadline, seen by whoever looks, and back when what is due is sent', async () => {
    const due = await engine.accept('owner', {}, {}, {});
    engine.advance(JUDGED_MS);
    expect(await whole()).toMatchObject({ status: 'ON_TIME', waiting: 3, overdue: 0, rate: null });
    engine.advance(TARGET_LATENESS_MS);
    expect(await whole()).toMatchObject({ status: 'LATE', waiting: 0, overdue: 3, good: 0, bad: 3, rate: 0 });
    await send(due, 'send', TARGET_LATENESS_MS + JUDGED_MS);
    expect(await whole()).toMatchObject({ status: 'LATE', overdue: 0, bad: 3 });
    // Past the window nothing is left of it.
    engine.advance(300_000 + JUDGED_MS);
    expect(await whole()).toMatchObject({ status: 'QUIET', good: 0, bad: 0, rate: null });
  });

  it('CORE-40 what is accepted in time is good at once, what fails is bad at once, and each is judged once', async () => {
    const good = await engine.accept('owner', {}, {}, {}, {});
    await send(good);
    const bad = await engine.accept('other', {});
    await send(bad, 'fail');
    engine.advance(JUDGED_MS);
    expect(await whole()).toMatchObject({ status: 'LATE', good: 4, bad: 1, rate: 0.8, overdue: 0 });
    engine.advance(TARGET_LATENESS_MS);
    expect(await whole()).toMatchObject({ good: 4, bad: 1 });
  });

  it('CORE-40 the window moves by the second', async () => {
    await send(await engine.accept('owner', {}));
    engine.advance(JUDGED_MS);
    // Minutes that are over are kept: this one has not looked at those of other tests, which went ahead in time.
    const fresh = await createTestEngine({ beside: engine });
    fresh.advance(JUDGED_MS);
    const { good, window } = await whole(fresh);
    expect(good).toBe(1);
    const sentAt = (await engine.attempts.findOne({}))?.endedAt.getTime() ?? 0;
    // To the last seconds in which it is inside, and to those in which it is not.
    fresh.advance(sentAt - window.from - 3_000);
    expect((await whole(fresh)).good).toBe(1);
    fresh.advance(6_000);
    expect((await whole(fresh)).good).toBe(0);
    await fresh.stop();
  });

  it('CORE-41 what is cancelled or moved before its deadline is not held against anybody', async () => {
    const [cancelled, moved] = await engine.accept('owner', {}, {});
    if (!cancelled || !moved) throw new Error('not accepted');
    const caller = {
      owner: 'owner',
      role: 'MANAGER',
      scopes: null,
      credential: 'key:x',
      expiresAt: null,
    } as const;
    await engine.core.deliveries.cancel(caller, cancelled._id);
    await engine.core.deliveries.reschedule(caller, moved._id, new Date(engine.clock.now() + 3_600_000));
    engine.advance(TARGET_LATENESS_MS + JUDGED_MS);
    expect(await whole()).toMatchObject({ status: 'QUIET', good: 0, bad: 0, overdue: 0 });
    engine.advance(3_600_000);
    expect(await whole()).toMatchObject({ status: 'LATE', bad: 1, overdue: 1 });
  });

  it('CORE-41 warns before a deadline is missed: nobody is there to send what is due soon', async () => {
    await engine.database.collection(Worker).deleteMany({});
    await engine.accept('owner', { dueAt: new Date(engine.clock.now() + 10_000) });
    const { status, reasons, finish, dueSoon } = await whole();
    expect({ status, finish, dueSoon }).toEqual({ status: 'AT_RISK', finish: null, dueSoon: 1 });
    expect(reasons).toContain('No worker is alive.');
  });
});

describe('what was promised and judged', () => {
  const judged = async (promises: Promises): Promise<{ good: number; bad: number }> => {
    const now = engine.clock.now();
    return judgedBetween(await promises.between(now - 3_600_000, now), now - 3_600_000, now);
  };

  it('CORE-40 what settles a minute that was over long ago is seen, within as many looks as there are minutes', async () => {
    const [delivery] = await engine.accept('owner', {});
    const claimed = await second.claimer.claim({ queue: 'q', channel: 'WHATSAPP' }, 'w', 1, null);
    engine.advance(TARGET_LATENESS_MS + 300_000);
    const promises = new Promises(engine.database, engine.clock);
    expect(await judged(promises)).toEqual({ good: 0, bad: 1 });
    // The outcome waited until MongoDB was back.
    expect(claimed.claimed[0]?._id).toEqual(delivery?._id);
    await second.writer.write(
      'w',
      claimed.claimed.map((one) => ended(one, 'send', 10)),
    );
    for (let look = 0; look < 61; look++) await judged(promises);
    expect(await judged(promises)).toEqual({ good: 1, bad: 0 });
  });

  it('CORE-41 CORE-46 a report on a try in time judges nothing anew that was revived past its deadline', async () => {
    const [delivery] = await engine.accept('owner', {});
    if (!delivery) throw new Error('not accepted');
    await send([delivery], 'unknown');
    const at = new Date(engine.clock.now());
    engine.advance(TARGET_LATENESS_MS + JUDGED_MS);
    await engine.core.bulk.retryFailed(ADMIN, {}, { dryRun: false, limit: 1 });
    await engine.core.receipts.apply([
      { key: delivery._id.toHexString(), messageId: null, kind: 'SENT', at },
    ]);
    expect((await engine.read(delivery)).state).toBe('SENT');
    expect(await judged(new Promises(engine.database, engine.clock))).toEqual({ good: 0, bad: 1 });
  });

  it('CORE-40 minutes that were over by a clock that was ahead are read again when they are', async () => {
    const promises = new Promises(engine.database, engine.clock);
    engine.advance(600_000);
    expect(await judged(promises)).toEqual({ good: 0, bad: 0 });
    engine.clock.setOffset(0);
    await send(await engine.accept('owner', {}));
    expect(await judged(promises)).toEqual({ good: 1, bad: 0 });
    engine.advance(300_000);
    expect(await judged(promises)).toEqual({ good: 1, bad: 0 });
  });

  it('CORE-41 what is rerouted is expected of the channel that it goes through now', async () => {
    await engine.accept('owner', {
      fallback: [{ channel: 'SMS', to: '+12025550109', content: { kind: 'TEXT', text: 'hi' } }],
    });
    await engine.rerouter.reroute({ queue: 'q', channel: 'WHATSAPP' });
    await whole();
    const { departures } = (await engine.core.sla.report()).outlook;
    expect(departures.map(({ of, count }) => [of.channel, count])).toEqual([['SMS', 1]]);
  });

  it('CORE-41 a queue or a channel that is not configured any more keeps nobody from telling how things stand', async () => {
    const deadlineAt = new Date(engine.clock.now() + TARGET_LATENESS_MS);
    const gone = deliveryDoc({ queue: 'gone', deadlineAt });
    const voice = deliveryDoc({ channel: 'VOICE', deadlineAt });
    await engine.deliveries.insertMany([gone, voice]);
    await engine.database.transaction((session) =>
      engine.recorder().record(
        session,
        [gone, voice].map((delivery) => ({ delivery, from: null, to: 'QUEUED' })),
      ),
    );
    expect(await whole()).toMatchObject({ status: 'AT_RISK', waiting: 2, expectedMisses: 2, finish: null });
    engine.advance(TARGET_LATENESS_MS + JUDGED_MS);
    expect(await whole()).toMatchObject({ status: 'LATE', bad: 2, overdue: 1 });
  });
});

describe('the outlook', () => {
  it('CORE-41 counts every promise ahead, second by second, whatever the minute and however short the window', async () => {
    const start = engine.clock.now();
    await engine.accept(
      'owner',
      ...Array.from({ length: 90 }, (_, i) => ({ dueAt: new Date(start + 5_000 + i * 1_000) })),
    );
    // The target lateness is a minute: over two minutes each instant of a minute is met.
    for (let at = 0; at < 120; at += 7) {
      const fresh = await createTestEngine({ beside: engine });
      fresh.advance(at * 1_000);
      const { waiting, dueSoon, overdue, window } = (await fresh.core.sla.report()).standings[0];
      const now = fresh.clock.now();
      const dues = Array.from({ length: 90 }, (_, i) => Math.floor(start) + 5_000 + i * 1_000);
      const ahead = dues.filter((due) => due > now && due <= now + TARGET_LATENESS_MS).length;
      // A deadline counts by its second: one on the edge may be on either side of it.
      expect(Math.abs(dueSoon - ahead)).toBeLessThanOrEqual(2);
      const open = dues.filter((due) => due <= now && due + TARGET_LATENESS_MS > now).length;
      expect(Math.abs(waiting - open)).toBeLessThanOrEqual(2);
      expect(overdue).toBeLessThanOrEqual(90);
      expect(window.to - window.from).toBe(300_000);
      await fresh.stop();
    }
  });
});

describe('violations', () => {
  const types = async (): Promise<string[]> =>
    (
      await engine.database
        .collection(Event)
        .find({ type: /^sla\./ })
        .sort({ _id: 1 })
        .toArray()
    ).map(({ type }) => type);
  const look = async (): Promise<void> => {
    await whole();
    const { standings } = await engine.core.sla.report();
    await Promise.all([engine.core.violations.apply(standings), second.core.violations.apply(standings)]);
  };

  it('CORE-41 opens once, whoever and however many look, tells the worst, and closes', async () => {
    const [late] = await engine.accept('owner', {}, {});
    engine.advance(TARGET_LATENESS_MS + JUDGED_MS);
    await look();
    await look();
    const [open, ...others] = await engine.core.violations.open();
    expect(others).toEqual([]);
    expect(open).toMatchObject({ policy: 'default', severity: 'CRITICAL', rate: 0, bad: 2, closedAt: null });
    expect(open?.offenders.map(({ delivery }) => delivery.toHexString())).toContain(late?._id.toHexString());
    engine.advance(300_000 + JUDGED_MS);
    await look();
    expect(await engine.core.violations.open()).toEqual([]);
    expect(await types()).toEqual(['sla.violation_opened', 'sla.violation_closed']);
    expect(await engine.database.collection(SlaViolation).findOne({})).toMatchObject({
      worstRate: 0,
      openPolicy: null,
    });
  });

  it('CORE-41 the worst rate is that of all looks, those too that were no news', async () => {
    await send(await engine.accept('owner', ...Array.from({ length: 50 }, () => ({}))), 'fail');
    await send(await engine.accept('owner', ...Array.from({ length: 50 }, () => ({}))));
    engine.advance(JUDGED_MS);
    await whole();
    const { standings } = await engine.core.sla.report();
    await engine.core.violations.apply(standings);
    const worse = standings.map((standing) => ({ ...standing, rate: 0.25, good: 25, bad: 75 }));
    await engine.core.violations.apply(worse);
    await engine.core.violations.apply(standings);
    expect((await engine.core.violations.open())[0]).toMatchObject({ rate: 0.5, worstRate: 0.25 });
  });

  it('CORE-41 is told anew when it becomes worse', async () => {
    const good = await engine.accept('owner', ...Array.from({ length: 98 }, () => ({})));
    await send(good);
    await send(await engine.accept('owner', {}, {}), 'fail');
    engine.advance(JUDGED_MS);
    await look();
    expect((await engine.core.violations.open())[0]).toMatchObject({ severity: 'NOTICE', rate: 0.98 });
    await send(await engine.accept('owner', ...Array.from({ length: 10 }, () => ({}))), 'fail');
    engine.advance(JUDGED_MS);
    await look();
    expect((await engine.core.violations.open())[0]).toMatchObject({ severity: 'CRITICAL', bad: 12 });
    expect(await types()).toEqual(['sla.violation_opened', 'sla.violation_updated']);
  });
});

describe('the worst', () => {
  const worst = (policy: Partial<SlaPolicy>): Promise<Offender[]> => {
    const now = engine.clock.now();
    const offenders = new Offenders(engine.database, engine.clock, engine.core.sla.overdue);
    return offenders.worst({ ...TEST_POLICIES.all[0], ...policy }, { from: now - 300_000, to: now });
  };

  it('CORE-41 are those of the policy, however many others are worse', async () => {
    const many = Array.from({ length: 30 }, () => ({}));
    await engine.accept('owner', ...many);
    await engine.ringer.ring('q');
    const failed = await engine.accept('owner', ...many);
    await send(failed, 'fail');
    const [overdue] = await engine.accept('owner', { queue: 'other' });
    engine.advance(TARGET_LATENESS_MS + JUDGED_MS);
    expect((await worst({ queue: 'other' })).map(({ delivery }) => delivery)).toEqual([overdue?._id]);
    expect(await worst({ tier: 'PRO' })).toEqual([]);
    expect(await worst({})).toHaveLength(10);
  });

  it('CORE-41 are told once, though they failed before they were overdue', async () => {
    const [delivery] = await engine.accept('owner', {});
    if (!delivery) throw new Error('not accepted');
    await send([delivery], 'fail');
    await engine.core.bulk.retryFailed(ADMIN, {}, { dryRun: false, limit: 1 });
    engine.advance(TARGET_LATENESS_MS + JUDGED_MS);
    expect((await worst({})).map(({ delivery: id }) => id)).toEqual([delivery._id]);
  });
});

describe('the roll-up', () => {
  it('CORE-43 leaves what it has added up until the next run, for a slower process that reads it still', async () => {
    await engine.accept('owner', {});
    engine.advance(4 * 86_400_000);
    const kinds = (): Promise<string[]> => engine.database.collection(Tally).distinct('kind');
    await engine.core.rollUp.run();
    expect(await kinds()).toEqual(expect.arrayContaining(['MINUTE', 'HOUR']));
    await engine.core.rollUp.run();
    expect(await kinds()).not.toContain('MINUTE');
  });

  it('CORE-43 hours and days give the same figures as the minutes that they are made of, and doing it twice changes nothing', async () => {
    await send(await engine.accept('owner', {}, {}, {}));
    await send(await engine.accept('owner', {}), 'fail');
    await engine.accept('owner', {});
    engine.advance(3 * 86_400_000);
    const window = { from: new Date(engine.clock.now() - 4 * 86_400_000), to: new Date(engine.clock.now()) };
    const admin = {
      owner: 'admin',
      role: 'ADMIN',
      scopes: null,
      credential: 'key:x',
      expiresAt: null,
    } as const;
    const before = await engine.core.stats.stats(admin, {}, window);
    await Promise.all([engine.core.rollUp.run(), second.core.rollUp.run()]);
    expect(await engine.core.stats.stats(admin, {}, window)).toEqual(before);
    await engine.core.rollUp.run();
    expect(await engine.core.stats.stats(admin, {}, window)).toEqual(before);
    expect(before).toMatchObject({ accepted: 5, sent: 3, failed: 1 });
    const kinds = await engine.database.collection(Tally).distinct('kind');
    expect(kinds).toEqual(expect.arrayContaining(['HOUR', 'DAY', 'NOW']));
    // What was spent is kept for a while: somebody who has not looked yet reads it.
    const third = await createTestEngine({ beside: engine });
    third.advance(3 * 86_400_000);
    expect((await third.core.sla.report()).standings[0].budget.spent).toBe(2);
    await third.stop();
  });
});

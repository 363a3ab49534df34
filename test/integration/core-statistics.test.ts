import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EVERYBODY } from '../../src/core/access/caller.js';
import type { ChannelName } from '../../src/core/channel/channel.js';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import type { NewDelivery } from '../../src/core/delivery/new-delivery.js';
import { type Tier, TIERS } from '../../src/core/delivery/rank.js';
import { type DeliveryState, STATES } from '../../src/core/delivery/states.js';
import type { ReportKind } from '../../src/core/outcome/receipt-state.js';
import type { RunDoc } from '../../src/core/schedule/run.entity.js';
import type { StateCounts } from '../../src/core/stats/counts.js';
import { Tally } from '../../src/core/stats/tally.entity.js';
import type { StatsFilter } from '../../src/core/stats/statistics.js';
import { ALL_ENDS, type End, ended } from '../support/ended-attempt.js';
import {
  ADMIN,
  createTestEngine,
  managerOf,
  newDelivery,
  QUEUES,
  type TestEngine,
} from '../support/engine.js';

const HOUR_MS = 3_600_000;
const CHANNELS = ['WHATSAPP', 'SMS', 'EMAIL'] as const satisfies readonly ChannelName[];
const OWNERS = ['me', 'you'] as const;
const FALLBACK = [{ channel: 'SMS', to: '+12025550109', content: { kind: 'TEXT', text: 'hi' } }] as const;

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
beforeEach(() => clear());

async function clear(): Promise<void> {
  await engine.clear();
  second.clock.setOffset(0);
}

/** Something that happens to deliveries. */
type Step = (run: RunDoc) => Promise<unknown>;

const owner = fc.constantFrom(...OWNERS);
const queue = fc.constantFrom(...QUEUES);
const channel = fc.constantFrom(...CHANNELS);
/** In one of two processes. */
const process = fc.boolean().map((first) => (): TestEngine => (first ? engine : second));

/** One of the deliveries that there are in these states, by chance. */
async function someOf(states: readonly DeliveryState[], pick: number): Promise<DeliveryDoc | undefined> {
  const found = await engine.deliveries
    .find({ state: { $in: [...states] } })
    .sort({ _id: 1 })
    .toArray();
  return found[pick % Math.max(1, found.length)];
}

const accept: fc.Arbitrary<Step> = fc
  .record({
    owner,
    count: fc.integer({ min: 1, max: 6 }),
    planned: fc.boolean(),
    later: fc.boolean(),
    expires: fc.boolean(),
    item: fc.record({
      queue,
      channel,
      tier: fc.constantFrom<Tier>(...TIERS),
      fallback: fc.constantFrom([], FALLBACK),
    }),
  })
  .map(({ owner: who, count, planned, later, expires, item }): Step => (run) => {
    const now = engine.clock.now();
    const mine = planned && who === 'me';
    const own: Partial<NewDelivery> = {
      ...item,
      dueAt: later ? new Date(now + HOUR_MS) : null,
      expiresAt: expires ? new Date(now + 2 * HOUR_MS) : null,
      ...(mine ? { run: run._id, program: run.program } : {}),
    };
    return engine.accept(who, ...Array.from({ length: count }, () => newDelivery(own)));
  });

const claimAndEnd: fc.Arbitrary<Step> = fc
  .record({
    of: process,
    queue,
    channel,
    limit: fc.integer({ min: 1, max: 8 }),
    ends: fc.array(fc.constantFrom<End | 'none'>('none', ...ALL_ENDS), { minLength: 8, maxLength: 8 }),
    early: fc.option(fc.constantFrom<ReportKind>('SENT', 'READ', 'FAILED')),
  })
  .map(({ of, queue: q, channel: c, limit, ends, early }): Step => async () => {
    const { claimed } = await of().claimer.claim({ queue: q, channel: c }, 'w', limit, null);
    const [first] = claimed;
    if (early && first) await report(of(), first, early);
    const outcomes = claimed.flatMap((delivery, i) => {
      const end = ends[i % ends.length] ?? 'send';
      if (end === 'none') return [];
      return [ended(delivery, end === 'reroute' && delivery.fallback.length === 0 ? 'send' : end, 100 * i)];
    });
    if (outcomes.length > 0) await of().writer.write('w', outcomes);
  });

function report(of: TestEngine, delivery: DeliveryDoc, kind: ReportKind): Promise<unknown> {
  const key = delivery._id.toHexString();
  return of.core.receipts.apply([{ key, messageId: null, kind, at: engine.clock.date() }]);
}

const reports: fc.Arbitrary<Step> = fc
  .record({
    of: process,
    pick: fc.nat(50),
    kind: fc.constantFrom<ReportKind>('SENT', 'DELIVERED', 'READ', 'RESPONDED', 'FAILED'),
  })
  .map(({ of, pick, kind }): Step => async () => {
    const delivery = await someOf(STATES, pick);
    if (delivery) await report(of(), delivery, kind);
  });

const byCaller: fc.Arbitrary<Step> = fc
  .record({ of: process, pick: fc.nat(50), what: fc.constantFrom('cancel', 'sooner', 'later') })
  .map(({ of, pick, what }): Step => async () => {
    const delivery = await someOf(['SCHEDULED', 'QUEUED', 'RETRYING'], pick);
    if (!delivery) return;
    const { deliveries } = of().core;
    const now = engine.clock.now();
    if (what === 'cancel') await deliveries.cancel(ADMIN, delivery._id);
    else if (delivery.expiresAt === null)
      await deliveries.reschedule(ADMIN, delivery._id, new Date(now + (what === 'later' ? HOUR_MS : 1_000)));
  });

const others: fc.Arbitrary<Step> = fc.tuple(process, fc.nat(6)).map(([of, which]): Step => async () => {
  switch (which) {
    case 0:
      return engine.core.bulk.retryFailed(ADMIN, {}, { dryRun: false, limit: 3 });
    case 1:
      for (const { clock } of [engine, second]) clock.setOffset(clock.offsetMs + HOUR_MS);
      return undefined;
    case 2:
      return of().rerouter.reroute({ queue: 'q', channel: 'WHATSAPP' });
    case 3:
      return of().takeBack.from('w');
    case 4:
      return of().worker().sweep();
    default:
      return Promise.all(QUEUES.map((name) => of().ringer.ring(name)));
  }
});

const steps = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: accept },
    { weight: 3, arbitrary: claimAndEnd },
    reports,
    byCaller,
    others,
  ),
  {
    minLength: 5,
    maxLength: 25,
  },
);

/** The counts by state, from the deliveries themselves. */
async function recount(filter: Partial<DeliveryDoc>): Promise<StateCounts> {
  const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<DeliveryState, number>;
  const groups = engine.deliveries.aggregate<{ _id: DeliveryState; n: number }>([
    { $match: filter },
    { $group: { _id: '$state', n: { $sum: 1 } } },
  ]);
  for await (const { _id, n } of groups) counts[_id] = n;
  return counts;
}

/** How often deliveries moved into each state, from their own histories. */
async function recountMoves(): Promise<ReadonlyMap<DeliveryState, number>> {
  const groups = await engine.deliveries
    .aggregate<{ _id: DeliveryState; n: number }>([
      { $unwind: '$history' },
      { $group: { _id: '$history.state', n: { $sum: 1 } } },
    ])
    .toArray();
  return new Map(groups.map(({ _id, n }) => [_id, n]));
}

/** Everything that can have happened in a test, and a minute beyond. */
const window = (): { from: Date; to: Date } => ({
  from: new Date(Date.now() - HOUR_MS),
  to: new Date(engine.clock.now() + 60_000),
});

async function beginRun(): Promise<RunDoc> {
  const { run } = await engine.core.runs.begin({
    owner: 'me',
    program: 'p',
    type: 'wave',
    occurrence: 'o',
    window: null,
  });
  return run;
}

describe('CORE-43 statistics', () => {
  it('CORE-43 are what a recount of the deliveries gives, whatever has happened to them', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        await clear();
        const run = await beginRun();
        await engine.alive('w');
        for (const step of all) await step(run);
        const { stats } = engine.core;
        const filters: StatsFilter[] = [
          {},
          ...QUEUES.map((name) => ({ queue: name })),
          ...CHANNELS.map((name) => ({ channel: name })),
          ...TIERS.map((tier) => ({ tier })),
          { program: 'p' },
          { queue: 'q', channel: 'SMS' },
        ];
        for (const filter of filters) {
          const { counts } = await stats.stats(ADMIN, filter, window());
          expect({ filter, counts }).toEqual({ filter, counts: await recount(filter) });
        }
        for (const name of OWNERS) {
          const { counts } = await stats.stats(managerOf(name), {}, window());
          expect({ name, counts }).toEqual({ name, counts: await recount({ owner: name }) });
        }
        const views = new Map((await engine.core.queues.list()).map((view) => [view.name, view.counts]));
        for (const name of QUEUES) expect(views.get(name)).toEqual(await recount({ queue: name }));

        const ofRun = await recount({ run: run._id });
        const progress = await stats.progress(run._id);
        const planned = Object.values(ofRun).reduce((a, b) => a + b, 0);
        expect(progress).toMatchObject({ planned, counts: ofRun });
        const open = ofRun.SCHEDULED + ofRun.QUEUED + ofRun.RETRYING + ofRun.SENDING;
        expect(progress).toMatchObject({ done: planned - open, finished: planned > 0 && open === 0 });

        const moves = await recountMoves();
        const into = (state: DeliveryState): number => moves.get(state) ?? 0;
        const figures = await stats.stats(ADMIN, {}, window());
        expect(figures).toMatchObject({
          accepted: await engine.deliveries.countDocuments(),
          retried: into('RETRYING'),
          failed: into('FAILED'),
          deadLettered: into('DEAD_LETTERED'),
          missed: into('MISSED'),
          cancelled: into('CANCELLED'),
          responded: into('RESPONDED'),
        });
        expect(figures.sent).toBeGreaterThanOrEqual(figures.delivered);
        expect(figures.delivered).toBeGreaterThanOrEqual(figures.read);
        expect(figures.read).toBeGreaterThanOrEqual(figures.responded);

        const depth = await stats.history(ADMIN, {}, 'QUEUE_DEPTH', window(), 60);
        const { counts } = figures;
        expect(depth.at(-1)?.values).toEqual({
          depth: counts.SCHEDULED + counts.QUEUED + counts.RETRYING,
          queued: counts.QUEUED,
          scheduled: counts.SCHEDULED,
          retrying: counts.RETRYING,
          sending: counts.SENDING,
        });
        const series = await stats.history(ADMIN, {}, 'DELIVERIES', window(), 60);
        expect(series.reduce((sum, point) => sum + (point.values['sent'] ?? 0), 0)).toBe(figures.sent);
        expect([...engine.errors, ...second.errors]).toEqual([]);
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  it('CORE-44 minutes to come are not read: they hold promises alone, as many as deliveries are scheduled', async () => {
    const { stats } = engine.core;
    await engine.accept('me', {});
    const month = 30 * 24 * HOUR_MS;
    await engine.accept('me', { dueAt: new Date(engine.clock.now() + month) });
    const ahead = {
      kind: 'MINUTE' as const,
      owner: EVERYBODY,
      at: { $gt: new Date(engine.clock.now() + HOUR_MS) },
    };
    const { matchedCount } = await engine.database
      .collection(Tally)
      .updateMany(ahead, { $set: { counts: { QUEUED: 1 }, moved: { CREATED: 1 } } });
    expect(matchedCount).toBe(1);
    const { to, from } = window();
    const depth = await stats.history(ADMIN, {}, 'QUEUE_DEPTH', { from, to }, 60);
    expect(depth.at(-1)?.values['queued']).toBe(1);
    const whole = { from, to: new Date(to.getTime() + 2 * month) };
    expect((await stats.stats(ADMIN, {}, whole)).accepted).toBe(2);
  });

  it('CORE-43 concurrent writers in two processes lose no count', async () => {
    const accepted = await Promise.all(
      [engine, second, engine, second].map((of) =>
        of.accept('me', ...Array.from({ length: 100 }, () => newDelivery())),
      ),
    );
    expect(accepted.flat()).toHaveLength(400);
    const drain = async (of: TestEngine, worker: string): Promise<void> => {
      for (;;) {
        const { claimed } = await of.claimer.claim({ queue: 'q', channel: 'WHATSAPP' }, worker, 20, null);
        if (claimed.length === 0) return;
        await of.writer.write(
          worker,
          claimed.map((delivery) => ended(delivery, 'send')),
        );
      }
    };
    await Promise.all([drain(engine, 'w1'), drain(second, 'w2')]);
    const figures = await engine.core.stats.stats(ADMIN, {}, window());
    expect(figures).toMatchObject({ accepted: 400, sent: 400, onTime: 400, successRate: 1, onTimeRate: 1 });
    expect(figures.counts).toEqual(await recount({}));
    expect(figures.counts.SENT).toBe(400);
  });

  it('CORE-43 lateness and provider latency: exact average and largest, and late is not on time', async () => {
    await engine.accept('me', ...Array.from({ length: 10 }, () => newDelivery()));
    const { claimed } = await engine.claimer.claim({ queue: 'q', channel: 'WHATSAPP' }, 'w', 10, null);
    const lateness = [5, 5, 5, 5, 5, 10, 10, 10, 15, 90_000];
    await engine.writer.write(
      'w',
      claimed.map((delivery, i) => ended(delivery, 'send', lateness[i] ?? 0)),
    );
    const figures = await engine.core.stats.stats(ADMIN, {}, window());
    expect(figures).toMatchObject({ sent: 10, onTime: 9, onTimeRate: 0.9, successRate: 1 });
    expect(figures.lateness).toEqual({ average: 9_007, p50: 5, p95: 90_000, p99: 90_000, max: 90_000 });
    expect(figures.providerLatency).toMatchObject({ average: 20, max: 20 });
  });

  it('CORE-46 reports in any order and any grouping lead to the same figures', async () => {
    const figuresAfter = async (
      groups: readonly (readonly ReportKind[])[],
      early: boolean,
    ): Promise<unknown> => {
      await engine.clear();
      await engine.accept('me', {});
      const { claimed } = await engine.claimer.claim({ queue: 'q', channel: 'WHATSAPP' }, 'w', 1, null);
      const [delivery] = claimed;
      if (!delivery) throw new Error('nothing claimed');
      const key = delivery._id.toHexString();
      const send = (): Promise<unknown> => engine.writer.write('w', [ended(delivery, 'send')]);
      if (!early) await send();
      for (const kinds of groups)
        await engine.core.receipts.apply(
          kinds.map((kind) => ({ key, messageId: null, kind, at: delivery.dueAt })),
        );
      if (early) await send();
      const { sent, delivered, read, responded, failed } = await engine.core.stats.stats(ADMIN, {}, window());
      return { sent, delivered, read, responded, failed };
    };
    const expected = { sent: 1, delivered: 1, read: 1, responded: 0, failed: 0 };
    for (const early of [false, true]) {
      expect(await figuresAfter([['SENT'], ['DELIVERED'], ['READ']], early)).toEqual(expected);
      expect(await figuresAfter([['READ'], ['DELIVERED'], ['SENT']], early)).toEqual(expected);
      expect(await figuresAfter([['SENT', 'READ', 'DELIVERED']], early)).toEqual(expected);
    }
  });
});

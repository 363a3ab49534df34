import { ObjectId } from '@mikro-orm/mongodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Collection } from 'mongodb';
import { type AttemptDoc, attemptId } from '../../src/core/delivery/attempt.entity.js';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import type { DeliveryFilter } from '../../src/core/delivery/filter.js';
import { TIERS } from '../../src/core/delivery/rank.js';
import type { DeliveryState } from '../../src/core/delivery/states.js';
import { Run } from '../../src/core/schedule/run.entity.js';
import { Tally, type TallyDoc } from '../../src/core/stats/tally.entity.js';
import { type Caller, EVERYBODY } from '../../src/core/access/caller.js';
import { deliveryDoc } from '../support/delivery-doc.js';
import { ADMIN, createTestEngine, managerOf, newDelivery, type TestEngine } from '../support/engine.js';

const LANE = { queue: 'q', channel: 'WHATSAPP' } as const;
const HOUR_MS = 3_600_000;
const OWNERS = 20;
const RUNS = 40;
const WORKERS = 4;

/** How many of the 20,000 are in which state. */
const STORED: readonly (readonly [DeliveryState, number])[] = [
  ['SENT', 10_000],
  ['DELIVERED', 4_000],
  ['SCHEDULED', 2_500],
  ['QUEUED', 2_000],
  ['FAILED', 600],
  ['DEAD_LETTERED', 400],
  ['SENDING', 200],
  ['RETRYING', 100],
  ['CANCELLED', 100],
  ['MISSED', 100],
];
const SENDING = 200;
const IN_LANES = 2_000 + SENDING;

/** What MongoDB says of one operation that it has really done. */
interface Profiled {
  readonly op: string;
  readonly ns: string;
  readonly planSummary?: string;
  readonly keysExamined?: number;
  readonly docsExamined?: number;
  readonly nreturned?: number;
  readonly hasSortStage?: boolean;
  readonly command?: { readonly getMore?: unknown; readonly find?: string; readonly aggregate?: string };
}

let engine: TestEngine;
const runs = Array.from({ length: RUNS }, () => new ObjectId());

beforeAll(async () => {
  engine = await createTestEngine();
  await fill();
  const db = engine.database.client.db(engine.at.name);
  // The default of 1 MB would lose what one ring of thousands writes.
  await db.createCollection('system.profile', { capped: true, size: 32_000_000 });
  await db.command({ profile: 2 });
}, 60_000);

afterAll(async () => {
  await engine.database.client.db(engine.at.name).command({ profile: 0 });
  await engine.stop();
});

async function fill(): Promise<void> {
  const now = Date.now();
  let n = 0;
  for (const [state, count] of STORED) {
    const docs = Array.from({ length: count }, (): DeliveryDoc => {
      const i = n++;
      const waits = state === 'SCHEDULED' || state === 'RETRYING';
      const dueAt = new Date(waits ? now + HOUR_MS + i * 100 : now - i * 100);
      return deliveryDoc({
        state,
        owner: `owner-${i % OWNERS}`,
        run: runs[i % RUNS] ?? null,
        key: i % 2 === 0 ? `client|k${i}` : null,
        idempotencyKey: i % 2 === 0 ? `k${i}` : null,
        tier: TIERS[i % TIERS.length] ?? 'FREE',
        slot: i % 16,
        dueAt,
        attempts: waits || state === 'QUEUED' ? 0 : 1,
        fence: waits || state === 'QUEUED' ? 0 : 1,
        worker: state === 'SENDING' ? `worker-${i % WORKERS}` : null,
      });
    });
    await engine.deliveries.insertMany(docs);
    if (state === 'SENT') await engine.attempts.insertMany(docs.map(attemptOf));
  }
  await tallies().insertMany(
    Array.from({ length: 10_000 }, (_, i): TallyDoc => {
      const kind = i % 20 === 0 ? 'NOW' : i % 20 === 1 ? 'RUN' : 'MINUTE';
      return {
        _id: `t${i}`,
        kind,
        owner: i % 2 === 0 ? EVERYBODY : `owner-${i % OWNERS}`,
        at: kind === 'MINUTE' ? new Date(now - i * 6_000) : null,
        run: kind === 'RUN' ? (runs[i % RUNS]?.toHexString() ?? null) : null,
        queue: 'q',
        channel: 'WHATSAPP',
        tier: 'FREE',
        program: null,
        counts: { SENT: 1 },
      };
    }),
  );
}

function tallies(): Collection<TallyDoc> {
  return engine.database.collection(Tally) as unknown as Collection<TallyDoc>;
}

function attemptOf(delivery: DeliveryDoc): AttemptDoc {
  return {
    _id: attemptId(delivery._id, 1),
    delivery: delivery._id,
    number: 1,
    fence: 1,
    channel: delivery.channel,
    provider: 'test',
    worker: 'w',
    outcome: 'ACCEPTED',
    startedAt: delivery.dueAt,
    endedAt: delivery.dueAt,
    latenessMs: 0,
    waited: null,
    messageId: `m-${delivery._id.toHexString()}`,
    errorClass: null,
    errorCode: null,
    errorMessage: null,
  };
}

/** What the reads on a collection cost that `work` really made, as the server's profiler has seen them. */
async function readsOf(collection: string, work: () => Promise<unknown>): Promise<Profiled[]> {
  const profile = engine.database.client.db(engine.at.name).collection<Profiled>('system.profile');
  const ofCollection = { ns: `${engine.at.name}.${collection}` };
  const before = await profile.countDocuments(ofCollection);
  await work();
  const seen = (await profile.find(ofCollection).sort({ $natural: 1 }).toArray()).slice(before);
  return seen.filter(({ command: { find, getMore, aggregate } = {} }) => find ?? getMore ?? aggregate);
}

/** Each read goes by one of these indexes, without sorting, and looks at no more than it has to. */
function expectPlans(
  reads: readonly Profiled[],
  indexes: readonly string[],
  mostKeys: (returned: number) => number,
): void {
  expect(reads.length).toBeGreaterThan(0);
  for (const read of reads) {
    const { planSummary = '', keysExamined = 0, docsExamined = 0, nreturned = 0, hasSortStage } = read;
    const plan = planSummary.replace(/^IXSCAN /, '');
    const cost = { keysExamined, docsExamined, nreturned };
    expect({ plan, hasSortStage: hasSortStage ?? false, ...cost }).toMatchObject({
      plan: expect.stringMatching(new RegExp(`^(${indexes.map(escaped).join('|')})`)),
      hasSortStage: false,
    });
    expect({ plan, ...cost, few: keysExamined <= mostKeys(nreturned) }).toMatchObject({ few: true });
    expect({ plan, ...cost, few: docsExamined <= mostKeys(nreturned) }).toMatchObject({ few: true });
  }
}

function isFind({ command }: Profiled): boolean {
  return command?.find !== undefined;
}

function returnedBy(reads: readonly Profiled[]): number {
  return reads.reduce((sum, { nreturned = 0 }) => sum + nreturned, 0);
}

function escaped(text: string): string {
  return text.replaceAll(/[{}]/g, '\\$&');
}

const WORK = '{ place: 1, order: 1, slot: 1 }';
const OWNER_NEWEST = '{ owner: 1, _id: -1 }';
const RUN = '{ run: 1, _id: 1 }';
const RUN_TALLY = '{ run: 1 }';
const KEY = '{ owner: 1, key: 1 }';
const ID = '{ _id: 1 }';
/** A key for each that is returned, and some to find the beginning and the end of each range. */
const exactly = (returned: number): number => returned + 5;

describe('PERF-8 hot queries, with 20,000 deliveries stored', () => {
  it('the filling is what the tests count on', async () => {
    expect(await engine.deliveries.estimatedDocumentCount()).toBe(20_000);
    expect(STORED.reduce((sum, [, count]) => sum + count, 0)).toBe(20_000);
  });

  it('API-3 a page of an owner’s list, the first or a later one', async () => {
    const { deliveries } = engine.core;
    const mine = managerOf('owner-3');
    const { items } = await deliveries.list(mine, {}, { first: 200 });
    const after = items.at(-1)?._id;
    if (!after) throw new Error('nothing listed');
    for (const page of [{ first: 50 }, { first: 50, after }])
      expectPlans(
        await readsOf('deliveries', () => deliveries.list(mine, {}, page)),
        [OWNER_NEWEST],
        exactly,
      );
  });

  it('API-3 a page of everybody’s list', async () => {
    const reads = await readsOf('deliveries', () => engine.core.deliveries.list(ADMIN, {}, { first: 50 }));
    expectPlans(reads, [ID], exactly);
  });

  it('API-3 a page of a run’s list, for its owner and for an operator', async () => {
    const run = runs[3];
    if (!run) throw new Error('no run');
    const { deliveries } = engine.core;
    for (const caller of [ADMIN, managerOf('owner-3')])
      expectPlans(
        await readsOf('deliveries', () => deliveries.list(caller, { run }, { first: 50 })),
        // An owner with few runs has the run's deliveries among the newest of their own.
        [RUN, OWNER_NEWEST],
        (returned) => 2 * returned + 5,
      );
  });

  it('one delivery by its id, and its attempts by theirs', async () => {
    const { deliveries } = engine.core;
    const items = await engine.deliveries.find({ state: 'SENT' }).limit(50).toArray();
    const [first] = items;
    if (!first) throw new Error('nothing sent');
    const one = await readsOf('deliveries', () => deliveries.find(managerOf(first.owner), first._id));
    expectPlans(one, ['IDHACK', ID], exactly);
    const attempts = await readsOf('attempts', () => deliveries.attemptsOf(items));
    expect(returnedBy(attempts)).toBe(50);
    expectPlans(attempts, [ID], exactly);
  });

  it('CORE-41 PERF-6 a look at the SLA reads what waits and is due, and the minutes of its windows, and nothing else', async () => {
    const deliveries = await readsOf('deliveries', () => engine.core.sla.report());
    expect(deliveries).toHaveLength(3);
    // Neither what has ended nor what is due later.
    expectPlans(deliveries, [WORK], () => IN_LANES + 100 + 10);
    engine.advance(1_000);
    const minutes = await readsOf('tallies', async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await engine.core.sla.report();
    });
    engine.clock.setOffset(0);
    expectPlans(minutes, ['{ kind: 1, owner: 1, at: 1 }', RUN_TALLY], (returned) => returned + 5);
  });

  it('CORE-46 an attempt by the provider’s message id', async () => {
    const sent = await engine.attempts.find().limit(20).toArray();
    const reads = await readsOf('attempts', () =>
      engine.core.receipts.apply(
        sent.map(({ messageId }) => ({ key: null, messageId, kind: 'DELIVERED', at: new Date() })),
      ),
    );
    expectPlans(reads, ['{ messageId: 1 }'], (returned) => 2 * returned + 5);
  });

  it('CORE-3 the look-up of keys, known and new ones', async () => {
    const items = Array.from({ length: 40 }, (_, i) =>
      newDelivery({ idempotencyKey: `k${i * 10}`, dueAt: null }),
    );
    const reads = await readsOf('deliveries', () => engine.core.deliveries.accept('owner-0', items));
    expect(returnedBy(reads)).toBeGreaterThan(0);
    // Each key of the list is looked for once, found or not.
    expectPlans(reads, [KEY], () => 2 * items.length + 5);
  });

  it('CORE-20 a ring looks at what is due, and not at what waits', async () => {
    const none = await readsOf('deliveries', () => engine.ringer.ring('q'));
    expectPlans(none, [WORK], exactly);
    engine.advance(HOUR_MS + 20_000_000);
    const some = await readsOf('deliveries', () => engine.ringer.ring('q'));
    engine.clock.setOffset(0);
    expect(returnedBy(some)).toBe(2_600);
    expectPlans(some, [WORK], exactly);
  });

  it('CORE-20 a claim takes from the head of its lane, and steps over what is held', async () => {
    const reads = await readsOf('deliveries', () => engine.claimer.claim(LANE, 'w', 100, null));
    expect(returnedBy(reads)).toBe(100);
    expectPlans(reads, [WORK], (returned) => returned + SENDING + 5);
  });

  it('CORE-29 what a lost worker holds is looked for among what is in the lanes only', async () => {
    const reads = await readsOf('deliveries', () => engine.takeBack.from('worker-1'));
    expect(returnedBy(reads)).toBe(SENDING / WORKERS);
    // The 2,600 that have just been rung are in the lanes too, and a few that the key test made.
    expectPlans(reads, [WORK], () => IN_LANES + 2_600 + 100);
  });

  it('CORE-26 API-8 retryFailed looks at what has failed, an owner’s or all', async () => {
    const { bulk } = engine.core;
    const options = { dryRun: true, limit: 1_000 };
    const run = runs[3];
    if (!run) throw new Error('no run');
    const counting = (caller: Caller, filter: DeliveryFilter) =>
      readsOf('deliveries', () => bulk.retryFailed(caller, filter, options));
    expectPlans(await counting(managerOf('owner-3'), {}), [WORK], () => 1_000 / OWNERS + 5);
    expectPlans(await counting(ADMIN, {}), [WORK], () => 1_000 + OWNERS + 5);
    expectPlans(await counting(ADMIN, { errorCodes: ['none'] }), [WORK], () => 1_000 + OWNERS + 5);
    expectPlans(await counting(ADMIN, { run }), [RUN], () => 20_000 / RUNS + 5);
  });

  it('CORE-26 a page of what has failed, and its reasons, an owner’s or all', async () => {
    const { deliveries } = engine.core;
    const page = { first: 20 };
    for (const [caller, owned] of [
      [managerOf('owner-3'), 1_000 / OWNERS],
      [ADMIN, 1_000],
    ] as const) {
      const reads = await readsOf('deliveries', () => deliveries.listFailed(caller, {}, page));
      // Those of one order are sorted by their ids, and they are few.
      const [cut, walks] = [true, false].map((sorted) =>
        reads.filter((read) => isFind(read) && (read.hasSortStage ?? false) === sorted),
      );
      expectPlans(walks ?? [], [WORK], (returned) => returned + 2 * OWNERS + 5);
      expect(cut?.map(({ docsExamined = 0 }) => docsExamined <= 5)).toEqual([true]);
      const narrowed = { errorCodes: ['none'] };
      const scanned = await readsOf('deliveries', () => deliveries.listFailed(caller, narrowed, page));
      expectPlans(scanned.filter(isFind), [WORK], () => owned + OWNERS + 5);
      const counted = await readsOf('deliveries', () => deliveries.failureReasons(caller, {}));
      // What is sorted there are the reasons.
      const unsorted = counted.map((read) => ({ ...read, hasSortStage: false }));
      expectPlans(unsorted, [WORK], () => owned + OWNERS + 5);
    }
  });

  it('API-3 a list that no index answers looks at ten thousand for a page', async () => {
    const { deliveries } = engine.core;
    const narrowed = { states: ['CANCELLED' as const], dueFrom: new Date(Date.now() + 365 * 24 * HOUR_MS) };
    const all = await readsOf('deliveries', () => deliveries.list(ADMIN, narrowed, { first: 50 }));
    expectPlans(all, [ID], () => 10_000 + 5);
    const own = await readsOf('deliveries', () =>
      deliveries.list(managerOf('owner-3'), narrowed, { first: 50 }),
    );
    expectPlans(own, [OWNER_NEWEST], () => 20_000 / OWNERS + 5);
  });

  it('CORE-4 API-8 cancelMany and cleanQueue look at what waits, in a queue or anywhere', async () => {
    const { bulk } = engine.core;
    const options = { dryRun: true };
    const run = runs[3];
    if (!run) throw new Error('no run');
    const waiting = 2_500 + 100 + IN_LANES + 100;
    const counting = (filter: DeliveryFilter) =>
      readsOf('deliveries', () => bulk.cancelMany(ADMIN, filter, options));
    expectPlans(await counting({ tier: 'PRO' }), [WORK], () => waiting);
    expectPlans(await counting({ queue: 'q' }), [WORK], () => waiting);
    expectPlans(await counting({ queue: 'other' }), [WORK], () => 20);
    expectPlans(await counting({ run }), [RUN], () => 20_000 / RUNS + 5);
    expectPlans(
      await readsOf('deliveries', () => bulk.cleanQueue(ADMIN, 'q', ['QUEUED'], options)),
      [WORK],
      () => waiting,
    );
  });

  it('CORE-43 statistics read the minutes of their window, and no others', async () => {
    const to = new Date();
    const from = new Date(to.getTime() - 2 * HOUR_MS);
    for (const caller of [ADMIN, managerOf('owner-3')]) {
      const reads = await readsOf('tallies', () => engine.core.stats.stats(caller, {}, { from, to }));
      expectPlans(reads, ['{ kind: 1, owner: 1, at: 1 }'], exactly);
    }
    const history = await readsOf('tallies', () =>
      engine.core.stats.history(ADMIN, { queue: 'q' }, 'DELIVERIES', { from, to }, 5),
    );
    expectPlans(history, ['{ kind: 1, owner: 1, at: 1 }'], exactly);
  });

  it('CORE-44 a run’s progress reads its own tallies', async () => {
    const run = runs[1];
    if (!run) throw new Error('no run');
    const reads = await readsOf('tallies', () => engine.core.stats.progress(run));
    expectPlans(reads, ['{ run: 1 }'], exactly);
  });

  it('CORE-44 the sweeper finds running runs among many that have ended', async () => {
    const collection = engine.database.collection(Run);
    const { run } = await engine.core.runs.begin({
      owner: 'me',
      program: 'p',
      type: 'wave',
      occurrence: 'now',
    });
    const { _id: _, ...ended } = { ...run, status: 'COMPLETED' as const };
    await collection.insertMany(
      Array.from({ length: 1_000 }, (__, i) => ({ ...ended, _id: new ObjectId(), occurrence: `o${i}` })),
    );
    const reads = await readsOf('runs', () => engine.core.runs.unended());
    expectPlans(reads, ['{ status: 1 }'], () => 5);
  });

  it('CORE-45 a look at the health reads the last hour, and heads of indexes', async () => {
    const look = (): Promise<unknown> => engine.core.health.check();
    // What was taken back from the lost worker is due again, and counted.
    expectPlans(await readsOf('deliveries', look), [WORK], () => SENDING + 5);
    const hour = (HOUR_MS / 6_000) * 0.45 + 20;
    const now = 10_000 / 20;
    expectPlans(await readsOf('tallies', look), ['{ kind: 1, owner: 1, at: 1 }'], () => hour + now);
    expectPlans(await readsOf('runs', look), ['{ status: 1 }'], exactly);
    expectPlans(await readsOf('workers', look), ['{ status: 1, seenAt: 1 }'], exactly);
  });

  it('CORE-50 a cleanup walks from the oldest up to what is too young, and looks at nothing else', async () => {
    const counting = (hours: number) =>
      readsOf('deliveries', () => engine.core.upkeep.cleanUp(ADMIN, hours, null, { dryRun: true }));
    expectPlans(await counting(1), [ID], () => 5);
    engine.advance(2 * HOUR_MS);
    expectPlans(await counting(1), [ID], () => 20_000 + 2_600);
    engine.clock.setOffset(0);
  });

  it('every index that the entities name is there, by its name', async () => {
    const names = async (collection: string): Promise<string[]> =>
      (await engine.database.client.db(engine.at.name).collection(collection).indexes())
        .map(({ name }) => name ?? '')
        .sort();
    expect(await names('deliveries')).toEqual(['_id_', 'key', 'owner_newest', 'run', 'work']);
    expect(await names('attempts')).toEqual(['_id_', 'message']);
    expect(await names('tallies')).toEqual(['_id_', 'rolling', 'run', 'window']);
    expect(await names('runs')).toEqual(['_id_', 'newest', 'occurrence', 'running']);
    expect(await names('events')).toEqual(['_id_', 'expiry']);
    expect(await names('workers')).toEqual(['_id_', 'forget', 'status']);
    expect(await names('api_keys')).toEqual(['_id_', 'hash']);
    expect(await names('alerts')).toEqual(['_id_', 'open', 'state']);
    expect(await names('notices')).toEqual(['_id_', 'due', 'forget']);
  });
});

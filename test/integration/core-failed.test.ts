import { ObjectId } from '@mikro-orm/mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Caller } from '../../src/core/access/caller.js';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import type { FailedCursor } from '../../src/core/delivery/failed-reader.js';
import type { DeliveryFilter } from '../../src/core/delivery/filter.js';
import { deliveryDoc } from '../support/delivery-doc.js';
import { ADMIN, createTestEngine, managerOf, type TestEngine } from '../support/engine.js';

/** More than one call looks at. */
const MANY = 10_050;
const DUE = new Date('2026-11-23T00:30:00Z');

let engine: TestEngine;

beforeAll(async () => (engine = await createTestEngine()));
afterAll(() => engine.stop());
beforeEach(() => engine.clear());

async function store(count: number, own: (i: number) => Partial<DeliveryDoc>): Promise<DeliveryDoc[]> {
  const docs = Array.from({ length: count }, (_, i) =>
    deliveryDoc({ state: 'FAILED', dueAt: DUE, ...own(i) }),
  );
  await engine.deliveries.insertMany(docs);
  return docs;
}

/** All pages of the failed ones, each by the end of the one before. */
async function pagesOf(caller: Caller, filter: DeliveryFilter, first: number): Promise<DeliveryDoc[][]> {
  const pages: DeliveryDoc[][] = [];
  for (let after: FailedCursor | null | undefined; after !== null;) {
    const { items, end } = await engine.core.deliveries.listFailed(caller, filter, {
      first,
      ...(after ? { after } : {}),
    });
    pages.push(items);
    after = end;
  }
  return pages;
}

const hex = ({ _id }: DeliveryDoc): string => _id.toHexString();

describe('CORE-26 the list of what has failed', () => {
  it('API-3 holds each once, the latest first, however many failed at the same instant, and pages cut them', async () => {
    const one = fc.record({
      ms: fc.nat(2),
      // The last digits are all that keeps two of the same instant apart, and here some share them, too.
      tail: fc.nat(2),
      slot: fc.nat(2),
      owner: fc.constantFrom('me', 'you'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(one, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        async (ones, first) => {
          await engine.clear();
          const docs = await store(ones.length, (i) => {
            const { ms = 0, tail = 0, slot = 0, owner = 'me' } = ones[i] ?? {};
            const id = `${new ObjectId().toHexString().slice(0, 19)}${(16 + i).toString(16)}00${tail}`;
            return { _id: new ObjectId(id), dueAt: new Date(DUE.getTime() + ms), slot, owner };
          });
          const sorted = docs.sort((a, b) => b.order - a.order || hex(b).localeCompare(hex(a)));
          const pages = await pagesOf(ADMIN, {}, first);
          expect(pages.flat().map(hex)).toEqual(sorted.map(hex));
          for (const page of pages.slice(0, -1)) expect(page).toHaveLength(first);
          const mine = await pagesOf(managerOf('me'), {}, first);
          expect(mine.flat().map(hex)).toEqual(sorted.filter(({ owner }) => owner === 'me').map(hex));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('API-3 a page looks at ten thousand: what a filter asks for may come on a later one', async () => {
    await store(MANY, (i) => ({
      dueAt: new Date(DUE.getTime() - i),
      lastError: { code: i < MANY - 10 ? 'COMMON' : 'RARE', message: 'no' },
    }));
    const [first, second, ...others] = await pagesOf(managerOf('owner'), { errorCodes: ['RARE'] }, 50);
    expect(others).toEqual([]);
    expect(first).toEqual([]);
    expect(second).toHaveLength(10);
    const { reasons, partial } = await engine.core.deliveries.failureReasons(managerOf('owner'), {});
    expect(reasons).toEqual([{ code: 'COMMON', message: 'no', state: 'FAILED', count: 10_000 }]);
    expect(partial).toBe(true);
  });

  it('CORE-5 is empty where nothing has failed', async () => {
    await store(1, () => ({ owner: 'me' }));
    const empty = { items: [], end: null };
    expect(await engine.core.deliveries.listFailed(managerOf('you'), {}, { first: 5 })).toEqual(empty);
    await engine.clear();
    expect(await engine.core.deliveries.listFailed(ADMIN, {}, { first: 5 })).toEqual(empty);
    expect(await engine.core.deliveries.failureReasons(ADMIN, {})).toEqual({ reasons: [], partial: false });
  });
});

describe('CORE-26 the reasons', () => {
  it('CORE-26 are counted by code and state, the most frequent first, with the latest message of each', async () => {
    const at = (i: number): Date => new Date(DUE.getTime() + i);
    await store(3, (i) => ({ dueAt: at(i), lastError: { code: '131026', message: `no such number ${i}` } }));
    await store(2, (i) => ({
      dueAt: at(i),
      state: 'DEAD_LETTERED',
      lastError: { code: 'TIMEOUT', message: 'no answer' },
      queue: 'other',
    }));
    await store(1, (i) => ({ dueAt: at(i), receipts: { failedAt: DUE, failure: '470: expired' } }));
    const { reasons } = await engine.core.deliveries.failureReasons(ADMIN, {});
    expect(reasons).toEqual([
      { code: '131026', message: 'no such number 2', state: 'FAILED', count: 3 },
      { code: 'TIMEOUT', message: 'no answer', state: 'DEAD_LETTERED', count: 2 },
      { code: 'REPORTED', message: '470: expired', state: 'FAILED', count: 1 },
    ]);
    expect((await engine.core.deliveries.failureReasons(ADMIN, { queue: 'other' })).reasons).toHaveLength(1);
  });

  it('CORE-26 API-8 each is a filter by which just those are found, and retried', async () => {
    await store(1, () => ({ lastError: { code: 'E', message: 'no' } }));
    await store(2, () => ({ receipts: { failedAt: DUE, failure: 'late' } }));
    const found = async (errorCodes: string[]): Promise<number> =>
      (await pagesOf(ADMIN, { errorCodes }, 50)).flat().length;
    expect(await found(['E'])).toBe(1);
    expect(await found(['REPORTED'])).toBe(2);
    expect(await found(['E', 'REPORTED'])).toBe(3);
    const retried = await engine.core.bulk.retryFailed(
      ADMIN,
      { errorCodes: ['REPORTED'] },
      { dryRun: false, limit: 10 },
    );
    expect(retried.changed).toBe(2);
    expect(await found(['E', 'REPORTED'])).toBe(1);
  });
});

describe('API-3 the list of deliveries', () => {
  it('API-3 looks at ten thousand for a page where no index finds what is asked for, and goes on from there', async () => {
    const docs = await store(MANY, (i) => ({ state: 'SENT', tier: i < 10 ? 'PRO' : 'FREE', owner: 'me' }));
    const { deliveries } = engine.core;
    for (const caller of [ADMIN, managerOf('me')]) {
      const first = await deliveries.list(caller, { tier: 'PRO' }, { first: 50 });
      expect(first).toMatchObject({ items: [], hasMore: true });
      const after = first.end ? { after: first.end } : {};
      const second = await deliveries.list(caller, { tier: 'PRO' }, { first: 50, ...after });
      expect(second).toMatchObject({ hasMore: false, end: null });
      expect(second.items.map(hex)).toEqual(docs.slice(0, 10).reverse().map(hex));
    }
    const full = await deliveries.list(ADMIN, { tier: 'FREE' }, { first: 50 });
    expect(full.items).toHaveLength(50);
    expect(full.end).toEqual(full.items.at(-1)?._id);
  });
});

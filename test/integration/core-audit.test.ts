import { ObjectId } from '@mikro-orm/mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Audit } from '../../src/core/access/audit.js';
import { AuditEntry, type AuditEntryDoc } from '../../src/core/access/audit.entity.js';
import { callerOf, createTestEngine, type TestEngine } from '../support/engine.js';

const DAY_MS = 86_400_000;
const errors: unknown[] = [];
let engine: TestEngine;
let audit: Audit;

beforeAll(async () => (engine = await createTestEngine()));
afterAll(() => engine.stop());
beforeEach(async () => {
  await engine.clear();
  errors.length = 0;
  audit = new Audit(engine.database, 400 * DAY_MS, (error) => errors.push(error));
});

const doing = (own: Partial<Parameters<Audit['begin']>[0]> = {}) => ({
  caller: callerOf('asha', 'MANAGER'),
  action: 'cancel',
  subjects: ['RGVsaXZlcnk6MQ'],
  requestId: 'r1',
  ...own,
});
const all = (): Promise<AuditEntryDoc[]> => engine.database.collection(AuditEntry).find().toArray();

describe('SEC-7 the audit', () => {
  it('SEC-7 knows who, what, about what, and how it ended', async () => {
    const before = Date.now();
    const id = await audit.begin(doing());
    expect(await all()).toMatchObject([{ outcome: null, subjects: ['RGVsaXZlcnk6MQ'] }]);
    await audit.end(id, { outcome: 'INVALID_OPERATION', subjects: ['RGVsaXZlcnk6MQ', 'x'], refused: 2 });
    const [entry] = await all();
    expect(entry).toMatchObject({
      owner: 'asha',
      role: 'MANAGER',
      credential: 'key:asha',
      action: 'cancel',
      subjects: ['RGVsaXZlcnk6MQ', 'x'],
      subjectCount: 2,
      refused: 2,
      outcome: 'INVALID_OPERATION',
      requestId: 'r1',
    });
    expect(entry?.at.getTime()).toBeGreaterThanOrEqual(before);
    expect(entry && entry.expiresAt.getTime() - entry.at.getTime()).toBe(400 * DAY_MS);
    expect(await audit.find(id)).toEqual(entry);
    expect(await audit.find(new ObjectId())).toBeNull();
  });

  it('SEC-7 names a hundred subjects, and counts the others', async () => {
    const many = Array.from({ length: 250 }, (_, i) => `id${i}`);
    const id = await audit.begin(doing({ subjects: many }));
    expect(await all()).toMatchObject([{ subjects: many.slice(0, 100), subjectCount: 250 }]);
    await audit.end(id, { outcome: 'OK', subjects: [...many, 'one more'], refused: 0 });
    expect(await all()).toMatchObject([{ subjects: many.slice(0, 100), subjectCount: 251 }]);
  });

  it('SEC-7 is removed by MongoDB itself at the end of its retention, and never before', async () => {
    const indexes = await engine.database.collection(AuditEntry).indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }));
  });

  it('SEC-7 that cannot be ended is told, and shows that the end is not known', async () => {
    const id = await audit.begin(doing());
    const broken = new Audit(
      {
        ...engine.database,
        collection: () => ({ updateOne: () => Promise.reject(new Error('away')) }) as never,
      },
      DAY_MS,
      (error) => errors.push(error),
    );
    await broken.end(id, { outcome: 'OK', subjects: [], refused: 0 });
    expect(errors).toEqual([new Error('away')]);
    expect(await all()).toMatchObject([{ outcome: null }]);
  });

  it('SEC-7 API-3 is listed newest first, in pages, and filtered by who, what, about what, when and how', async () => {
    const ids: ObjectId[] = [];
    for (let i = 0; i < 7; i += 1) {
      const caller = callerOf(i % 2 === 0 ? 'asha' : 'ravi', 'MANAGER');
      const id = await audit.begin(
        doing({ caller, action: i < 3 ? 'cancel' : 'schedule', subjects: [`s${i}`] }),
      );
      if (i !== 6)
        await audit.end(id, { outcome: i === 5 ? 'FORBIDDEN' : 'OK', subjects: [`s${i}`], refused: 0 });
      ids.push(id);
    }
    const newest = [...ids].reverse().map((id) => id.toHexString());
    const list = async (filter: Parameters<Audit['list']>[0], first = 200, after?: ObjectId) => {
      const { items, hasMore } = await audit.list(filter, { first, ...(after ? { after } : {}) });
      return { found: items.map(({ _id }) => newest.indexOf(_id.toHexString())), hasMore };
    };
    expect(await list({})).toEqual({ found: [0, 1, 2, 3, 4, 5, 6], hasMore: false });
    expect(await list({}, 3)).toEqual({ found: [0, 1, 2], hasMore: true });
    expect(await list({}, 4, ids[4])).toEqual({ found: [3, 4, 5, 6], hasMore: false });
    expect(await list({ owner: 'ravi' })).toMatchObject({ found: [1, 3, 5] });
    expect(await list({ action: 'cancel' })).toMatchObject({ found: [4, 5, 6] });
    expect(await list({ subject: 's3' })).toMatchObject({ found: [3] });
    expect(await list({ outcome: 'FORBIDDEN' })).toMatchObject({ found: [1] });
    expect(await list({ owner: 'asha', action: 'schedule' })).toMatchObject({ found: [0, 2] });
    const [soon, past] = [new Date(Date.now() + DAY_MS), new Date(Date.now() - DAY_MS)];
    expect(await list({ from: past, before: soon })).toMatchObject({ found: [0, 1, 2, 3, 4, 5, 6] });
    expect(await list({ before: past })).toMatchObject({ found: [] });
    expect(await list({ from: soon })).toMatchObject({ found: [] });
    const entries = (await all()).sort((a, b) => a.at.getTime() - b.at.getTime());
    const third = entries[2]!.at;
    const expected = entries.filter(({ at }) => at >= third).length;
    expect((await list({ from: third })).found).toHaveLength(expected);
    expect((await list({ before: third })).found).toHaveLength(entries.length - expected);
  });
});

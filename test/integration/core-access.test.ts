import { ObjectId } from '@mikro-orm/mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Access } from '../../src/core/access/access.js';
import { ApiKey } from '../../src/core/access/api-key.entity.js';
import { type Caller, mayAct, ownedBy, ROLES } from '../../src/core/access/caller.js';
import { createTestEngine, type TestEngine } from '../support/engine.js';
import { until } from '../support/until.js';

let engine: TestEngine;
let access: Access;

beforeAll(async () => (engine = await createTestEngine()));
afterAll(() => engine.stop());
beforeEach(async () => {
  await engine.clear();
  access = new Access(engine.database);
});

/** Another process: it has nothing in memory. */
const elsewhere = (): Access => new Access(engine.database);
const machine = { name: 'a machine', owner: 'me', role: 'MANAGER' } as const;

describe('SEC-4 API keys', () => {
  it('SEC-4 stand for their owner and role, in every process', async () => {
    const { key, doc } = await access.createKey(machine);
    const caller = { owner: 'me', role: 'MANAGER', keyId: doc._id.toHexString() };
    expect(await access.authenticate(key)).toEqual(caller);
    expect(await access.authenticate(key)).toEqual(caller);
    expect(await elsewhere().authenticate(key)).toEqual(caller);
    const [listed] = await access.listKeys();
    expect(listed).toMatchObject({ ...machine, lastUsedAt: expect.any(Date), revokedAt: null });
  });

  it('SEC-4 are stored as a hash: nothing in the database holds the secret', async () => {
    const { key, doc } = await access.createKey(machine);
    const [prefix, secret] = [key.slice(0, 11), key.slice(12)];
    expect(key).toMatch(/^pk_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/);
    const stored = JSON.stringify(await engine.database.collection(ApiKey).find().toArray());
    expect(stored).toContain(prefix);
    expect(stored).not.toContain(secret);
    expect(doc.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await access.authenticate(doc.hash)).toBeNull();
  });

  it('SEC-4 differ, however many are made', async () => {
    const keys = await Promise.all(Array.from({ length: 50 }, () => access.createKey(machine)));
    expect(new Set(keys.map(({ key }) => key)).size).toBe(50);
    expect(await access.listKeys()).toHaveLength(50);
  });

  it('SEC-4 that are unknown or malformed stand for nobody', async () => {
    const { key } = await access.createKey(machine);
    const changed = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`;
    const wrong = [
      '',
      'pk_',
      key.slice(0, -1),
      `${key}A`,
      ` ${key}`,
      changed,
      key.toUpperCase(),
      'x'.repeat(1e5),
    ];
    for (const one of wrong) expect(await access.authenticate(one)).toBeNull();
  });

  it('SEC-4 that were revoked stand for nobody: at once here, and in a process that has not seen them', async () => {
    const { key, doc } = await access.createKey(machine);
    await access.authenticate(key);
    const revoked = await access.revokeKey(doc._id);
    expect(revoked?.revokedAt).toBeInstanceOf(Date);
    expect(await access.authenticate(key)).toBeNull();
    expect(await elsewhere().authenticate(key)).toBeNull();
    // Again changes nothing, and an unknown one is told from it.
    expect((await access.revokeKey(doc._id))?.revokedAt).toEqual(revoked?.revokedAt);
    expect(await access.revokeKey(new ObjectId())).toBeNull();
  });

  it('SEC-4 that have expired stand for nobody, not even for who has just believed them', async () => {
    const past = await access.createKey({ ...machine, expiresAt: new Date(Date.now() - 1) });
    expect(await access.authenticate(past.key)).toBeNull();
    const expiresAt = new Date(Date.now() + 1_000);
    const soon = await access.createKey({ ...machine, expiresAt });
    expect(await access.authenticate(soon.key)).not.toBeNull();
    await until(() => Date.now() > expiresAt.getTime());
    expect(await access.authenticate(soon.key)).toBeNull();
  });
});

describe('CORE-5 API-10 roles', () => {
  const as = (role: Caller['role']): Caller => ({ owner: 'me', role, keyId: 'k' });

  it('API-10 each role may do what those before it may', () => {
    for (const [i, own] of ROLES.entries())
      for (const [k, needed] of ROLES.entries()) expect(mayAct(as(own), needed)).toBe(i >= k);
  });

  it('CORE-5 viewers and managers are held to what is theirs; operators and admins see all', () => {
    expect(ROLES.map((role) => ownedBy(as(role)))).toEqual([{ owner: 'me' }, { owner: 'me' }, {}, {}]);
  });
});

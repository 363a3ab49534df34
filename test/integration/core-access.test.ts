import { ObjectId } from '@mikro-orm/mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Access } from '../../src/core/access/access.js';
import { ApiKey } from '../../src/core/access/api-key.entity.js';
import { type Caller, mayAct, ownedBy, reaches, ROLES, SCOPES } from '../../src/core/access/caller.js';
import { callerOf, createTestEngine, type TestEngine } from '../support/engine.js';
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
    const credential = `key:${doc._id.toHexString()}`;
    const caller = { owner: 'me', role: 'MANAGER', scopes: null, credential, expiresAt: null };
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

describe('SEC-4 what a key is held to', () => {
  const maker = (own: Partial<Caller>): Caller => ({ ...callerOf('root', 'ADMIN'), ...own });

  it('SEC-4 is kept with it: its scopes, or everything that its role permits', async () => {
    const { key } = await access.createKey({ ...machine, scopes: ['read', 'operate', 'read'] });
    const caller = await access.authenticate(key);
    expect(caller?.scopes).toEqual(['read', 'operate']);
    expect(SCOPES.map((scope) => caller && reaches(caller, scope))).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
    const { key: free } = await access.createKey(machine);
    expect(await access.authenticate(free)).toMatchObject({ scopes: null });
  });

  it('SEC-4 of a key from before there were scopes is everything that its role permits', async () => {
    const { key, doc } = await access.createKey(machine);
    await engine.database.collection(ApiKey).updateOne({ _id: doc._id }, { $unset: { scopes: '' } });
    expect(await access.authenticate(key)).toMatchObject({ scopes: null });
  });

  it.each<[string, Partial<Caller>, Partial<Parameters<Access['createKey']>[0]>, string]>([
    ['a higher role', { role: 'OPERATOR' }, { role: 'ADMIN' }, 'role'],
    ['other scopes', { scopes: ['admin'] }, { scopes: ['admin', 'read'] }, 'scopes'],
    ['no limit of scopes', { scopes: ['admin'] }, { scopes: null }, 'scopes'],
    [
      'a longer life',
      { expiresAt: new Date('2100-01-01') },
      { expiresAt: new Date('2100-01-02') },
      'expiresAt',
    ],
    ['an endless life', { expiresAt: new Date('2100-01-01') }, {}, 'expiresAt'],
  ])('SEC-4 is never %s than its maker has', async (_what, own, wanted, path) => {
    await expect(access.createKey({ ...machine, ...wanted }, maker(own))).rejects.toMatchObject({
      code: 'FORBIDDEN',
      path,
    });
    expect(await access.listKeys()).toEqual([]);
  });

  it("SEC-4 may be all that its maker has, and a person's token may make a lasting key", async () => {
    const scopes = ['admin', 'read'] as const;
    await access.createKey({ ...machine, scopes: ['read'] }, maker({ scopes }));
    await access.createKey({ ...machine, role: 'ADMIN' }, maker({}));
    const token = maker({ credential: 'token:1', expiresAt: new Date('2100-01-01') });
    await access.createKey(machine, token);
    expect(await access.listKeys()).toHaveLength(3);
  });
});

describe('SEC-4 tokens', () => {
  const token = 'aaaa.bbbb.cccc';

  it('SEC-4 are asked for once in a while, and not once they have ended', async () => {
    let asked = 0;
    const expiresAt = new Date(Date.now() + 500);
    const caller = { ...callerOf('me', 'VIEWER'), expiresAt };
    const withTokens = new Access(engine.database, async (given) => {
      asked += 1;
      return given === token && Date.now() < expiresAt.getTime() ? caller : null;
    });
    expect(await withTokens.authenticate(token)).toBe(caller);
    expect(await withTokens.authenticate(token)).toBe(caller);
    expect(asked).toBe(1);
    expect(await withTokens.authenticate('aaaa.bbbb.dddd')).toBeNull();
    expect(await withTokens.authenticate('no token')).toBeNull();
    expect(asked).toBe(2);
    await until(() => Date.now() >= expiresAt.getTime());
    expect(await withTokens.authenticate(token)).toBeNull();
  });

  it('SEC-4 stand for nobody where none are taken', async () => {
    expect(await access.authenticate(token)).toBeNull();
  });
});

describe('CORE-5 API-10 roles', () => {
  const as = (role: Caller['role']): Caller => callerOf('me', role);

  it('API-10 each role may do what those before it may', () => {
    for (const [i, own] of ROLES.entries())
      for (const [k, needed] of ROLES.entries()) expect(mayAct(as(own), needed)).toBe(i >= k);
  });

  it('CORE-5 viewers and managers are held to what is theirs; operators and admins see all', () => {
    expect(ROLES.map((role) => ownedBy(as(role)))).toEqual([{ owner: 'me' }, { owner: 'me' }, {}, {}]);
  });
});

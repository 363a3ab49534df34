import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  CancelDocument,
  CreateApiKeyDocument,
  PauseQueueDocument,
  RevokeApiKeyDocument,
  ScheduleBulkDocument,
  ScheduleDocument,
  UpsertAdvisorDocument,
} from '#sdk';
import { AuditEntry, type AuditEntryDoc, type Scope } from '../../src/core/index.js';
import { toGlobalId } from '../../src/schema/ids.js';
import { query, type RawAnswer, type User, Users } from '../support/graphql.js';
import { startSystem, type System } from '../support/system.js';

const PHONE = '+919876543210';
const input = {
  at: { after: '1d' },
  queue: 'content-delivery',
  channel: 'WHATSAPP',
  to: PHONE,
  content: { text: 'the biopsy was benign' },
} as const;

let system: System;
let users: Users;
let alice: User;
let viewer: User;
let admin: User;

beforeAll(async () => {
  system = await startSystem({ parts: { worker: false, sandbox: false }, env: { LOG_LEVEL: 'silent' } });
  users = new Users(system.url, system.core);
  [alice, viewer, admin] = await Promise.all([
    users.make('alice'),
    users.make('alice', 'VIEWER'),
    users.make('root', 'ADMIN'),
  ]);
});
afterAll(async () => {
  await users.close();
  await system.stop();
});

async function last(): Promise<AuditEntryDoc | null> {
  return system.core.database.collection(AuditEntry).findOne({}, { sort: { _id: -1 } });
}

const AUDIT = `query ($filter: AuditFilter, $first: Int! = 50) { audit(filter: $filter, first: $first) {
  nodes { id at owner role credential action subjects subjectCount refused outcome requestId } } }`;
const audit = (user: User, variables: object = {}): Promise<RawAnswer> =>
  query(system.url, user.key, AUDIT, variables);

describe('SEC-7 who did what', () => {
  it('SEC-7 is kept for a mutation with its subjects, and the id of the request', async () => {
    const { schedule } = await alice.request(ScheduleDocument, { input });
    const id = schedule.delivery?.id ?? '';
    expect(await last()).toMatchObject({
      owner: 'alice',
      role: 'MANAGER',
      credential: expect.stringMatching(/^key:[0-9a-f]{24}$/),
      action: 'schedule',
      subjects: [id],
      outcome: 'OK',
    });
    await alice.request(CancelDocument, { input: { id } });
    expect(await last()).toMatchObject({ action: 'cancel', subjects: [id], outcome: 'OK' });
    const answer = await query(
      system.url,
      alice.key,
      'mutation ($input: CancelInput!) { cancel(input: $input) { errors { code } } }',
      { input: { id } },
    );
    expect(await last()).toMatchObject({
      subjects: [id],
      outcome: 'INVALID_OPERATION',
      requestId: answer.headers.get('x-request-id'),
    });
  });

  it('SEC-7 is one entry for a bulk, with what was refused counted', async () => {
    const count = () => system.core.database.collection(AuditEntry).countDocuments();
    const before = await count();
    const { scheduleBulk } = await alice.request(ScheduleBulkDocument, {
      input: { items: [input, { ...input, to: 'nonsense' }, input] },
    });
    expect(await count()).toBe(before + 1);
    expect(await last()).toMatchObject({
      action: 'scheduleBulk',
      subjects: [scheduleBulk.deliveries?.[0]?.id, scheduleBulk.deliveries?.[2]?.id],
      refused: 1,
      outcome: 'OK',
    });
  });

  it('SEC-7 holds what was refused by role and by scope too', async () => {
    await viewer.request(ScheduleDocument, { input });
    expect(await last()).toMatchObject({
      action: 'schedule',
      role: 'VIEWER',
      subjects: [],
      outcome: 'FORBIDDEN',
    });
    const scopes: Scope[] = ['read'];
    const { key } = await system.core.access.createKey({ name: 'x', owner: 'narrow', role: 'ADMIN', scopes });
    const text = 'mutation ($input: PauseQueueInput!) { pauseQueue(input: $input) { errors { code } } }';
    const refused = await query(system.url, key, text, { input: { name: 'content-delivery' } });
    expect(refused.code).toBe('FORBIDDEN');
    expect(await last()).toMatchObject({
      owner: 'narrow',
      action: 'pauseQueue',
      subjects: ['name:content-delivery'],
      outcome: 'FORBIDDEN',
    });
  });

  it('SEC-4 SEC-7 tells of keys that are made and revoked', async () => {
    const made = await admin.request(CreateApiKeyDocument, {
      input: { name: 'till', owner: 'shop', role: 'VIEWER' },
    });
    const id = made.createApiKey.apiKey?.id ?? '';
    expect(await last()).toMatchObject({
      owner: 'root',
      action: 'createApiKey',
      subjects: [id],
      outcome: 'OK',
    });
    await admin.request(RevokeApiKeyDocument, { input: { id } });
    expect(await last()).toMatchObject({
      owner: 'root',
      action: 'revokeApiKey',
      subjects: [id],
      outcome: 'OK',
    });
  });

  it('SEC-7 never holds personal data or a secret, whatever is sent', async () => {
    const address = Buffer.from(`Delivery:${PHONE}`).toString('base64url');
    const { createApiKey } = await admin.request(CreateApiKeyDocument, {
      input: { name: 'asha@example.com', owner: 'shop', role: 'VIEWER' },
    });
    await alice.request(UpsertAdvisorDocument, {
      input: { externalId: PHONE, name: 'Asha Rao', phone: PHONE },
    });
    await alice.request(CancelDocument, { input: { id: PHONE } });
    await alice.request(CancelDocument, { input: { id: address } });
    await admin.request(PauseQueueDocument, { input: { name: PHONE } });
    expect(await last()).toMatchObject({ subjects: ['name:+91***10'], outcome: 'QUEUE_NOT_FOUND' });
    const stored = JSON.stringify(await system.core.database.collection(AuditEntry).find().toArray());
    expect(createApiKey.key).not.toBeNull();
    for (const text of [PHONE.slice(1), address, 'Asha', 'asha', 'biopsy', createApiKey.key?.slice(12) ?? ''])
      expect(stored).not.toContain(text);
  });

  it('SEC-7 before it is done: what cannot be written down is not done', async () => {
    const begin = jest.spyOn(system.core.audit, 'begin').mockRejectedValue(new Error('the disk is full'));
    const before = (await audit(admin)).body.data;
    await expect(
      alice.request(ScheduleDocument, { input: { ...input, idempotencyKey: 'unwritten' } }),
    ).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
    begin.mockRestore();
    expect((await audit(admin)).body.data).toEqual(before);
    const { schedule } = await alice.request(ScheduleDocument, {
      input: { ...input, idempotencyKey: 'unwritten' },
    });
    expect(schedule.created).toBe(true);
  });

  it('SEC-7 even where it ends in an error of ours', async () => {
    const broken = jest.spyOn(system.core.deliveries, 'accept').mockRejectedValue(new Error('a bug'));
    await expect(alice.request(ScheduleDocument, { input })).rejects.toMatchObject({
      code: 'INTERNAL_ERROR',
    });
    broken.mockRestore();
    expect(await last()).toMatchObject({ action: 'schedule', outcome: 'INTERNAL_ERROR' });
  });
});

describe('SEC-7 the audit is read', () => {
  it('API-10 by admins alone, by its query and by its id', async () => {
    expect((await audit(alice)).code).toBe('FORBIDDEN');
    const operator = await users.make('ops', 'OPERATOR');
    expect((await audit(operator)).code).toBe('FORBIDDEN');
    const id = toGlobalId('AuditEntry', (await last())?._id ?? '');
    const node = async (key: string) =>
      (await query(system.url, key, 'query ($id: ID!) { node(id: $id) { id } }', { id })).body;
    const scopes: Scope[] = ['read'];
    const { key } = await system.core.access.createKey({ name: 'x', owner: 'root', role: 'ADMIN', scopes });
    for (const one of [alice.key, operator.key, key])
      expect(await node(one)).toEqual({ data: { node: null } });
    expect(await node(admin.key)).toEqual({ data: { node: { id } } });
  });

  it('SEC-7 by who, what, about what, how and when', async () => {
    const nodes = async (filter: object) =>
      ((await audit(admin, { filter })).body.data?.['audit'] as { nodes: Record<string, unknown>[] }).nodes;
    expect((await nodes({ owner: 'narrow' })).map(({ action }) => action)).toEqual(['pauseQueue']);
    const made = await nodes({ owner: 'root', action: 'createApiKey' });
    expect(made.length).toBeGreaterThan(0);
    expect(await nodes({ subject: (made.at(-1)?.['subjects'] as string[])[0] })).toHaveLength(2);
    expect(await nodes({ subject: 'name:content-delivery', outcome: 'FORBIDDEN' })).toHaveLength(1);
    expect(await nodes({ before: '2020-01-01T00:00:00Z' })).toEqual([]);
    const bad = await audit(admin, { filter: { outcome: 'GOOD' } });
    expect(bad).toMatchObject({ code: 'VALIDATION_ERROR' });
  });
});

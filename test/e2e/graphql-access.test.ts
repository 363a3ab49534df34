import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ApiKeysDocument,
  CancelDocument,
  CreateApiKeyDocument,
  createClient,
  DeliveriesDocument,
  DeliveryDocument,
  DeliveryUpdatedDocument,
  PauseQueueDocument,
  QueueDocument,
  QueuesDocument,
  RescheduleDocument,
  ResumeChannelDocument,
  ResumeQueueDocument,
  RetryFailedDocument,
  RevokeApiKeyDocument,
  RunDocument,
  RunProgressDocument,
  ScheduleDocument,
} from '#sdk';
import { postRaw, query, type User, Users } from '../support/graphql.js';
import { startSystem, type System } from '../support/system.js';

let system: System;
let users: Users;
let alice: User;
let bob: User;
let viewer: User;
let admin: User;
let deliveryId: string;

const input = {
  at: { after: '1d' },
  queue: 'content-delivery',
  channel: 'WHATSAPP',
  to: '+919876543210',
  content: { text: 'hello' },
} as const;

beforeAll(async () => {
  system = await startSystem({ parts: { worker: false, sandbox: false } });
  users = new Users(system.url, system.core);
  [alice, bob, viewer, admin] = await Promise.all([
    users.make('alice'),
    users.make('bob'),
    users.make('alice', 'VIEWER'),
    users.make('root', 'ADMIN'),
  ]);
  const { schedule } = await alice.request(ScheduleDocument, { input });
  deliveryId = schedule.delivery?.id ?? '';
});

afterAll(async () => {
  await users.close();
  await system.stop();
});

describe('credentials', () => {
  it.each([
    ['no key', undefined],
    ['a malformed key', 'nonsense'],
    ['an unknown key', `pk_00000000_${'a'.repeat(43)}`],
  ])('API-10 %s is UNAUTHENTICATED, on every path', async (_name, key) => {
    for (const path of ['/graphql', '/graphql/stream']) {
      const answer = await postRaw(system.url, '{"query":"{ __typename }"}', {
        path,
        ...(key === undefined ? {} : { key }),
      });
      expect(answer).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    const client = createClient({ url: system.url, apiKey: key ?? '' });
    const updates = client.subscribe(DeliveryUpdatedDocument, { input: { queue: 'content-delivery' } });
    await expect(updates.next()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await client.close();
  });

  it('SEC-4 a key is made and revoked by an admin, works in between, and is listed without its secret', async () => {
    const made = await admin.request(CreateApiKeyDocument, {
      input: { name: 'till', owner: 'shop', role: 'MANAGER' },
    });
    const { key, apiKey } = made.createApiKey;
    const client = createClient({ url: system.url, apiKey: key ?? '' });
    expect((await client.request(ScheduleDocument, { input })).schedule.delivery?.owner).toBe('shop');
    const listed = await query(system.url, admin.key, '{ apiKeys { id prefix name } }');
    expect(listed.text).toContain(apiKey?.prefix);
    expect(listed.text).not.toContain(key);
    await admin.request(RevokeApiKeyDocument, { input: { id: apiKey?.id ?? '' } });
    await expect(client.request(QueuesDocument)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await client.close();
  });

  it.each([
    [{ name: '', owner: 'x', role: 'VIEWER' as const }, 'VALIDATION_ERROR', 'name'],
    [{ name: 'x', owner: ' ', role: 'VIEWER' as const }, 'VALIDATION_ERROR', 'owner'],
    [
      { name: 'x', owner: 'x', role: 'VIEWER' as const, expiresAt: '2020-01-01T00:00:00Z' },
      'INVALID_SCHEDULED_TIME',
      'expiresAt',
    ],
  ])('API-2 a bad key request %j is data', async (request, code, path) => {
    const { createApiKey } = await admin.request(CreateApiKeyDocument, { input: request });
    expect(createApiKey).toMatchObject({ key: null, errors: [{ code, path }] });
  });
});

describe('roles', () => {
  it('API-10 a viewer changes nothing, and is told so as data', async () => {
    expect((await viewer.request(ScheduleDocument, { input })).schedule.errors).toMatchObject([
      { code: 'FORBIDDEN' },
    ]);
    expect((await viewer.request(CancelDocument, { input: { id: deliveryId } })).cancel.errors).toMatchObject(
      [{ code: 'FORBIDDEN' }],
    );
    expect((await viewer.request(RetryFailedDocument, { input: {} })).retryFailed.errors).toMatchObject([
      { code: 'FORBIDDEN' },
    ]);
  });

  it('API-10 queues and channels take an operator, keys an admin', async () => {
    const queue = { input: { name: 'content-delivery' } };
    expect((await alice.request(PauseQueueDocument, queue)).pauseQueue.errors).toMatchObject([
      { code: 'FORBIDDEN' },
    ]);
    expect(
      (await alice.request(ResumeChannelDocument, { input: { channel: 'WHATSAPP' } })).resumeChannel.errors,
    ).toMatchObject([{ code: 'FORBIDDEN' }]);
    expect(
      (await alice.request(CreateApiKeyDocument, { input: { name: 'x', owner: 'x', role: 'ADMIN' } }))
        .createApiKey,
    ).toMatchObject({
      key: null,
      errors: [{ code: 'FORBIDDEN' }],
    });
    await expect(alice.request(ApiKeysDocument)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const operator = await users.make('ops', 'OPERATOR');
    expect((await operator.request(PauseQueueDocument, queue)).pauseQueue.queue?.paused).toBe(true);
    expect((await operator.request(ResumeQueueDocument, queue)).resumeQueue.queue?.paused).toBe(false);
    const unknown = await operator.request(PauseQueueDocument, { input: { name: 'nowhere' } });
    expect(unknown.pauseQueue.errors).toMatchObject([{ code: 'QUEUE_NOT_FOUND' }]);
  });

  it('SEC-7 a viewer sees of an address what tells two apart, and no more', async () => {
    const { delivery } = await viewer.request(DeliveryDocument, { id: deliveryId });
    expect(delivery?.to).toBe('+91***10');
  });
});

describe('ownership', () => {
  it("CORE-5 API-10 somebody else's id answers exactly as an unknown one, on every path", async () => {
    const unknown = Buffer.from('Delivery:0123456789abcdef01234567').toString('base64url');
    const answers = async (id: string) => [
      await bob.request(DeliveryDocument, { id }),
      await bob.request(CancelDocument, { input: { id } }),
      await bob.request(RescheduleDocument, { input: { id, at: { after: '1h' } } }),
      (await bob.request(DeliveriesDocument, { filter: { ids: [id] } })).deliveries.nodes,
      (await query(system.url, bob.key, 'query ($id: ID!) { node(id: $id) { id } }', { id })).body,
      await firstError(bob, id),
    ];
    const foreign = await answers(deliveryId);
    expect(foreign).toEqual(await answers(unknown));
    expect(foreign[1]).toMatchObject({ cancel: { errors: [{ code: 'DELIVERY_NOT_FOUND' }] } });
    expect(foreign[5]).toMatchObject({ code: 'DELIVERY_NOT_FOUND' });
    expect((await alice.request(DeliveryDocument, { id: deliveryId })).delivery?.state).toBe('SCHEDULED');
  });

  it('CORE-5 runs likewise', async () => {
    const begun = { owner: 'alice', program: 'test', type: 'wave', occurrence: 'ownership' };
    const { run } = await system.core.runs.begin(begun);
    const id = Buffer.from(`Run:${run._id.toHexString()}`).toString('base64url');
    expect((await alice.request(RunDocument, { id })).run?.occurrence).toBe('ownership');
    expect((await bob.request(RunDocument, { id })).run).toBeNull();
    await expect(bob.subscribe(RunProgressDocument, { run: id }).next()).rejects.toMatchObject({
      code: 'RUN_NOT_FOUND',
    });
    await expect(
      bob.request(DeliveriesDocument, { filter: { run: Buffer.from('Delivery:x').toString('base64url') } }),
    ).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  });

  it("CORE-5 lists and counts hold one's own only; an operator's hold all", async () => {
    expect((await bob.request(DeliveriesDocument, {})).deliveries.nodes).toEqual([]);
    const count = async (user: User) =>
      (await user.request(QueueDocument, { name: 'content-delivery' })).queue.counts.scheduled;
    expect(await count(bob)).toBe(0);
    expect(await count(alice)).toBe(1);
    expect(await count(admin)).toBeGreaterThanOrEqual(2);
    expect((await admin.request(DeliveryDocument, { id: deliveryId })).delivery?.owner).toBe('alice');
  });
});

/** What subscribing to a delivery fails with. */
async function firstError(user: User, id: string): Promise<unknown> {
  try {
    await user.subscribe(DeliveryUpdatedDocument, { input: { id } }).next();
    return null;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  }
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type ContentInput,
  DeliveryDocument,
  DeliveryStatsDocument,
  type DeliveryState,
  DeliveryUpdatedDocument,
  FailedDeliveriesDocument,
  FailureReasonsDocument,
  RetryFailedDocument,
  SendNowDocument,
  StatsDocument,
} from '#sdk';
import { query, type User, Users } from '../support/graphql.js';
import { startSystem, type System } from '../support/system.js';

let system: System;
let users: Users;
let alice: User;

const input = { channel: 'WHATSAPP', to: '+919876543210', content: { text: 'hello' } } as const;

beforeAll(async () => {
  system = await startSystem();
  users = new Users(system.url, system.core);
  alice = await users.make('alice');
});

afterAll(async () => {
  await users.close();
  await system.stop();
});

/** Waits until a delivery is in one of these states, by its subscription. */
async function reaches(
  id: string,
  user: User,
  ...states: DeliveryState[]
): Promise<DeliveryState | undefined> {
  for await (const { deliveryUpdated } of user.subscribe(DeliveryUpdatedDocument, { input: { id } })) {
    const state = deliveryUpdated.deliveries.find((delivery) => delivery.id === id)?.state;
    if (state && states.includes(state)) return state;
  }
  return undefined;
}

async function sandbox(method: 'PUT' | 'DELETE', behaviour?: object): Promise<void> {
  const url = `${system.sandboxUrl}/_sandbox/behaviour/whatsapp`;
  const answer = await fetch(url, { method, ...(behaviour ? { body: JSON.stringify(behaviour) } : {}) });
  expect(answer.ok).toBe(true);
}

describe('a delivery on its way', () => {
  it('CORE-1 CORE-2 is followed by subscription from the request to the phone, and its attempt is kept', async () => {
    const { sendNow } = await alice.request(SendNowDocument, { input });
    const id = sendNow.delivery?.id ?? '';
    expect(await reaches(id, alice, 'DELIVERED', 'READ')).toBeDefined();
    const { delivery } = await alice.request(DeliveryDocument, { id });
    expect(delivery?.attempts).toMatchObject([
      { number: 1, outcome: 'ACCEPTED', provider: 'whatsapp-cloud', errorCode: null },
    ]);
    expect(delivery?.latenessMs).toBe(delivery?.attempts[0]?.latenessMs);
    expect(delivery?.deliveredAt).not.toBeNull();
    const { stats } = await alice.request(StatsDocument, { window: { last: '10m' } });
    expect(stats).toMatchObject({ accepted: 1, sent: 1, successRate: 1 });
  });

  it('CORE-1 an e-mail arrives with its subject, under the key of its delivery', async () => {
    const { sendNow } = await alice.request(SendNowDocument, {
      input: {
        channel: 'EMAIL',
        to: 'Ann@EXAMPLE.org',
        content: { email: { subject: 'Hello', text: 'Good morning', html: '<p>Good morning</p>' } },
      },
    });
    expect(sendNow.errors).toEqual([]);
    const id = sendNow.delivery?.id ?? '';
    expect(await reaches(id, alice, 'SENT')).toBe('SENT');
    const { delivery } = await alice.request(DeliveryDocument, { id });
    expect(delivery).toMatchObject({
      to: 'Ann@example.org',
      content: { kind: 'EMAIL', subject: 'Hello', text: 'Good morning', html: '<p>Good morning</p>' },
      attempts: [{ outcome: 'ACCEPTED', provider: 'smtp' }],
    });
    const mails = await (await fetch(`${system.sandboxUrl}/_sandbox/mail`)).text();
    expect(JSON.parse(mails)).toMatchObject({
      key: expect.stringContaining(`<${delivery?.key}@`),
      to: 'Ann@example.org',
      subject: 'Hello',
    });
  });

  it('API-2 says what is wrong with an e-mail', async () => {
    const send = async (to: string, content: ContentInput) =>
      (await alice.request(SendNowDocument, { input: { channel: 'EMAIL', to, content } })).sendNow.errors;
    expect(await send('ann@example.org\nBcc: b@example.org', { text: 'hi' })).toMatchObject([
      { code: 'VALIDATION_ERROR', path: 'to', message: expect.stringContaining('has a line break') },
    ]);
    const email = { subject: 'a\r\nBcc: b@example.org', text: 'hi' };
    expect(await send('ann@example.org', { email })).toMatchObject([
      {
        code: 'VALIDATION_ERROR',
        path: 'content',
        message: expect.stringContaining('line break in its subject'),
      },
    ]);
    expect(await send('ann@example.org', { text: 'hi', email: { subject: 'a', text: 'b' } })).toMatchObject([
      { code: 'VALIDATION_ERROR', path: 'content', message: expect.stringContaining('exactly one of') },
    ]);
  });

  it('CORE-4 CORE-26 API-8 retryFailed counts in a dry run, then sends what had failed', async () => {
    await sandbox('PUT', { errorRate: 1, errorStatus: 400 });
    const { sendNow } = await alice.request(SendNowDocument, { input });
    const id = sendNow.delivery?.id ?? '';
    expect(await reaches(id, alice, 'FAILED', 'DEAD_LETTERED')).toBe('FAILED');
    await sandbox('DELETE');
    const filter = { ids: [id] };
    const bob = await users.make('bob');
    const foreign = await bob.request(RetryFailedDocument, { input: { filter } });
    expect(foreign.retryFailed).toMatchObject({ matched: 0, retried: 0 });
    const dry = await alice.request(RetryFailedDocument, { input: { filter, dryRun: true } });
    expect(dry.retryFailed).toMatchObject({ matched: 1, retried: 0, dryRun: true });
    const wet = await alice.request(RetryFailedDocument, { input: { filter } });
    expect(wet.retryFailed).toMatchObject({ matched: 1, retried: 1, dryRun: false });
    expect(await reaches(id, alice, 'SENT', 'DELIVERED', 'READ')).toBeDefined();
    const { delivery } = await alice.request(DeliveryDocument, { id });
    expect(delivery?.attempts.map(({ outcome }) => outcome)).toEqual(['REFUSED', 'ACCEPTED']);
  });

  it('CORE-26 what has failed is listed with its reason, and retried by it; CP-6 a report counts it', async () => {
    const carol = await users.make('carol');
    await sandbox('PUT', { errorRate: 1, errorStatus: 400 });
    const { sendNow } = await carol.request(SendNowDocument, { input });
    const id = sendNow.delivery?.id ?? '';
    expect(await reaches(id, carol, 'FAILED')).toBe('FAILED');
    await sandbox('DELETE');
    const { failedDeliveries } = await carol.request(FailedDeliveriesDocument, { first: 1 });
    expect(failedDeliveries.nodes).toMatchObject([{ id, state: 'FAILED' }]);
    expect(failedDeliveries.pageInfo).toMatchObject({ hasNextPage: false, endCursor: expect.any(String) });
    const after = failedDeliveries.pageInfo.endCursor;
    const beyond = await carol.request(FailedDeliveriesDocument, { first: 1, after });
    expect(beyond.failedDeliveries.nodes).toEqual([]);
    const { failureReasons } = await carol.request(FailureReasonsDocument);
    const [reason] = failureReasons;
    const code = failedDeliveries.nodes[0]?.lastError?.code ?? '';
    expect(failureReasons).toEqual([
      { code, message: expect.any(String), state: 'FAILED', count: 1, partial: false },
    ]);
    const [from, to] = [-600_000, 60_000].map((ms) => new Date(Date.now() + ms).toISOString());
    const { deliveryStats } = await carol.request(DeliveryStatsDocument, { from: from ?? '', to: to ?? '' });
    expect(deliveryStats).toMatchObject({ sent: 0, successful: 0, failed: 1, averageDeliveryTimeMs: null });
    const filter = { errorCodes: [reason?.code ?? ''] };
    const { retryFailed } = await carol.request(RetryFailedDocument, { input: { filter } });
    expect(retryFailed).toMatchObject({ matched: 1, retried: 1, run: { status: 'COMPLETED', changed: 1 } });
    expect(await reaches(id, carol, 'DELIVERED', 'READ')).toBeDefined();
    const sent = await carol.request(DeliveryStatsDocument, { from: from ?? '', to: to ?? '' });
    expect(sent.deliveryStats).toMatchObject({ sent: 1, successful: 1, failed: 1, responseRate: 0 });
    expect(sent.deliveryStats.averageDeliveryTimeMs).toBeGreaterThanOrEqual(0);
  });

  it.each([
    [
      `failedDeliveries(after: "${Buffer.from('failed:1:x').toString('base64url')}") { nodes { id } }`,
      'after',
    ],
    ['failedDeliveries(first: 0) { nodes { id } }', 'first'],
    ['deliveryStats(from: "2035-01-01T00:00:00Z", to: "2035-01-01T00:00:00Z") { sent }', 'to'],
    ['deliveryStats(from: "2035-01-01T00:00:00Z", to: "2037-01-01T00:00:00Z") { sent }', 'to'],
  ])('API-2 %s is VALIDATION_ERROR', async (field, name) => {
    const answer = await query(system.url, alice.key, `{ ${field} }`);
    expect(answer.body.errors?.[0]?.extensions).toMatchObject({ code: 'VALIDATION_ERROR', field: name });
  });
});

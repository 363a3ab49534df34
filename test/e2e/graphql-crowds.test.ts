import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Client,
  createClient,
  DeliveryUpdatedDocument,
  type DeliveryUpdatedSubscription,
  RevokeApiKeyDocument,
  ScheduleDocument,
} from '#sdk';
import { type User, Users } from '../support/graphql.js';
import { startSystem, type System } from '../support/system.js';

type Update = DeliveryUpdatedSubscription['deliveryUpdated'];
type Updates = AsyncIterator<DeliveryUpdatedSubscription>;

const QUEUE = 'content-delivery';
const input = {
  at: { after: '1d' },
  queue: QUEUE,
  channel: 'WHATSAPP',
  to: '+919876543210',
  content: { text: 'hello' },
} as const;

let system: System;
let users: Users;
let alice: User;
const clients: Client[] = [];

beforeAll(async () => {
  system = await startSystem({ parts: { worker: false, sandbox: false } });
  users = new Users(system.url, system.core);
  alice = await users.make('alice');
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await users.close();
  await system.stop();
});

/** Another socket of the same user. */
async function another(owner: string): Promise<{ client: Client; id: string }> {
  const { key, doc } = await system.core.access.createKey({ name: owner, owner, role: 'MANAGER' });
  const client = createClient({ url: system.url, apiKey: key });
  clients.push(client);
  return { client, id: Buffer.from(`ApiKey:${doc._id.toHexString()}`).toString('base64url') };
}

function follow(client: Client, after?: string): Updates {
  return client.subscribe(DeliveryUpdatedDocument, {
    input: { queue: QUEUE },
    ...(after === undefined ? {} : { after }),
  });
}

async function take(updates: Updates, count: number): Promise<Update[]> {
  const seen: Update[] = [];
  while (seen.length < count) {
    const step = await updates.next();
    if (step.done === true) throw new Error('it has ended');
    seen.push(step.value.deliveryUpdated);
  }
  return seen;
}

async function schedule(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const answer = await alice.request(ScheduleDocument, { input });
    ids.push(answer.schedule.delivery?.id ?? '');
  }
  return ids;
}

const idsOf = (updates: readonly Update[]): string[] =>
  updates.flatMap(({ deliveries }) => deliveries.map(({ id }) => id));

describe('many subscribers of one kind', () => {
  it('API-7 each has every event once, in order, whether it was there from the start, came later, or resumes', async () => {
    const early = await Promise.all(
      Array.from({ length: 4 }, async () => follow((await another('alice')).client)),
    );
    for (const updates of early) expect(await take(updates, 1)).toMatchObject([{ snapshot: true }]);
    const first = await schedule(3);
    const seen = await Promise.all(early.map((updates) => take(updates, 3)));
    for (const updates of seen) expect(idsOf(updates)).toEqual(first);

    const resumed = follow((await another('alice')).client, seen[0]?.[0]?.cursor);
    const late = follow((await another('alice')).client);
    expect(await take(late, 1)).toMatchObject([{ snapshot: true }]);
    const second = await schedule(5);
    for (const updates of [...early, late]) expect(idsOf(await take(updates, 5))).toEqual(second);
    expect(idsOf(await take(resumed, 7))).toEqual([...first.slice(1), ...second]);
    for (const updates of [...early, late, resumed]) await updates.return?.();
  });

  it('API-7 the same events have the same ids and cursors for all of them', async () => {
    const both = await Promise.all([1, 2].map(async () => follow((await another('alice')).client)));
    for (const updates of both) await take(updates, 1);
    await schedule(4);
    const [one = [], other = []] = await Promise.all(both.map((updates) => take(updates, 4)));
    expect(one).toEqual(other);
    expect(new Set(one.map(({ id }) => id)).size).toBe(4);
    for (const updates of both) await updates.return?.();
  });

  it('API-10 who sees other things is told other things', async () => {
    const mine = await Promise.all([1, 2].map(async () => follow((await another('alice')).client)));
    const theirs = await Promise.all([1, 2].map(async () => follow((await another('bob')).client)));
    for (const updates of [...mine, ...theirs]) await take(updates, 1);
    await schedule(2);
    for (const updates of mine) await take(updates, 2);
    const { schedule: answer } = await (await another('bob')).client.request(ScheduleDocument, { input });
    for (const updates of theirs) expect(idsOf(await take(updates, 1))).toEqual([answer.delivery?.id]);
    for (const updates of [...mine, ...theirs]) await updates.return?.();
  });

  it('API-7 SEC-3 authorised at every event: a key that is revoked ends its subscription, and no other', async () => {
    const admin = await users.make('root', 'ADMIN');
    const leaving = await another('alice');
    const staying = await another('alice');
    const [ended, going] = [follow(leaving.client), follow(staying.client)];
    for (const updates of [ended, going]) await take(updates, 1);
    await schedule(2);
    for (const updates of [ended, going]) await take(updates, 2);
    await admin.request(RevokeApiKeyDocument, { input: { id: leaving.id } });
    const ids = await schedule(1);
    expect(idsOf(await take(going, 1))).toEqual(ids);
    await expect(ended.next()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await going.return?.();
  });
});

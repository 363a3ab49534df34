import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ApiKeysDocument,
  CancelDocument,
  type Client,
  createClient,
  CreateApiKeyDocument,
  DeliveriesDocument,
  orThrow,
  PunctualUserError,
  QueuesDocument,
  ScheduleBulkDocument,
  ScheduleDocument,
} from '#sdk';
import { pino } from 'pino';
import { startApi } from '../../src/graphql/server.js';
import { startSystem, type System } from '../support/system.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';

let system: System;
let proxy: TcpProxy;
let client: Client;
let users = 0;

const message = {
  at: { after: '1d' },
  channel: 'WHATSAPP',
  to: '+919876543210',
  content: { text: 'hello' },
} as const;

beforeAll(async () => {
  system = await startSystem({ parts: { worker: false, sandbox: false } });
});
afterAll(() => system.stop());

beforeEach(async () => {
  proxy = await startTcpProxy(system.url);
  const owner = `user-${(users += 1)}`;
  client = createClient({ url: proxy.url, apiKey: await keyOf(owner), retry: { minMs: 1 } });
});
afterEach(async () => {
  await client.close();
  await proxy.stop();
});

async function keyOf(owner: string): Promise<string> {
  return (await system.core.access.createKey({ name: owner, owner, role: 'MANAGER' })).key;
}

/** Keys of all deliveries of the client's user. */
async function keysOfAll(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of client.pages(DeliveriesDocument)) keys.push(key);
  return keys;
}

describe('an answer that is lost on its way', () => {
  it('CORE-3 leaves one delivery: the client repeats the request under the key that it gave it', async () => {
    proxy.loseAnswers(2);
    const { schedule } = await client.request(ScheduleDocument, { input: message });
    expect(schedule).toMatchObject({ created: false, errors: [], delivery: { state: 'SCHEDULED' } });
    expect(await keysOfAll()).toEqual([schedule.delivery?.key]);
  });

  it('CORE-3 in bulk leaves one delivery of each item', async () => {
    proxy.loseAnswers(1);
    const items = Array.from({ length: 450 }, () => message);
    const { scheduleBulk } = await client.request(ScheduleBulkDocument, { input: { items } });
    expect(scheduleBulk).toMatchObject({ accepted: 450, created: 0, refused: 0 });
    const keys = await keysOfAll();
    expect(keys.sort()).toEqual(scheduleBulk.deliveries?.map((delivery) => delivery?.key).sort());
    expect(new Set(keys).size).toBe(450);
  });

  it('of a mutation that must not be done twice is told, and the mutation is not repeated', async () => {
    const admin = createClient({ url: proxy.url, apiKey: system.adminKey });
    proxy.loseAnswers(1);
    const input = { name: 'lost', owner: 'bob', role: 'VIEWER' } as const;
    await expect(admin.request(CreateApiKeyDocument, { input })).rejects.toMatchObject({
      code: 'NETWORK_ERROR',
    });
    const { apiKeys } = await admin.request(ApiKeysDocument);
    expect(apiKeys.filter(({ name }) => name === 'lost')).toHaveLength(1);
    await admin.close();
  });
});

describe('a server that is away', () => {
  it('is tried a bounded number of times', async () => {
    proxy.refuse();
    await expect(client.request(QueuesDocument)).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
    expect(proxy.opened()).toBe(4);
    proxy.pass();
    expect((await client.request(QueuesDocument)).queues.length).toBeGreaterThan(0);
  });

  it('SEC-1 and one that limits requests is asked again when it says so', async () => {
    const api = await startApi({
      core: system.core,
      programs: [],
      config: { port: 0, host: '127.0.0.1', production: false, logLevel: 'silent' },
      webhooks: [],
      readiness: async () => ({ ok: true, reasons: [] }),
      log: pino({ level: 'silent' }),
      limits: { requestsPerWindow: 1, windowSeconds: 1 },
    });
    proxy.pass(api.url);
    const answers = await Promise.all([1, 2].map(() => client.request(QueuesDocument)));
    expect(answers.map(({ queues }) => queues.length > 0)).toEqual([true, true]);
    await api.stop();
  });
});

describe('what the input causes', () => {
  it('API-2 is data, and with orThrow an exception that names the field and the item', async () => {
    const items = [message, { ...message, at: { local: '2099-01-01T06:00', timezone: 'Mars/Base' } }];
    const { scheduleBulk } = await client.request(ScheduleBulkDocument, { input: { items } });
    expect(scheduleBulk).toMatchObject({ accepted: 1, errors: [{ code: 'INVALID_TIMEZONE', index: 1 }] });
    expect(() => orThrow(scheduleBulk)).toThrow(PunctualUserError);
    expect(() => orThrow(scheduleBulk)).toThrow(
      expect.objectContaining({ code: 'INVALID_TIMEZONE', index: 1, path: 'items[1].at.timezone' }),
    );
  });
});

describe('credentials', () => {
  it('API-10 a key that is refused is renewed by the function that gives it, before anything is done', async () => {
    const keys = ['pk_00000000_expired', await keyOf('carol')];
    const renewing = createClient({ url: proxy.url, apiKey: async () => keys.shift() ?? 'none left' });
    const { schedule } = await renewing.request(ScheduleDocument, { input: message });
    expect(schedule).toMatchObject({ created: true, delivery: { owner: 'carol' } });
    const id = schedule.delivery?.id ?? '';
    keys.push(await keyOf('carol'));
    const { cancel } = await renewing.request(CancelDocument, { input: { id } });
    expect(cancel.delivery?.state).toBe('CANCELLED');
    await renewing.close();
  });
});

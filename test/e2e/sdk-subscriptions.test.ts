import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import {
  type Client,
  type ClientOptions,
  type ConnectionState,
  createClient,
  DeliveryUpdatedDocument,
  type DeliveryUpdatedSubscription,
  ScheduleDocument,
} from '#sdk';
import { Connections } from '../../sdk/src/connection.js';
import { SocketTransport } from '../../sdk/src/socket.js';
import { SseTransport } from '../../sdk/src/sse.js';
import { events } from '../../sdk/src/subscription.js';
import { startApi } from '../../src/graphql/server.js';
import { startSystem, type System } from '../support/system.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

let system: System;
let proxy: TcpProxy;
const clients: Client[] = [];

/** Of a socket: a second on a busy machine is not yet silence. */
const LIMITS = { pingMs: 10_000, patienceMs: 1_000, mostWaiting: 1_000 };
const QUEUE = 'content-delivery';
const WATCH = { input: { queue: QUEUE } };
const message = {
  at: { after: '1d' },
  queue: QUEUE,
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
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await proxy.stop();
});

async function keyOf(owner: string): Promise<string> {
  return (await system.core.access.createKey({ name: owner, owner, role: 'MANAGER' })).key;
}

/** A client whose connections go through the proxy. */
function connect(options: ClientOptions): Client {
  const client = createClient({ url: proxy.url, ...options });
  clients.push(client);
  return client;
}

/** Someone who schedules undisturbed, past the proxy. */
async function scheduler(owner: string): Promise<() => Promise<string>> {
  const client = connect({ url: system.url, apiKey: await keyOf(owner) });
  return async () => (await client.request(ScheduleDocument, { input: message })).schedule.delivery?.id ?? '';
}

type Updates = AsyncIterator<DeliveryUpdatedSubscription>;

async function next(updates: Updates): Promise<DeliveryUpdatedSubscription['deliveryUpdated']> {
  const result = await updates.next();
  if (result.done === true) throw new Error('the subscription is over');
  return result.value.deliveryUpdated;
}

/** The ids of the deliveries of the next so many updates. */
async function idsOf(updates: Updates, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) ids.push(...(await next(updates)).deliveries.map(({ id }) => id));
  return ids;
}

describe.each(['websocket', 'sse'] as const)('a subscription over %s', (transport) => {
  it('API-7 that is cut off goes on by itself: every event once, in order, and the state is told', async () => {
    const owner = `cut-${transport}`;
    const schedule = await scheduler(owner);
    const client = connect({ apiKey: await keyOf(owner), transport });
    const told: ConnectionState[] = [];
    client.connection.onChange((state) => told.push(state));
    const updates = client.subscribe(DeliveryUpdatedDocument, WATCH);
    expect(await next(updates)).toMatchObject({ snapshot: true, deliveries: [] });
    expect(client.connection.state).toBe('open');

    const scheduled = [await schedule(), await schedule()];
    const seen = await idsOf(updates, 2);
    // The reader waits while the connection breaks, and things happen while it is away.
    const waiting = idsOf(updates, 5);
    proxy.refuse();
    proxy.cut();
    await until(() => client.connection.state === 'lost');
    expect(client.connection.error).toMatchObject({ code: 'NETWORK_ERROR' });
    scheduled.push(await schedule(), await schedule(), await schedule());
    proxy.pass();
    await until(() => client.connection.state === 'open');
    scheduled.push(await schedule());
    // And once more, in the midst of events.
    proxy.cut();
    scheduled.push(await schedule());
    expect([...seen, ...(await waiting)]).toEqual(scheduled);
    await updates.return?.();
    await until(() => told.at(-1) === 'idle');
    expect(told.slice(0, 4)).toEqual(['connecting', 'open', 'lost', 'open']);
  });

  it('CORE-30 API-7 goes on at another server when its own stops', async () => {
    const owner = `stop-${transport}`;
    const schedule = await scheduler(owner);
    const api = await startApi({
      core: system.core,
      programs: [],
      config: { port: 0, host: '127.0.0.1', production: false, logLevel: 'silent' },
      webhooks: [],
      readiness: async () => ({ ok: true, reasons: [] }),
      log: pino({ level: 'silent' }),
    });
    proxy.pass(api.url);
    const client = connect({ apiKey: await keyOf(owner), transport });
    const updates = client.subscribe(DeliveryUpdatedDocument, WATCH);
    await next(updates);
    const scheduled = [await schedule()];
    const seen = await idsOf(updates, 1);
    const waiting = idsOf(updates, 2);
    proxy.pass(system.url);
    await api.stop();
    scheduled.push(await schedule(), await schedule());
    expect([...seen, ...(await waiting)]).toEqual(scheduled);
  });

  it('API-7 says CURSOR_EXPIRED for a cursor that is no more, or goes on with a snapshot', async () => {
    const client = connect({ apiKey: await keyOf(`expired-${transport}`), transport });
    const watch = { ...WATCH, after: 'nonsense' };
    const strict = client.subscribe(DeliveryUpdatedDocument, watch);
    await expect(strict.next()).rejects.toMatchObject({
      name: 'PunctualClientError',
      code: 'CURSOR_EXPIRED',
    });
    const lenient = client.subscribe(DeliveryUpdatedDocument, watch, { onCursorExpired: 'snapshot' });
    expect(await next(lenient)).toMatchObject({ snapshot: true });
  });

  it('API-10 goes on under a renewed key when its own ends; with none, it ends with UNAUTHENTICATED', async () => {
    const owner = `renewed-${transport}`;
    const schedule = await scheduler(owner);
    const old = await system.core.access.createKey({ name: 'old', owner, role: 'MANAGER' });
    let key = old.key;
    const renewing = connect({ apiKey: async () => key, transport });
    const fixed = connect({ apiKey: old.key, transport });
    const going = renewing.subscribe(DeliveryUpdatedDocument, WATCH);
    const ending = fixed.subscribe(DeliveryUpdatedDocument, WATCH);
    await Promise.all([next(going), next(ending)]);
    key = await keyOf(owner);
    const waiting = idsOf(going, 2);
    const failing = next(ending);
    await system.core.access.revokeKey(old.doc._id);
    const scheduled = [await schedule()];
    await expect(failing).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    scheduled.push(await schedule());
    expect(await waiting).toEqual(scheduled);
  });

  it('ends at once when it is left, aborted, or its client closed, also while it waits', async () => {
    const client = connect({ apiKey: await keyOf(`left-${transport}`), transport });
    const controller = new AbortController();
    const { signal } = controller;
    const left = client.subscribe(DeliveryUpdatedDocument, WATCH);
    const aborted = client.subscribe(DeliveryUpdatedDocument, WATCH, { signal });
    const closed = client.subscribe(DeliveryUpdatedDocument, WATCH);
    // One that nobody reads from any more is let go of, too.
    const unread = client.subscribe(DeliveryUpdatedDocument, WATCH);
    const all = [left, aborted, closed];
    await unread.next();
    await Promise.all(all.map((updates) => updates.next()));
    const waiting = all.map((updates) => updates.next());
    const over = { done: true, value: undefined };
    await left.return?.();
    expect(await waiting[0]).toEqual(over);
    controller.abort();
    expect(await waiting[1]).toEqual(over);
    expect(client.connection.state).toBe('open');
    await client.close();
    expect(await waiting[2]).toEqual(over);
    await until(() => client.connection.state === 'idle');
  });

  it('API-10 a client is closed without an error while its key is being refused', async () => {
    const client = connect({ apiKey: 'nonsense', transport });
    const first = client.subscribe(DeliveryUpdatedDocument, WATCH).next();
    await new Promise((resolve) => setImmediate(resolve));
    await expect(client.close()).resolves.toBeUndefined();
    expect(await first).toEqual({ done: true, value: undefined });
  });
});

describe('a connection that has silently gone', () => {
  it.each([
    ['websocket', (url: string) => new SocketTransport({ url }, { ...LIMITS, pingMs: 20 })],
    ['sse', (url: string) => new SseTransport({ url: `${url}/stream`, fetch }, 1_000)],
  ] as const)('over %s is taken for lost', async (name, make) => {
    const transport = make(`${proxy.url}/graphql`);
    let isOpen = false;
    const results = transport.run({
      body: { query: DeliveryUpdatedDocument.toString(), variables: WATCH },
      key: await keyOf(`stalled-${name}`),
      onOpen: () => (isOpen = true),
      signal: new AbortController().signal,
    });
    const iterator = results[Symbol.asyncIterator]();
    await iterator.next();
    expect(isOpen).toBe(true);
    proxy.stall();
    await expect(iterator.next()).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
    await transport.close();
  });
});

describe('a reader that is slower than the events', () => {
  it('API-7 has them all in the end, once and in order, and no more than a few wait for it', async () => {
    const schedule = await scheduler('slow');
    const transport = new SocketTransport({ url: `${proxy.url}/graphql` }, { ...LIMITS, mostWaiting: 2 });
    const key = await keyOf('slow');
    const connections = new Connections();
    const updates = events({
      transport,
      credentials: async () => key,
      connections,
      body: { query: DeliveryUpdatedDocument.toString(), variables: WATCH },
      onCursorExpired: 'throw',
      signal: new AbortController().signal,
    }) as Updates;
    await next(updates);
    const scheduled = [];
    for (let i = 0; i < 7; i += 1) scheduled.push(await schedule());
    // The socket was left when a third event came; one was under way to the reader.
    expect(await idsOf(updates, 7)).toEqual(scheduled);
    expect(proxy.opened()).toBeGreaterThan(1);
    await updates.return?.();
    await transport.close();
  });
});

describe('connections', () => {
  it('one socket carries all subscriptions of a client', async () => {
    const client = connect({ apiKey: await keyOf('shared') });
    const all = [1, 2, 3].map(() => client.subscribe(DeliveryUpdatedDocument, WATCH));
    await Promise.all(all.map(next));
    expect(proxy.opened()).toBe(1);
  });

  it('a subscription begun right after the last one has ended gets a socket that stays', async () => {
    const client = connect({ apiKey: await keyOf('again') });
    const first = client.subscribe(DeliveryUpdatedDocument, WATCH);
    await next(first);
    await first.return?.();
    const second = client.subscribe(DeliveryUpdatedDocument, WATCH);
    await next(second);
    expect([client.connection.state, proxy.opened()]).toEqual(['open', 2]);
  });
});

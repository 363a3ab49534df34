import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient as createSocketClient } from 'graphql-ws';
import { pino } from 'pino';
import {
  CancelDocument,
  createClient,
  DeliveryUpdatedDocument,
  type DeliveryUpdatedSubscription,
  HealthDocument,
  RevokeApiKeyDocument,
  RunProgressDocument,
  ScheduleBulkDocument,
  ScheduleDocument,
} from '#sdk';
import { startApi } from '../../src/graphql/server.js';
import { type User, Users } from '../support/graphql.js';
import { startSystem, type System } from '../support/system.js';

let system: System;
let users: Users;
let alice: User;
let bob: User;

type Update = DeliveryUpdatedSubscription['deliveryUpdated'];

const QUEUE = 'content-delivery';
const message = {
  at: { after: '1d' },
  queue: QUEUE,
  channel: 'WHATSAPP',
  to: '+919876543210',
  content: { text: 'hello' },
} as const;

beforeAll(async () => {
  system = await startSystem({ parts: { worker: false, sandbox: false } });
  users = new Users(system.url, system.core);
  [alice, bob] = await Promise.all([users.make('alice'), users.make('bob')]);
});

afterAll(async () => {
  await users.close();
  await system.stop();
});

async function schedule(user: User): Promise<string> {
  const answer = await user.request(ScheduleDocument, { input: message });
  return answer.schedule.delivery?.id ?? '';
}

/** The next updates of a subscription. */
async function take(updates: AsyncIterator<DeliveryUpdatedSubscription>, count: number): Promise<Update[]> {
  const taken: Update[] = [];
  while (taken.length < count) {
    const result = await updates.next();
    if (result.done === true) break;
    taken.push(result.value.deliveryUpdated);
  }
  return taken;
}

const states = (updates: readonly Update[]) =>
  updates.map(({ deliveries }) => deliveries.map(({ state }) => state));

describe('deliveryUpdated', () => {
  it('API-7 sends a snapshot, then each change, with id, cursor and time', async () => {
    const id = await schedule(alice);
    const updates = alice.subscribe(DeliveryUpdatedDocument, { input: { id } });
    const [snapshot] = await take(updates, 1);
    expect(snapshot).toMatchObject({ snapshot: true, deliveries: [{ id, state: 'SCHEDULED' }] });
    await alice.request(CancelDocument, { input: { id } });
    const [change] = await take(updates, 1);
    expect(change).toMatchObject({ snapshot: false, deliveries: [{ id, state: 'CANCELLED' }] });
    expect(new Date(change?.occurredAt ?? '').getTime()).toBeGreaterThan(0);
    expect(new Set([snapshot?.id, change?.id]).size).toBe(2);
    await updates.return?.();
  });

  it('API-7 resumes behind a cursor, without a snapshot, a hole or a repeat', async () => {
    const watch = { input: { queue: QUEUE } };
    const live = alice.subscribe(DeliveryUpdatedDocument, watch);
    await take(live, 1);
    const ids = [await schedule(alice), await schedule(alice), await schedule(alice)];
    const seen = await take(live, 3);
    await live.return?.();
    expect(seen.flatMap(({ deliveries }) => deliveries.map(({ id }) => id))).toEqual(ids);
    const late = await schedule(alice);
    const resumed = alice.subscribe(DeliveryUpdatedDocument, { ...watch, after: seen[0]?.cursor ?? '' });
    const again = await take(resumed, 3);
    await resumed.return?.();
    expect(again.map(({ snapshot }) => snapshot)).toEqual([false, false, false]);
    expect(again.flatMap(({ deliveries }) => deliveries.map(({ id }) => id))).toEqual([
      ...ids.slice(1),
      late,
    ]);
    expect(again.slice(0, 2).map(({ id }) => id)).toEqual(seen.slice(1).map(({ id }) => id));
  });

  it('API-7 more changes at once than a page come in parts, and a part in the middle can be resumed behind', async () => {
    const owner = await users.make('parts');
    const watch = { input: { queue: QUEUE } };
    const live = owner.subscribe(DeliveryUpdatedDocument, watch);
    await take(live, 1);
    const items = Array.from({ length: 450 }, () => message);
    await owner.request(ScheduleBulkDocument, { input: { items } });
    const total = async (updates: AsyncIterator<DeliveryUpdatedSubscription>, count: number) => {
      const parts: Update[] = [];
      while (parts.flatMap(({ deliveries }) => deliveries).length < count)
        parts.push(...(await take(updates, 1)));
      return parts;
    };
    const parts = await total(live, 450);
    await live.return?.();
    expect(Math.max(...parts.map(({ deliveries }) => deliveries.length))).toBe(200);
    const [first, ...others] = parts;
    const rest = others.flatMap(({ deliveries }) => deliveries.map(({ id }) => id));
    const resumed = owner.subscribe(DeliveryUpdatedDocument, { ...watch, after: first?.cursor ?? '' });
    const again = await total(resumed, rest.length);
    await resumed.return?.();
    expect(again.flatMap(({ deliveries }) => deliveries.map(({ id }) => id)).sort()).toEqual(rest.sort());
  });

  it('API-7 minInterval gathers what happens in between, and loses nothing', async () => {
    const owner = await users.make('thin');
    const updates = owner.subscribe(DeliveryUpdatedDocument, {
      input: { queue: QUEUE },
      minInterval: '300ms',
    });
    await take(updates, 1);
    const ids = new Set<string>();
    for (let i = 0; i < 20; i += 1) ids.add(await schedule(owner));
    const seen = new Set<string>();
    let events = 0;
    while (seen.size < ids.size) {
      const [update] = await take(updates, 1);
      for (const { id } of update?.deliveries ?? []) seen.add(id);
      events += 1;
    }
    await updates.return?.();
    expect(seen).toEqual(ids);
    expect(events).toBeLessThan(20);
  });

  it("CORE-5 API-7 never tells of somebody else's deliveries", async () => {
    const updates = bob.subscribe(DeliveryUpdatedDocument, { input: { queue: QUEUE } });
    expect(states(await take(updates, 1))).toEqual([[]]);
    await schedule(alice);
    const own = await schedule(bob);
    const [update] = await take(updates, 1);
    expect(update?.deliveries.map(({ id }) => id)).toEqual([own]);
    await updates.return?.();
  });

  it('API-7 asks for the key again at each event: a revoked one ends the subscription', async () => {
    const admin = await users.make('root', 'ADMIN');
    const made = await system.core.access.createKey({ name: 'short', owner: 'alice', role: 'MANAGER' });
    const client = createClient({ url: system.url, apiKey: made.key });
    const updates = client.subscribe(DeliveryUpdatedDocument, { input: { queue: QUEUE } });
    await take(updates, 1);
    const id = Buffer.from(`ApiKey:${made.doc._id.toHexString()}`).toString('base64url');
    await admin.request(RevokeApiKeyDocument, { input: { id } });
    await schedule(alice);
    await expect(take(updates, 1)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await client.close();
  });

  it('API-2 watches nothing without a filter, and refuses a bad interval and a bad cursor', async () => {
    const first = (variables: Parameters<typeof alice.subscribe<unknown, object>>[1]) =>
      alice.subscribe(DeliveryUpdatedDocument, variables as { input: object }).next();
    await expect(first({ input: {} })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    // A timer of more than 24 days would go off at once, and again and again.
    for (const minInterval of ['often', '61m', '25d'])
      await expect(first({ input: { queue: QUEUE }, minInterval })).rejects.toMatchObject({
        code: 'VALIDATION_ERROR',
      });
    await expect(first({ input: { queue: QUEUE }, after: 'nonsense' })).rejects.toMatchObject({
      code: 'CURSOR_EXPIRED',
    });
  });
});

describe('runProgress', () => {
  it('DC-9 API-7 follows a run, and completes when it has ended', async () => {
    const begun = { owner: 'alice', program: 'test', type: 'wave', occurrence: 'progress' };
    const { run } = await system.core.runs.begin(begun);
    const id = Buffer.from(`Run:${run._id.toHexString()}`).toString('base64url');
    const seen: (readonly [string, number])[] = [];
    const reading = (async () => {
      for await (const { runProgress } of alice.subscribe(RunProgressDocument, { run: id })) {
        seen.push([runProgress.run.status, runProgress.progress.planned]);
        if (seen.length === 1) {
          const results = await system.core.deliveries.accept('alice', [
            {
              queue: QUEUE,
              channel: 'WHATSAPP',
              to: '+919876543210',
              content: { kind: 'TEXT', text: 'x' },
              dueAt: new Date(Date.now() + 9e6),
              run: run._id,
            },
          ]);
          const [result] = results;
          if (result?.ok !== true) throw new Error('not accepted');
          await alice.request(CancelDocument, {
            input: { id: Buffer.from(`Delivery:${result.delivery._id.toHexString()}`).toString('base64url') },
          });
          await system.core.runs.end(run._id, 'COMPLETED');
        }
      }
    })();
    await reading;
    expect(seen[0]).toEqual(['RUNNING', 0]);
    expect(seen.at(-1)).toEqual(['COMPLETED', 1]);
  });

  it('DC-9 API-7 completes also for one who comes back behind the end of the run', async () => {
    const begun = { owner: 'alice', program: 'test', type: 'wave', occurrence: 'over' };
    const { run } = await system.core.runs.begin(begun);
    const id = Buffer.from(`Run:${run._id.toHexString()}`).toString('base64url');
    await system.core.runs.end(run._id, 'COMPLETED');
    const statuses: string[] = [];
    for await (const { runProgress } of alice.subscribe(RunProgressDocument, {
      run: id,
      after: system.core.events.cursor(),
    })) {
      statuses.push(runProgress.run.status);
    }
    expect(statuses).toEqual(['COMPLETED']);
  });
});

describe('transports', () => {
  it('API-7 SSE sends the same events, one operation a request', async () => {
    const id = await schedule(alice);
    const response = await fetch(`${system.url}/graphql/stream`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${alice.key}`,
      },
      body: JSON.stringify({
        query:
          'subscription ($id: ID!) { deliveryUpdated(input: {id: $id}) { snapshot deliveries { state } } }',
        variables: { id },
      }),
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader?.read())?.value ?? '';
    expect(text).toContain('"snapshot":true');
    await alice.request(CancelDocument, { input: { id } });
    while (!text.includes('CANCELLED')) text += (await reader?.read())?.value ?? '';
    expect(text).toMatch(
      /event: next\ndata: \{.*"snapshot":false,"deliveries":\[\{"state":"CANCELLED"\}\].*\}\n\n/,
    );
    await reader?.cancel();
  });

  it('CORE-30 a stop tells subscriptions so, closes sockets with 1001, and ends event streams', async () => {
    const api = await startApi({
      core: system.core,
      programs: [],
      config: { port: 0, host: '127.0.0.1', production: false, logLevel: 'silent' },
      webhooks: [],
      readiness: async () => ({ ok: true, reasons: [] }),
      log: pino({ level: 'silent' }),
    });
    const query = `subscription { deliveryUpdated(input: {queue: "${QUEUE}"}) { id } }`;
    const client = createSocketClient({
      url: `${api.url.replace('http', 'ws')}/graphql`,
      connectionParams: { authorization: `Bearer ${alice.key}` },
    });
    const updates = client.iterate({ query });
    await updates.next();
    const stream = await fetch(`${api.url}/graphql/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${alice.key}` },
      body: JSON.stringify({ query }),
    });
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const closed = new Promise<number>((resolve) =>
      socket.addEventListener('close', ({ code }) => resolve(code)),
    );
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    await api.stop();
    const told = { errors: [{ extensions: { code: 'UNAVAILABLE' } }] };
    expect(await updates.next()).toMatchObject({ done: false, value: told });
    expect(await updates.next()).toMatchObject({ done: true });
    expect(await stream.text()).toMatch(/UNAVAILABLE.*\n\nevent: complete/);
    expect(await closed).toBe(1001);
    await client.dispose();
  });

  it('START_PORT_TAKEN names the port', async () => {
    const port = Number(new URL(system.url).port);
    const starting = startApi({
      core: system.core,
      programs: [],
      config: { port, host: '127.0.0.1', production: false, logLevel: 'silent' },
      webhooks: [],
      readiness: async () => ({ ok: true, reasons: [] }),
    });
    await expect(starting).rejects.toMatchObject({
      code: 'START_PORT_TAKEN',
      message: expect.stringContaining(String(port)),
    });
  });
});

describe('plain routes', () => {
  it('CORE-45 whether it lives, is ready, and all is well; the reasons only to who has a key', async () => {
    const api = await startApi({
      core: system.core,
      programs: [],
      config: { port: 0, host: '127.0.0.1', production: false, logLevel: 'silent' },
      webhooks: [],
      readiness: async () => ({ ok: false, reasons: ['MongoDB does not answer'] }),
      log: pino({ level: 'silent' }),
    });
    const get = async (path: string, key?: string) => {
      const response = await fetch(
        api.url + path,
        key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } },
      );
      return [response.status, (await response.json()) as unknown];
    };
    expect(await get('/livez')).toEqual([200, { status: 'ok' }]);
    expect(await get('/readyz')).toEqual([503, { status: 'unavailable' }]);
    // This system has no worker.
    const known = { status: 'unhealthy', checkedAt: expect.any(String) };
    expect(await get('/healthz')).toEqual([503, known]);
    const reason = { code: 'NO_WORKER', message: 'no worker is alive, so nothing is sent' };
    expect(await get('/healthz', alice.key)).toEqual([
      503,
      { ...known, reasons: [{ ...reason, severity: 'CRITICAL', subject: null, figures: {} }] },
    ]);
    expect((await alice.request(HealthDocument)).health).toEqual({
      healthy: false,
      reasons: [reason],
      checkedAt: expect.any(String),
    });
    await api.stop();
  });

  it('SEC-5 webhooks get the raw bytes, up to a megabyte', async () => {
    const bodies: number[] = [];
    const api = await startApi({
      core: system.core,
      programs: [],
      config: { port: 0, host: '127.0.0.1', production: true, logLevel: 'silent' },
      webhooks: [
        {
          path: '/webhooks/test',
          handleGet: (query) => ({
            status: 200,
            contentType: 'text/plain',
            body: query.get('challenge') ?? '',
          }),
          handlePost: async (body) => {
            bodies.push(body.length);
            return { status: 202, body: '{"received":true}' };
          },
        },
      ],
      readiness: async () => ({ ok: true, reasons: [] }),
      log: pino({ level: 'silent' }),
    });
    const hook = `${api.url}/webhooks/test`;
    expect(await (await fetch(`${hook}?challenge=17`)).text()).toBe('17');
    const post = (body: string) =>
      fetch(hook, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect((await post('{"not": json')).status).toBe(202);
    expect((await post('')).status).toBe(202);
    const large = await post('x'.repeat(2 * 1024 * 1024));
    expect([large.status, await large.text()]).toEqual([413, expect.stringContaining('PAYLOAD_TOO_LARGE')]);
    expect(bodies).toEqual([12, 0]);
    await api.stop();
  });

  it('GraphiQL is one page with nothing from the network and no key', async () => {
    const response = await fetch(`${system.url}/graphql`, { headers: { accept: 'text/html' } });
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(page).toContain('location.hash');
    expect(page).not.toMatch(/<(script|link|img)[^>]+(src|href)=["']https?:/);
    expect(page).not.toContain(system.adminKey);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  createClient,
  type PunctualClientError,
  ScheduleBulkDocument,
  ScheduleDocument,
  TypedDocumentString,
} from '#sdk';
import { pino } from 'pino';
import { type Api, type ApiOptions, startApi } from '../../src/graphql/server.js';
import { PROGRAMS } from '../../src/programs/registry.js';
import { postRaw, query, type User, Users } from '../support/graphql.js';
import { startSystem, type System } from '../support/system.js';
import { until } from '../support/until.js';

let system: System;
let users: Users;
let alice: User;
const others: Api[] = [];

beforeAll(async () => {
  system = await startSystem({ parts: { worker: false, sandbox: false } });
  users = new Users(system.url, system.core);
  alice = await users.make('alice');
});

afterEach(async () => {
  await Promise.all(others.splice(0).map((api) => api.stop()));
});

afterAll(async () => {
  await users.close();
  await system.stop();
});

/** Another edge on the same core. */
async function another(changes: Partial<ApiOptions> & { production?: boolean } = {}): Promise<Api> {
  const { production = false, ...options } = changes;
  const api = await startApi({
    core: system.core,
    programs: PROGRAMS.map((program) => ({ program, runtime: { jobs: [] } })),
    config: { port: 0, host: '127.0.0.1', production, logLevel: 'silent' },
    webhooks: [],
    readiness: async () => ({ ok: true, reasons: [] }),
    log: pino({ level: 'silent' }),
    ...options,
  });
  others.push(api);
  return api;
}

const deep = (levels: number): string =>
  `{ runs { nodes ${'{ deliveries { nodes { run '.repeat(levels)}{ id }${' } } }'.repeat(levels)} } }`;
const TOO_LARGE: readonly (readonly [string, string])[] = [
  ['too deep', deep(5)],
  ['with too many aliases', `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: __typename`).join(' ')} }`],
  ['with too many directives', `{ ${'queues @include(if: true) @skip(if: false) { name } '.repeat(5)} }`],
  ['too long', `{ ${'__typename '.repeat(4_100)} }`],
  ['too costly', '{ runs(first: 200) { nodes { deliveries(first: 200) { nodes { id } } } } }'],
  [
    'a bomb of fragments',
    `{ runs(first: 200) { nodes { ...f0 } } } ${Array.from(
      { length: 40 },
      (_, i) =>
        `fragment f${i} on Run { ${i < 39 ? `...f${i + 1} ...f${i + 1}` : 'deliveries(first: 200) { nodes { id } }'} }`,
    ).join(' ')}`,
  ],
];

describe('SEC-1 a query over the limits is QUERY_TOO_COMPLEX', () => {
  it.each(TOO_LARGE)('%s, over HTTP', async (_name, text) => {
    const answer = await query(system.url, alice.key, text);
    expect(answer).toMatchObject({ status: 400, code: 'QUERY_TOO_COMPLEX' });
  });

  it.each(TOO_LARGE)('%s, over WebSocket', async (_name, text) => {
    await expect(overSocket(alice, text)).rejects.toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
  });

  it.each(TOO_LARGE)('%s, over SSE', async (_name, text) => {
    const answer = await postRaw(system.url, JSON.stringify({ query: text }), {
      key: alice.key,
      path: '/graphql/stream',
    });
    expect(answer).toMatchObject({ status: 400, code: 'QUERY_TOO_COMPLEX' });
  });

  it('and the longest page that is allowed passes, with all that hangs on it', async () => {
    const text =
      '{ deliveries(first: 200) { nodes { id attempts { number } history { state } run { id } } } }';
    expect((await query(system.url, alice.key, text)).body.errors).toBeUndefined();
  });
});

describe('SEC-2 a request that cannot be read', () => {
  it.each([
    ['malformed JSON', '{"query": "{ __typename', {}],
    ['no JSON at all', 'query { __typename }', {}],
    ['a number', '1', {}],
    ['no query', '{"variables":{}}', {}],
    ['an unknown operation name', '{"query":"query a { __typename }","operationName":"b"}', {}],
    ['a syntax error', '{"query":"{ __typename "}', {}],
    ['another content type', 'query=x', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['an unknown charset', '{}', { 'content-type': 'application/json; charset=x-klingon' }],
    ['a batch', '[{"query":"{ __typename }"},{"query":"{ __typename }"}]', {}],
  ])('%s is MALFORMED_REQUEST with a request id', async (_name, body, headers) => {
    const answer = await postRaw(system.url, body, { key: alice.key, headers });
    expect(answer).toMatchObject({ status: 400, code: 'MALFORMED_REQUEST' });
    expect(answer.body.errors?.[0]?.extensions?.['requestId']).toBe(answer.headers.get('x-request-id'));
  });

  it.each(['/graphql', '/graphql/stream'])(
    '10 MB to %s is PAYLOAD_TOO_LARGE, and the server lives on',
    async (path) => {
      const body = JSON.stringify({
        query: '{ __typename }',
        variables: { x: 'x'.repeat(10 * 1024 * 1024) },
      });
      expect(await postRaw(system.url, body, { key: alice.key, path })).toMatchObject({
        status: 413,
        code: 'PAYLOAD_TOO_LARGE',
      });
      expect((await query(system.url, alice.key, '{ __typename }')).status).toBe(200);
    },
  );

  it('10 MB over a socket closes that socket', async () => {
    const { socket, closed } = await acknowledged(system.url, alice.key);
    socket.send(
      JSON.stringify({
        id: '1',
        type: 'subscribe',
        payload: { query: `{ __typename } #${'x'.repeat(10 * 1024 * 1024)}` },
      }),
    );
    expect((await closed).code).toBe(1009);
    expect((await query(system.url, alice.key, '{ __typename }')).status).toBe(200);
  });

  it('API-2 a value that does not fit its type is VALIDATION_ERROR, and is not echoed', async () => {
    const input = { at: { after: '1d' }, channel: 'PIGEON', to: 'secret-value', content: { text: 'x' } };
    const text = 'mutation ($input: ScheduleInput!) { schedule(input: $input) { created } }';
    const answer = await query(system.url, alice.key, text, { input });
    expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
    const nested = await query(system.url, alice.key, text, {
      input: { ...input, channel: 'SMS', to: { $ne: 'secret-value' } },
    });
    expect(nested).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
    expect(nested.body.errors?.[0]?.message).toContain('"to"');
    expect(answer.text + nested.text).not.toContain('secret-value');
  });

  it.each([
    ['too deep', JSON.parse(`${'{"a":'.repeat(10)}1${'}'.repeat(10)}`) as Record<string, unknown>],
    ['with an operator for a key', { $where: '1' }],
    ['too large', { a: 'x'.repeat(40_000) }],
  ])('SEC-6 a JSON object %s is refused', async (_name, metadata) => {
    const input = { at: { after: '1d' }, channel: 'SMS', to: 'x', content: { text: 'x' }, metadata } as const;
    await expect(alice.request(ScheduleDocument, { input })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
    });
  });

  it('an address that does not exist is NOT_FOUND, in the same form', async () => {
    expect(await postRaw(system.url, '{}', { path: '/nowhere' })).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
    });
  });

  it('a subscription over plain HTTP is refused, and told where to go', async () => {
    const answer = await query(
      system.url,
      alice.key,
      'subscription { deliveryUpdated(input: {queue: "x"}) { id } }',
    );
    expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
    expect(answer.text).toContain('/graphql/stream');
  });
});

describe('limits of a connection', () => {
  it('SEC-1 too many requests with a key are RATE_LIMITED, with the time to wait, on every transport', async () => {
    const api = await another({ limits: { requestsPerWindow: 2, windowSeconds: 600 } });
    const ask = (path: string) => postRaw(api.url, '{"query":"{ __typename }"}', { key: alice.key, path });
    expect((await ask('/graphql')).status).toBe(200);
    expect((await ask('/graphql/stream')).status).toBe(200);
    const limited = await ask('/graphql');
    expect(limited).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(limited.body.errors?.[0]?.extensions?.['retryAfter']).toBeGreaterThan(0);
    expect(await ask('/graphql/stream')).toMatchObject({ code: 'RATE_LIMITED' });
    const client = createClient({ url: api.url, apiKey: alice.key });
    await expect(overSocket(client, '{ __typename }')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await client.close();
  });

  it('SEC-1 so are too many bad keys from one address, and good ones are not', async () => {
    const api = await another({ limits: { failuresPerWindow: 1, windowSeconds: 600 } });
    const guess = () => query(api.url, `pk_00000000_${'b'.repeat(43)}`, '{ __typename }');
    expect((await guess()).code).toBe('UNAUTHENTICATED');
    expect((await guess()).code).toBe('RATE_LIMITED');
    expect((await query(api.url, alice.key, '{ __typename }')).status).toBe(200);
  });

  it('SEC-3 sockets of one owner are counted, and counted down', async () => {
    const api = await another({ limits: { socketsPerOwner: 1 } });
    const first = await acknowledged(api.url, alice.key);
    expect((await open(api.url, alice.key).closed).code).toBe(4429);
    first.socket.close();
    await first.closed;
    const third = await acknowledged(api.url, alice.key);
    third.socket.close();
    await third.closed;
  });

  it('SEC-3 a socket whose peer reads nothing is cut off before it costs much, and its place is given back', async () => {
    const api = await another({ limits: { socketsPerOwner: 1 } });
    const { key } = await users.make('greedy');
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const answered = new Promise((resolve) => socket.once('message', resolve));
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } })),
    );
    await answered;
    const before = process.memoryUsage.rss();
    socket.pause();
    // Each answer repeats the id of its operation, which is long here; none of them is read.
    const text = '{ __typename }';
    let id = 0;
    const flood = setInterval(() => {
      for (let i = 0; i < 40; i += 1)
        socket.send(
          JSON.stringify({
            id: `${(id += 1)}`.padEnd(100_000, '-'),
            type: 'subscribe',
            payload: { query: text },
          }),
        );
    }, 5);
    const place = await until(async () => {
      const next = open(api.url, key);
      const first = await Promise.race([next.answered.then(() => next), next.closed]);
      return 'socket' in first ? first : null;
    });
    clearInterval(flood);
    expect(process.memoryUsage.rss() - before).toBeLessThan(512 * 1024 * 1024);
    place.socket.close();
    socket.terminate();
  });

  it('SEC-3 a socket that does not say who it is, or says it wrong, is closed', async () => {
    const impatient = await another({ limits: { connectionInitMs: 20 } });
    expect((await open(impatient.url, null).closed).code).toBe(4408);
    const patient = await another({});
    expect((await open(patient.url, 'nonsense').closed).code).toBe(4401);
  });

  it.each([
    ['http://evil.example', false],
    ['null', false],
    ['https://app.example', true],
  ])('SEC-3 a page of %s may open a socket: %s', async (origin, allowed) => {
    const api = await another({ allowedOrigins: ['https://app.example'] });
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(api.url.replace('http', 'ws') + '/graphql', 'graphql-transport-ws', {
      origin,
    });
    const outcome = await new Promise((resolve) => {
      socket.on('open', () => resolve(true)).on('error', () => resolve(false));
    });
    expect(outcome).toBe(allowed);
    socket.terminate();
  });

  it('SEC-1 a request that takes too long is UNAVAILABLE', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const api = await another({ limits: { requestMs: 50 }, log });
    const { promise, resolve } = Promise.withResolvers<never[]>();
    const stuck = jest.spyOn(system.core.queues, 'list').mockReturnValue(promise);
    const answer = await query(api.url, alice.key, '{ queues { name } }');
    stuck.mockRestore();
    expect(answer).toMatchObject({ status: 503, code: 'UNAVAILABLE' });
    resolve([]);
    await until(() => lines.some((line) => line.includes('an answer came too late')));
  });

  it('PERF-2 a body of 256 kB holds hundreds of messages', async () => {
    const item = {
      at: { after: '1d' },
      queue: 'content-delivery',
      channel: 'WHATSAPP',
      to: '+919876543210',
      content: { text: 'hello' },
    } as const;
    const { scheduleBulk } = await alice.request(ScheduleBulkDocument, {
      input: { items: Array.from({ length: 500 }, () => item) },
    });
    expect(scheduleBulk.accepted).toBe(500);
  });
});

describe('SEC-2 in production', () => {
  const typo = '{ queus { name } }';

  it('there is no introspection and no hint, on any transport', async () => {
    const api = await another({ production: true });
    for (const text of ['{ __schema { types { name } } }', '{ __type(name: "Query") { name } }', typo]) {
      for (const path of ['/graphql', '/graphql/stream']) {
        const answer = await postRaw(api.url, JSON.stringify({ query: text }), { key: alice.key, path });
        expect(answer).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
        expect(answer.text).not.toContain('Did you mean');
      }
    }
    const client = createClient({ url: api.url, apiKey: alice.key });
    await expect(overSocket(client, '{ __schema { types { name } } }')).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
    });
    await client.close();
    expect((await fetch(`${api.url}/graphiql`)).status).toBe(404);
  });

  it('outside of it both help', async () => {
    expect((await query(system.url, alice.key, typo)).text).toContain('Did you mean');
    expect((await query(system.url, alice.key, '{ __schema { queryType { name } } }')).status).toBe(200);
  });

  it('an unexpected error is masked, logged, and found by its id', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'error' }, { write: (line) => lines.push(line) });
    const api = await another({ production: true, log });
    const broken = jest
      .spyOn(system.core.queues, 'list')
      .mockRejectedValue(new Error('the password is hunter2'));
    const answers = [
      await query(api.url, alice.key, '{ queues { name } }'),
      await postRaw(api.url, '{"query":"{ queues { name } }"}', { key: alice.key, path: '/graphql/stream' }),
    ];
    const client = createClient({ url: api.url, apiKey: alice.key });
    const failure = await overSocket(client, '{ queues { name } }').catch((error: unknown) => error);
    await client.close();
    broken.mockRestore();
    for (const { text } of answers) {
      expect(text).toContain('INTERNAL_ERROR');
      expect(text).not.toContain('hunter2');
    }
    expect(failure).toMatchObject({ code: 'INTERNAL_ERROR', message: 'internal error' });
    expect(lines).toHaveLength(3);
    expect(lines.join()).toContain('hunter2');
    expect(lines.join()).toContain((failure as PunctualClientError).requestId);
  });
});

/** Runs any operation over a socket, and gives its first result. */
async function overSocket(client: Pick<User, 'subscribe'>, text: string): Promise<unknown> {
  const document = new TypedDocumentString<unknown, Record<string, never>>(text);
  return (await client.subscribe(document).next()).value;
}

/** A bare socket. @param key null: says nothing */
function open(
  url: string,
  key: string | null,
): { socket: WebSocket; closed: Promise<{ code: number }>; answered: Promise<void> } {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const closed = new Promise<{ code: number }>((resolve) =>
    socket.addEventListener('close', ({ code }) => resolve({ code })),
  );
  const answered = new Promise<void>((resolve) => socket.addEventListener('message', () => resolve()));
  if (key !== null) {
    socket.addEventListener('open', () => {
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }));
    });
  }
  return { socket, closed, answered };
}

async function acknowledged(url: string, key: string): Promise<ReturnType<typeof open>> {
  const opened = open(url, key);
  await opened.answered;
  return opened;
}

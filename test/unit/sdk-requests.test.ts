import { describe, expect, it } from '@jest/globals';
import {
  type Client,
  type ClientOptions,
  createClient,
  CreateApiKeyDocument,
  DeliveriesDocument,
  QueuesDocument,
  ScheduleDocument,
} from '#sdk';

/** What a scripted server was asked. */
interface Asked {
  readonly key: string | null;
  readonly variables: Record<string, Record<string, unknown>>;
}

/** A client of a server that answers as told, one answer a request. An error is a connection that breaks. */
function scripted(
  answers: readonly (Response | Error)[],
  options: Partial<ClientOptions> = {},
): { client: Client; asked: Asked[] } {
  const asked: Asked[] = [];
  const client = createClient({
    url: 'http://127.0.0.1:4000',
    apiKey: 'k',
    retry: { minMs: 0, maxMs: 0 },
    fetch: async (_url, init) => {
      const { variables } = JSON.parse(init.body as string) as Asked;
      asked.push({ key: new Headers(init.headers).get('authorization'), variables });
      const answer = answers[asked.length - 1];
      if (answer === undefined) throw new Error('there was one request too many');
      if (answer instanceof Error) throw answer;
      return answer;
    },
    ...options,
  });
  return { client, asked };
}

const ok = (data: object = { queues: [] }) => Response.json({ data });
const refused = (code: string, status: number, extensions: object = {}) =>
  Response.json({ errors: [{ message: 'no', extensions: { code, ...extensions } }] }, { status });
const away = () => new TypeError('fetch failed');
const SCHEDULED = { schedule: { delivery: null, created: true, errors: [] } };
const input = {
  at: { after: '1h' },
  channel: 'WHATSAPP',
  to: '+12025550123',
  content: { text: 'x' },
} as const;

describe('a request that fails for a passing reason', () => {
  it.each([
    ['the connection breaks', away()],
    ['the server is not available', refused('UNAVAILABLE', 503)],
    ['a proxy answers 502', new Response('<html>', { status: 502 })],
    ['a proxy answers 503', new Response('', { status: 503 })],
    ['a proxy answers 504', new Response('{}', { status: 504 })],
    ['there were too many requests', refused('RATE_LIMITED', 429, { retryAfter: 0 })],
    ['a proxy counts too many requests', new Response('', { status: 429 })],
    ['the answer is cut off', new Response(new ReadableStream({ start: (stream) => stream.error(away()) }))],
  ])('%s: it is sent again', async (_name, answer) => {
    const { client, asked } = scripted([answer, ok()]);
    expect(await client.request(QueuesDocument)).toEqual({ queues: [] });
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['an error of its own', refused('INTERNAL_ERROR', 500), 'INTERNAL_ERROR'],
    ['something that is no GraphQL', new Response('<html>', { status: 200 }), 'BAD_RESPONSE'],
    ['something that is not there', new Response('', { status: 404 }), 'BAD_RESPONSE'],
  ])('the server answers with %s: it is not', async (_name, answer, code) => {
    const { client, asked } = scripted([answer]);
    await expect(client.request(QueuesDocument)).rejects.toMatchObject({ code });
    expect(asked).toHaveLength(1);
  });

  it('a proxy that says when to come back is believed', async () => {
    const { client, asked } = scripted([new Response('', { status: 429, headers: { 'retry-after': '7' } })]);
    await expect(client.request(QueuesDocument)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfter: 7,
    });
    expect(asked).toHaveLength(1);
  });

  it('CORE-3 a creating mutation is sent again under the key of its first try', async () => {
    const { client, asked } = scripted([away(), refused('UNAVAILABLE', 503), ok(SCHEDULED), ok(SCHEDULED)]);
    await client.request(ScheduleDocument, { input });
    await client.request(ScheduleDocument, { input });
    const keys = asked.map(({ variables }) => variables['input']?.['idempotencyKey']);
    expect(new Set(keys.slice(0, 3)).size).toBe(1);
    expect(keys[0]).toEqual(expect.any(String));
    expect(keys[3]).not.toBe(keys[0]);
  });

  it('a mutation that would do something twice is not sent again', async () => {
    const { client, asked } = scripted([away()]);
    const key = { name: 'n', owner: 'o', role: 'VIEWER' } as const;
    await expect(client.request(CreateApiKeyDocument, { input: key })).rejects.toMatchObject({
      code: 'NETWORK_ERROR',
    });
    expect(asked).toHaveLength(1);
  });

  it('retries can be switched off for one call', async () => {
    const { client, asked } = scripted([away()]);
    await expect(client.request(QueuesDocument, {}, { retry: false })).rejects.toMatchObject({
      code: 'NETWORK_ERROR',
    });
    expect(asked).toHaveLength(1);
  });

  it('no answer in time is a NETWORK_ERROR', async () => {
    const { client } = scripted([], {
      timeoutMs: 5,
      retry: false,
      fetch: (_url, { signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    });
    await expect(client.request(QueuesDocument)).rejects.toMatchObject({
      code: 'NETWORK_ERROR',
      message: expect.stringContaining('in time'),
    });
  });

  it("the caller's abort is thrown as it is, and nothing is sent after it", async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    let asked = 0;
    const { client } = scripted([], {
      fetch: async (_url, { signal }) => {
        asked += 1;
        controller.abort(reason);
        signal?.throwIfAborted();
        throw new Error('the signal did not arrive');
      },
    });
    const { signal } = controller;
    await expect(client.request(QueuesDocument, {}, { signal })).rejects.toBe(reason);
    await expect(client.request(QueuesDocument, {}, { signal })).rejects.toBe(reason);
    expect(asked).toBe(1);
  });
});

describe('credentials', () => {
  it('a function is asked for the key before each request', async () => {
    let count = 0;
    const { client, asked } = scripted([ok(), ok()], { apiKey: async () => `token-${(count += 1)}` });
    await client.request(QueuesDocument);
    await client.request(QueuesDocument);
    expect(asked.map(({ key }) => key)).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('a refused key is renewed once, also for what must not be done twice: it was not begun', async () => {
    const keys = ['old', 'new'];
    const created = { createApiKey: { key: 'x', apiKey: null, errors: [] } };
    const { client, asked } = scripted([refused('UNAUTHENTICATED', 401), ok(created)], {
      apiKey: () => keys.shift() ?? 'none',
    });
    await client.request(CreateApiKeyDocument, { input: { name: 'n', owner: 'o', role: 'VIEWER' } });
    expect(asked.map(({ key }) => key)).toEqual(['Bearer old', 'Bearer new']);
  });

  it.each([
    ['the same one', () => 'old', 1],
    [
      'another one that is refused',
      (() => {
        let n = 0;
        return () => `key-${(n += 1)}`;
      })(),
      2,
    ],
    ['a key that is no function', 'old', 1],
  ])('%s ends it with UNAUTHENTICATED', async (_name, apiKey, requests) => {
    const answers = [refused('UNAUTHENTICATED', 401), refused('UNAUTHENTICATED', 401)];
    const { client, asked } = scripted(answers, { apiKey });
    await expect(client.request(QueuesDocument)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(asked).toHaveLength(requests);
  });

  it('a function that fails is asked again; its error is the cause', async () => {
    const cause = new Error('the login server is away');
    let asked = 0;
    const { client } = scripted([], {
      apiKey: async () => {
        asked += 1;
        throw cause;
      },
    });
    await expect(client.request(QueuesDocument)).rejects.toMatchObject({ code: 'NO_CREDENTIALS', cause });
    expect(asked).toBe(4);
  });

  it('a function that does not answer can be aborted', async () => {
    const { client } = scripted([], { apiKey: () => new Promise(() => undefined) });
    const signal = AbortSignal.timeout(5);
    await expect(client.request(QueuesDocument, {}, { signal })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });
});

describe('paging', () => {
  const page = (keys: string[], endCursor: string | null) =>
    ok({
      deliveries: {
        nodes: keys.map((key) => ({ key })),
        pageInfo: { hasNextPage: endCursor !== null, endCursor },
      },
    });

  it('API-3 gives the nodes of every page, behind the cursor of the one before', async () => {
    const { client, asked } = scripted([page(['a', 'b'], 'B'), away(), page(['c'], 'C'), page([], null)]);
    const keys: string[] = [];
    for await (const { key } of client.pages(DeliveriesDocument, { filter: { queue: 'q' }, first: 2 })) {
      keys.push(key);
    }
    expect(keys).toEqual(['a', 'b', 'c']);
    expect(asked.map(({ variables }) => variables)).toEqual([
      { filter: { queue: 'q' }, first: 2 },
      { filter: { queue: 'q' }, first: 2, after: 'B' },
      { filter: { queue: 'q' }, first: 2, after: 'B' },
      { filter: { queue: 'q' }, first: 2, after: 'C' },
    ]);
  });

  it('asks for a page only when it is needed', async () => {
    const { client, asked } = scripted([page(['a', 'b'], 'B')]);
    for await (const { key } of client.pages(DeliveriesDocument)) if (key === 'b') break;
    expect(asked).toHaveLength(1);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { pino } from 'pino';
import type { Scope } from '../../src/core/index.js';
import { type Api, startApi } from '../../src/graphql/server.js';
import { postRaw, query } from '../support/graphql.js';
import { startSystem, type System } from '../support/system.js';
import { overHttp, overSocket, overSse, RawSocket } from '../support/transports.js';

const SECRET = 'a secret of thirty-two bytes or more';
const ISSUER = 'https://issuer.example';
const WATCH = 'subscription { deliveryUpdated(input: { queue: "content-delivery" }) { id } }';

let system: System;
let quick: Api;

beforeAll(async () => {
  system = await startSystem({
    parts: { worker: false, sandbox: false },
    env: {
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: 'punctual',
      JWT_SECRET: SECRET,
      JWT_CLOCK_TOLERANCE: '0',
      LOG_LEVEL: 'silent',
    },
  });
  // The same, but that it asks for credentials again without delay.
  quick = await startApi({
    core: system.core,
    programs: [],
    config: { port: 0, host: '127.0.0.1', production: true, logLevel: 'silent' },
    webhooks: [],
    readiness: async () => ({ ok: true, reasons: [] }),
    limits: { credentialsMs: 20 },
    log: pino({ level: 'silent' }),
  });
});
afterAll(async () => {
  await quick.stop();
  await system.stop();
});

function token(claims: Record<string, unknown> = {}, endsInMs = 60_000): Promise<string> {
  const exp = Math.ceil((Date.now() + endsInMs) / 1_000);
  return new SignJWT({ sub: 'asha', role: 'MANAGER', ...claims, exp })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(ISSUER)
    .setAudience('punctual')
    .sign(new TextEncoder().encode(SECRET));
}

const schedule = (key: string) =>
  query(
    system.url,
    key,
    'mutation ($input: ScheduleInput!) { schedule(input: $input) { delivery { id owner run { id } } errors { code } } }',
    {
      input: {
        at: { after: '1d' },
        queue: 'content-delivery',
        channel: 'WHATSAPP',
        to: '+919876543210',
        content: { text: 'hello' },
      },
    },
  );

/** An event stream as text, once it has ended. */
async function stream(url: string, key: string): Promise<string> {
  const { text } = await postRaw(url, JSON.stringify({ query: WATCH }), { key, path: '/graphql/stream' });
  return text;
}

describe('SEC-4 a token', () => {
  it('SEC-4 stands for its owner and role, over every transport', async () => {
    const key = await token();
    expect((await schedule(key)).body.data?.['schedule']).toMatchObject({
      delivery: { owner: 'asha' },
      errors: [],
    });
    for (const open of [overHttp, overSocket, overSse]) {
      const transport = open(system.url, key);
      expect([transport.name, await transport.send('{"query":"{ queues { name } }"}')]).toEqual([
        transport.name,
        null,
      ]);
      expect([transport.name, await transport.send('{"query":"{ apiKeys { id } }"}')]).toEqual([
        transport.name,
        transport.name === 'HTTP' ? 'FORBIDDEN' : null,
      ]);
      transport.close();
    }
    const viewer = await schedule(await token({ role: 'VIEWER' }));
    expect(viewer.body.data?.['schedule']).toMatchObject({ delivery: null, errors: [{ code: 'FORBIDDEN' }] });
  });

  it.each([
    ['of another issuer', { iss: 'x' }],
    ['of no role', { role: 'ROOT' }],
    ['of everybody', { sub: '*' }],
  ])('SEC-4 %s opens nothing, over any transport', async (_what, claims) => {
    const { iss, ...others } = { iss: ISSUER, ...claims } as Record<string, string>;
    const key = await new SignJWT({ sub: 'asha', role: 'ADMIN', ...others })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(iss ?? '')
      .setAudience('punctual')
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(SECRET));
    for (const path of ['/graphql', '/graphql/stream'])
      expect(await postRaw(system.url, '{"query":"{ __typename }"}', { key, path })).toMatchObject({
        status: 401,
        code: 'UNAUTHENTICATED',
      });
    expect(await new RawSocket(system.url).init(key)).toBe(4401);
  });

  it('SEC-3 ends its socket and its event stream with it', async () => {
    const key = await token({}, 1_000);
    const socket = new RawSocket(quick.url);
    expect(await socket.init(key)).toMatchObject({ type: 'connection_ack' });
    const streamed = stream(quick.url, key);
    expect(await socket.closed).toBe(4401);
    expect(await streamed).toMatch(
      /"snapshot|"id".*\n\nevent: next\ndata: .*UNAUTHENTICATED.*\n\nevent: complete/s,
    );
  });

  it('SEC-3 and so does a key that is revoked, though nothing happens', async () => {
    const { key, doc } = await system.core.access.createKey({ name: 'x', owner: 'asha', role: 'MANAGER' });
    const socket = new RawSocket(quick.url);
    expect(await socket.init(key)).toMatchObject({ type: 'connection_ack' });
    const streamed = stream(quick.url, key);
    await system.core.access.revokeKey(doc._id);
    expect(await socket.closed).toBe(4401);
    expect(await streamed).toMatch(/UNAUTHENTICATED.*\n\nevent: complete/s);
  });
});

describe('SEC-4 scopes', () => {
  const keyWith = async (...scopes: Scope[]): Promise<string> =>
    (await system.core.access.createKey({ name: 'x', owner: 'asha', role: 'ADMIN', scopes })).key;

  it('SEC-4 hold a key or a token to what it is for: one that schedules reads nothing', async () => {
    for (const key of [
      await keyWith('deliveries:write'),
      await token({ scope: 'openid deliveries:write' }),
    ]) {
      expect((await schedule(key)).body.data?.['schedule']).toMatchObject({ errors: [] });
      for (const text of [
        '{ queues { name } }',
        '{ deliveries { nodes { id } } }',
        '{ node(id: "x") { id } }',
      ])
        expect([text, (await query(system.url, key, text)).code]).toEqual([text, 'FORBIDDEN']);
      expect(await stream(system.url, key)).toContain('FORBIDDEN');
    }
  });

  it('SEC-4 hold on the way from what was written, too', async () => {
    const { run } = await system.core.runs.begin({
      owner: 'asha',
      program: 'daily-content',
      type: 'wave',
      occurrence: 'scopes',
    });
    const id = Buffer.from(`Run:${run._id.toHexString()}`).toString('base64url');
    const text =
      'mutation ($input: CancelRunInput!) { cancelRun(input: $input) { run { id deliveries { nodes { id } } } errors { code } } }';
    const answer = await query(system.url, await keyWith('deliveries:write'), text, { input: { id } });
    expect(answer.code).toBe('FORBIDDEN');
    expect(answer.text).not.toContain('nodes');
  });

  it('SEC-4 never give more than the role', async () => {
    const key = await token({ role: 'VIEWER', scope: 'read deliveries:write admin operate' });
    expect((await schedule(key)).body.data?.['schedule']).toMatchObject({ errors: [{ code: 'FORBIDDEN' }] });
    expect((await query(system.url, key, '{ apiKeys { id } }')).code).toBe('FORBIDDEN');
  });

  it('SEC-4 of a key are chosen by its maker among its own', async () => {
    const make = async (key: string, scopes: string[] | null) =>
      (
        await query(
          system.url,
          key,
          'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { scopes } errors { code path } } }',
          { input: { name: 'x', owner: 'shop', role: 'VIEWER', scopes } },
        )
      ).body.data?.['createApiKey'];
    const narrow = await keyWith('admin', 'read');
    expect(await make(narrow, ['READ'])).toEqual({ apiKey: { scopes: ['READ'] }, errors: [] });
    for (const more of [['READ', 'OPERATE'], null])
      expect(await make(narrow, more)).toEqual({
        apiKey: null,
        errors: [{ code: 'FORBIDDEN', path: 'scopes' }],
      });
    expect(await make(narrow, [])).toEqual({
      apiKey: null,
      errors: [{ code: 'VALIDATION_ERROR', path: 'scopes' }],
    });
    expect(await make(system.adminKey, null)).toEqual({ apiKey: { scopes: null }, errors: [] });
  });
});

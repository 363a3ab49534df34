import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ATTACKS } from '../support/attacks.js';
import { postRaw } from '../support/graphql.js';
import { startSystem, type System } from '../support/system.js';
import { overHttp, overSocket, overSse, type Transport } from '../support/transports.js';

let system: System;
let transports: Record<'HTTP' | 'WebSocket' | 'SSE', Transport>;

beforeAll(async () => {
  system = await startSystem({
    parts: { worker: false, sandbox: false },
    env: { NODE_ENV: 'production', LOG_LEVEL: 'silent' },
  });
  const { url } = system;
  const { key } = await system.core.access.createKey({ name: 'attacker', owner: 'mallory', role: 'ADMIN' });
  transports = { HTTP: overHttp(url, key), WebSocket: overSocket(url, key), SSE: overSse(url, key) };
});
afterAll(async () => {
  for (const transport of Object.values(transports)) transport.close();
  await system.stop();
});

it('SEC-2 SEC-8 in production a query is sent by POST alone, so that it stands in no log', async () => {
  const { key } = await system.core.access.createKey({ name: 'x', owner: 'mallory', role: 'VIEWER' });
  for (const path of [
    '/graphql?query=%7B__typename%7D',
    '/graphql',
    '/graphql/stream?query=%7B__typename%7D',
  ]) {
    const answer = await fetch(`${system.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
    expect([path, answer.status, answer.headers.get('allow')]).toEqual([path, 405, 'POST']);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'MALFORMED_REQUEST' } }] });
  }
});

describe.each(['HTTP', 'WebSocket', 'SSE'] as const)('SEC-1 SEC-2 in production, over %s', (name) => {
  it.each(ATTACKS)('$name is refused with a code', async ({ payload, code, overSocket: closed }) => {
    const transport = transports[name];
    expect(await transport.send(payload)).toBe(name === 'WebSocket' ? (closed ?? code) : code);
    // And the server is there for the next one.
    expect(await transport.send('{"query":"{ __typename }"}')).toBeNull();
  });

  it('SEC-2 nothing is said about the inside', async () => {
    const { key } = await system.core.access.createKey({ name: 'x', owner: 'mallory', role: 'VIEWER' });
    const path = name === 'SSE' ? '/graphql/stream' : '/graphql';
    for (const { payload } of ATTACKS) {
      const { text, headers } = await postRaw(system.url, payload, { key, path });
      expect(text).not.toMatch(/Did you mean|node_modules|at .*\.(js|ts):\d+|stack/i);
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });
});

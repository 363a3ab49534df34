import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type WebSocket, WebSocketServer } from 'ws';
import { createClient, RunProgressDocument } from '#sdk';

/** What a client says over graphql-transport-ws. */
interface Said {
  readonly type: string;
  readonly id?: string;
  readonly payload?: { readonly variables?: Record<string, unknown>; readonly authorization?: string };
}

/** What a server does with a client's subscription, after it has let it in. */
type Script = (socket: WebSocket, id: string) => void;

let server: WebSocketServer;
/** One for each connection in turn. */
let scripts: Script[];
/** The variables of each subscription in turn. */
let asked: (Record<string, unknown> | undefined)[];

beforeEach(async () => {
  [scripts, asked] = [[], []];
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    const script = scripts.shift();
    socket.on('message', (bytes: Buffer) => {
      const { type, id = '', payload } = JSON.parse(bytes.toString('utf8')) as Said;
      if (type === 'connection_init') socket.send(JSON.stringify({ type: 'connection_ack' }));
      if (type !== 'subscribe') return;
      asked.push(payload?.variables);
      script?.(socket, id);
    });
  });
});
afterEach(async () => {
  for (const socket of server.clients) socket.terminate();
  server.close();
  await once(server, 'close');
});

const close =
  (code: number): Script =>
  (socket) =>
    socket.close(code, 'because');
const send =
  (...cursors: string[]): Script =>
  (socket, id) => {
    for (const cursor of cursors) {
      const payload = { data: { runProgress: { id: cursor, cursor } } };
      socket.send(JSON.stringify({ id, type: 'next', payload }));
    }
  };
const complete: Script = (socket, id) => socket.send(JSON.stringify({ id, type: 'complete' }));
const both =
  (...parts: Script[]): Script =>
  (socket, id) =>
    parts.forEach((part) => part(socket, id));

/** The cursors that a subscription gives until it ends. */
async function cursors(): Promise<string[]> {
  const { port } = server.address() as AddressInfo;
  const client = createClient({ url: `http://127.0.0.1:${port}`, apiKey: 'k' });
  const seen: string[] = [];
  try {
    for await (const { runProgress } of client.subscribe(RunProgressDocument, { run: 'r' })) {
      seen.push(runProgress.cursor);
    }
    return seen;
  } finally {
    await client.close();
  }
}

describe('a socket that the server closes', () => {
  it.each([1000, 1001, 1005, 1011, 1012, 4408, 4499, 4500])(
    'API-7 with %i is opened anew, and goes on behind the last event that was read',
    async (code) => {
      const closing: Script = code === 1005 ? (socket) => socket.close() : close(code);
      scripts = [both(send('a', 'b'), closing), both(send('c'), closing), both(send('d'), complete)];
      expect(await cursors()).toEqual(['a', 'b', 'c', 'd']);
      expect(asked).toEqual([{ run: 'r' }, { run: 'r', after: 'b' }, { run: 'r', after: 'c' }]);
    },
  );

  it.each([
    [4400, 'BAD_RESPONSE'],
    [4401, 'UNAUTHENTICATED'],
    [4403, 'FORBIDDEN'],
    [4406, 'BAD_RESPONSE'],
    [4409, 'BAD_RESPONSE'],
  ])('with %i ends the subscription with %s', async (code, expected) => {
    scripts = [close(code)];
    await expect(cursors()).rejects.toMatchObject({ name: 'PunctualClientError', code: expected });
    expect(asked).toHaveLength(1);
  });

  it('SEC-3 with 4429 is opened anew after a while', async () => {
    scripts = [close(4429), both(send('a'), complete)];
    expect(await cursors()).toEqual(['a']);
  });

  it('API-7 after the operation was complete is of no matter', async () => {
    scripts = [both(send('a'), complete, close(1000))];
    expect(await cursors()).toEqual(['a']);
    expect(asked).toHaveLength(1);
  });
});

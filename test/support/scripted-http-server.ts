import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A request as its bytes said it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What happens to a request that has arrived in whole. */
export type Reaction = (socket: Socket, request: ReceivedRequest) => void;

/** Answers, and keeps the connection. */
export function answer(status: number, body = '', headers: Readonly<Record<string, string>> = {}): Reaction {
  return (socket) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(
      `HTTP/1.1 ${status} Scripted\r\n${lines.join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  };
}

/** Never answers. */
export const hang: Reaction = () => undefined;

/** Sends these bytes, and then a reset. */
export function resetAfter(bytes: string): Reaction {
  return (socket) => {
    // Once they are acknowledged, or the reset would overtake them.
    socket.write(bytes, () => setImmediate(() => socket.resetAndDestroy()));
  };
}

/** Ends the connection without a word, in the orderly way. */
export const closeQuietly: Reaction = (socket) => {
  socket.end();
};

export interface ScriptedHttpServer {
  readonly port: number;
  readonly origin: string;
  readonly requests: readonly ReceivedRequest[];
  /** How all further requests are reacted to. */
  react(reaction: Reaction): void;
  /** What is done to all further connections, before a byte is read from them. */
  onConnect(action: ((socket: Socket) => void) | null): void;
  /** Connections that are open. */
  connections(): number;
  /** Connections that were ever opened. */
  opened(): number;
  /** Ends the connections, too, as from the outside. */
  dropConnections(): void;
  /** Stops listening: further connections are refused. Those that are open stay. */
  refuse(): Promise<void>;
  stop(): Promise<void>;
}

/** An HTTP/1.1 server on bare sockets, so that connections can be broken at any byte. Bodies need a Content-Length. */
export async function startScriptedHttpServer(): Promise<ScriptedHttpServer> {
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  let reaction: Reaction = answer(200);
  let connectAction: ((socket: Socket) => void) | null = null;
  let opened = 0;

  const server = createServer((socket) => {
    opened += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that goes away in the middle is what these tests are about.
    socket.on('error', () => undefined);
    connectAction?.(socket);
    let buffered = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      buffered += chunk;
      for (;;) {
        const parsed = parseRequest(buffered);
        if (!parsed) return;
        buffered = parsed.rest;
        requests.push(parsed.request);
        reaction(socket, parsed.request);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    requests,
    react: (next) => {
      reaction = next;
    },
    onConnect: (action) => {
      connectAction = action;
    },
    connections: () => sockets.size,
    opened: () => opened,
    dropConnections: () => {
      for (const socket of sockets) socket.destroy();
    },
    refuse: () => {
      // `close` also waits for the connections, which are to stay; the port is free at once.
      server.close();
      return Promise.resolve();
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

function parseRequest(text: string): { request: ReceivedRequest; rest: string } | null {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const [start = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const bodyStart = end + 4;
  const bodyEnd = bodyStart + Number(headers['content-length'] ?? 0);
  if (text.length < bodyEnd) return null;
  const [method = '', path = ''] = start.split(' ');
  const body = Buffer.from(text.slice(bodyStart, bodyEnd), 'latin1').toString('utf8');
  return { request: { method, path, headers, body }, rest: text.slice(bodyEnd) };
}

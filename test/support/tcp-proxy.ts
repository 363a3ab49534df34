import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What stands between a client and a server, and can be broken. */
export interface TcpProxy {
  readonly url: string;
  /** Connections that were ever opened. */
  opened(): number;
  /** Breaks the connections that are open. */
  cut(): void;
  /** Breaks further connections at once, until `pass`. */
  refuse(): void;
  /** Lets nothing through any more, either way, and says nothing: a cable that is unplugged. Until `pass`. */
  stall(): void;
  /** Lets further connections through again, or to another server from now on. */
  pass(url?: string): void;
  /** Breaks the connection instead of passing on the next answers, so many times: the server has done its work. */
  loseAnswers(count: number): void;
  stop(): Promise<void>;
}

/** Starts one in front of the server at `url`. */
export async function startTcpProxy(url: string): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let target = new URL(url);
  let mode: 'pass' | 'refuse' | 'stall' = 'pass';
  let opened = 0;
  let lost = 0;

  const server = createServer((near) => {
    opened += 1;
    if (mode === 'refuse') {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    const breakBoth = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      // Broken connections are what this is for.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        // With the other side a stalled connection ends, too: whoever gives it up waits for nobody.
        breakBoth();
      });
    }
    near.on('data', (bytes) => {
      if (mode !== 'stall') far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (mode === 'stall') return;
      if (lost > 0) {
        lost -= 1;
        breakBoth();
      } else near.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    opened: () => opened,
    cut,
    refuse: () => {
      mode = 'refuse';
    },
    stall: () => {
      mode = 'stall';
    },
    pass: (next = target.href) => {
      target = new URL(next);
      mode = 'pass';
    },
    loseAnswers: (count) => {
      lost = count;
    },
    stop: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

// The client alone: the package's root brings its server, and with it graphql-js.
import { type Client, createClient } from 'graphql-ws/client';
import { fromServer, PunctualClientError, type ServerError } from './errors.js';
import { Inbox } from './inbox.js';
import type { Result, Run, Transport } from './transport.js';

/** What is borne of the two sides. */
export interface SocketLimits {
  /** How often the server is asked whether it is there, in ms. */
  readonly pingMs: number;
  /** How long it may take to answer that, or to let a connection in, in ms. */
  readonly patienceMs: number;
  /** Events that may wait for a reader that is slower than they come. */
  readonly mostWaiting: number;
}

const LIMITS: SocketLimits = { pingMs: 10_000, patienceMs: 10_000, mostWaiting: 1_000 };

/** What a WebSocket is made with. */
export interface SocketOptions {
  readonly url: string;
  readonly webSocket?: unknown;
}

/** GraphQL over WebSocket (graphql-transport-ws): one socket carries all subscriptions of a key. */
export class SocketTransport implements Transport {
  #current: SocketConnection | undefined;

  constructor(
    private readonly options: SocketOptions,
    private readonly limits = LIMITS,
  ) {}

  run(run: Run): AsyncIterable<Result> {
    // A socket is as good as the key that opened it: after a renewal, the next subscription opens another.
    if (!this.#current?.serves(run.key))
      this.#current = new SocketConnection(this.options, run.key, this.limits);
    return this.#current.run(run);
  }

  async close(): Promise<void> {
    await this.#current?.close();
  }
}

/** One socket from its opening to its end: a broken one is not mended, so that no subscription begins anew unasked. */
class SocketConnection {
  readonly #client: Client;
  readonly #running = new Map<Inbox<Result>, Run>();
  #open = false;
  #over = false;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(
    { url, webSocket }: SocketOptions,
    private readonly key: string,
    private readonly limits: SocketLimits,
  ) {
    this.#client = createClient({
      url: url.replace(/^http/, 'ws'),
      connectionParams: { authorization: `Bearer ${key}` },
      retryAttempts: 0,
      keepAlive: limits.pingMs,
      on: {
        connecting: () => this.#expect(),
        connected: () => this.#opened(),
        ping: (received) => received || this.#expect(),
        pong: (received) => received && clearTimeout(this.#patience),
        closed: (event) => this.#lost(event),
      },
      ...(webSocket === undefined ? {} : { webSocketImpl: webSocket }),
    });
  }

  /** Whether a subscription with this key can be run on it. */
  serves(key: string): boolean {
    return !this.#over && this.key === key;
  }

  run(run: Run): AsyncIterable<Result> {
    const inbox = new Inbox<Result>(() => {
      run.signal.removeEventListener('abort', leave);
      this.#running.delete(inbox);
      // graphql-ws closes the socket when its last subscription leaves.
      if (this.#running.size === 0) this.#over = true;
      unsubscribe();
    });
    const leave = (): void => void inbox.return();
    this.#running.set(inbox, run);
    const unsubscribe = this.#client.subscribe<unknown>(
      { ...run.body, variables: { ...run.body.variables } },
      {
        next: (result) => {
          // Left for now, and resumed behind what was read: sockets cannot be told to wait, and memory is bounded.
          if (inbox.size >= this.limits.mostWaiting) inbox.fail(tooSlow());
          else inbox.put(result as Result);
        },
        error: (error) => inbox.fail(asClientError(error)),
        complete: () => inbox.complete(),
      },
    );
    run.signal.addEventListener('abort', leave, { once: true });
    if (run.signal.aborted) leave();
    else if (this.#open) run.onOpen();
    return inbox;
  }

  async close(): Promise<void> {
    clearTimeout(this.#patience);
    // It waits for a connection that is being made, and rejects when that fails: the subscriptions are told so anyway.
    await Promise.resolve(this.#client.dispose()).catch(() => undefined);
  }

  /** A sign of life is due. Without one the other side is gone, whatever the socket says. */
  #expect(): void {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#client.terminate(), this.limits.patienceMs);
  }

  #opened(): void {
    clearTimeout(this.#patience);
    this.#open = true;
    for (const { onOpen } of this.#running.values()) onOpen();
  }

  #lost(event: unknown): void {
    clearTimeout(this.#patience);
    this.#over = true;
    for (const inbox of [...this.#running.keys()]) inbox.fail(asClientError(event));
  }
}

function tooSlow(): PunctualClientError {
  return new PunctualClientError(
    'RATE_LIMITED',
    'events come faster than they are read: read faster, or thin them out with minInterval',
  );
}

/** What graphql-ws says when an operation fails: GraphQL errors, the socket's end, or its inability to begin. */
function asClientError(error: unknown): PunctualClientError {
  if (Array.isArray(error)) return fromServer(error as ServerError[]);
  const { code, reason } = (typeof error === 'object' && error !== null ? error : {}) as {
    code?: unknown;
    reason?: unknown;
  };
  const said = typeof reason === 'string' && reason !== '' ? ` ${reason}` : '';
  const why = typeof code === 'number' ? ` (${code}${said})` : '';
  return new PunctualClientError(codeOf(code), `the socket cannot be opened, or was closed${why}`, {
    cause: error,
  });
}

/** By the close code: graphql-transport-ws's own, and RATE_LIMITED's 4429. */
function codeOf(code: unknown): PunctualClientError['code'] {
  switch (code) {
    case 4401:
      return 'UNAUTHENTICATED';
    case 4403:
      return 'FORBIDDEN';
    case 4429:
      return 'RATE_LIMITED';
    // What we sent was no graphql-transport-ws to the other side: it never will be.
    case 4400:
    case 4406:
    case 4409:
      return 'BAD_RESPONSE';
    default:
      return 'NETWORK_ERROR';
  }
}

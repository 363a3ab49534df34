import { type Client as SocketClient, createClient as createSocketClient } from 'graphql-ws';
import type { TypedDocumentString } from './generated/graphql.js';
import { type Fetch, post } from './http.js';
import { events } from './subscription.js';

/** How to reach a server. */
export interface ClientOptions {
  /** The server's root, as it prints it at its start: `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly apiKey: string;
  /** The platform's own when omitted. */
  readonly fetch?: Fetch;
  /** A WebSocket class, as `ws` exports; the platform's own when omitted. */
  readonly webSocket?: unknown;
}

/** Variables may be left out where an operation has none that are required. */
type VariablesOf<V> =
  Record<string, never> extends V
    ? [variables?: V, options?: CallOptions]
    : [variables: V, options?: CallOptions];

/** Options of one call. */
export interface CallOptions {
  /** Aborts a request, or ends a subscription. */
  readonly signal?: AbortSignal;
}

/** A connection to one server, with one key. */
export interface Client {
  /**
   * Runs a query or a mutation.
   * @example const { schedule } = await client.request(ScheduleDocument, { input })
   * @throws PunctualClientError when it failed as a whole; what the input caused is in the payload's `errors`
   */
  request<Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    ...rest: VariablesOf<Variables>
  ): Promise<Data>;
  /**
   * Runs a subscription; leave the loop to end it. It reconnects by itself, and goes on where it was.
   * @example for await (const { runProgress } of client.subscribe(RunProgressDocument, { run })) { ... }
   * @throws PunctualClientError from the loop
   */
  subscribe<Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    ...rest: VariablesOf<Variables>
  ): AsyncIterableIterator<Data>;
  /** Ends all subscriptions, and closes the socket. */
  close(): Promise<void>;
}

/** Connects nothing yet: the first call does. */
export function createClient(options: ClientOptions): Client {
  const endpoint = new URL('/graphql', options.url);
  const closing = new AbortController();
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  let socket: SocketClient | undefined;
  const connect = (): SocketClient =>
    (socket ??= createSocketClient({
      url: endpoint.href.replace(/^http/, 'ws'),
      connectionParams: { authorization: `Bearer ${options.apiKey}` },
      // Reconnecting is done by `events`, which knows the cursor to go on from.
      retryAttempts: 0,
      keepAlive: 15_000,
      ...(options.webSocket === undefined ? {} : { webSocketImpl: options.webSocket }),
    }));
  return {
    request: async <Data, Variables>(
      document: TypedDocumentString<Data, Variables>,
      ...[variables, call]: VariablesOf<Variables>
    ) => {
      const body = { query: document.toString(), variables: variables ?? {} };
      return (await post(fetch, endpoint.href, options.apiKey, body, call?.signal)) as Data;
    },
    subscribe: <Data, Variables>(
      document: TypedDocumentString<Data, Variables>,
      ...[variables, call]: VariablesOf<Variables>
    ) => {
      const left = new AbortController();
      const signal = AbortSignal.any([closing.signal, left.signal, ...(call?.signal ? [call.signal] : [])]);
      const request = { query: document.toString(), variables: { ...variables } };
      const inner = events(connect(), request, signal) as AsyncGenerator<Data, void>;
      return {
        next: () => inner.next(),
        // Leaving while an event is awaited: a generator alone would wait for it.
        return: async () => {
          left.abort();
          await inner.return();
          return { done: true, value: undefined };
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
    close: async () => {
      closing.abort();
      await socket?.dispose();
    },
  };
}

import { type Connection, Connections } from './connection.js';
import { credentialsOf, withKey } from './credentials.js';
import type { TypedDocumentString } from './generated/graphql.js';
import { post } from './http.js';
import { isRepeatable, withKeys } from './idempotency.js';
import { readOperation } from './operation.js';
import { type ClientOptions, settingsOf } from './options.js';
import { type NodeOf, nodesOf } from './paging.js';
import { type Retry, withRetry } from './retry.js';
import { SocketTransport } from './socket.js';
import { SseTransport } from './sse.js';
import { events } from './subscription.js';

/** Variables may be left out where an operation has none that are required. */
type Rest<Variables, Options> =
  Record<string, never> extends Variables
    ? [variables?: Variables, options?: Options]
    : [variables: Variables, options?: Options];

/** Options of one request. */
export interface RequestOptions {
  /** Aborts it, and the tries after it. */
  readonly signal?: AbortSignal | undefined;
  /** In place of the client's. */
  readonly retry?: Retry | undefined;
}

/** Options of one subscription. */
export interface SubscribeOptions {
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  /**
   * When it was cut off for longer than the server keeps events: `throw` CURSOR_EXPIRED, or go on with a fresh
   * `snapshot`, whose event says so. `throw` when omitted.
   */
  readonly onCursorExpired?: 'throw' | 'snapshot' | undefined;
}

/** A connection to one server, for one user. */
export interface Client {
  /**
   * Runs a query or a mutation. What failed for a passing reason is tried again, where that does nothing twice;
   * creating mutations get an idempotency key for that if they have none.
   * @example const { schedule } = await client.request(ScheduleDocument, { input })
   * @throws PunctualClientError when it failed as a whole; what the input caused is in the payload's `errors`
   */
  request<Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    ...rest: Rest<Variables, RequestOptions>
  ): Promise<Data>;
  /**
   * Reads a list to its end, page by page as the loop goes on.
   * @example for await (const delivery of client.pages(DeliveriesDocument, { filter })) { ... }
   * @throws PunctualClientError from the loop
   */
  pages<Data, Variables extends { readonly after?: string | null | undefined }>(
    document: TypedDocumentString<Data, Variables>,
    ...rest: Rest<Variables, RequestOptions>
  ): AsyncIterableIterator<NodeOf<Data>, void>;
  /**
   * Runs a subscription; leave the loop to end it. It reconnects by itself, and goes on where it was.
   * @example for await (const { runProgress } of client.subscribe(RunProgressDocument, { run })) { ... }
   * @throws PunctualClientError from the loop, for what reconnecting cannot cure
   */
  subscribe<Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    ...rest: Rest<Variables, SubscribeOptions>
  ): AsyncIterableIterator<Data, void>;
  /** Whether the subscriptions are connected, now and from now on. */
  readonly connection: Connection;
  /** Ends all subscriptions, and closes the socket. */
  close(): Promise<void>;
}

/**
 * Connects nothing yet: the first call does.
 * @throws PunctualClientError VALIDATION_ERROR for options that cannot be
 */
export function createClient(options: ClientOptions = {}): Client {
  const { endpoint, fetch, webSocket, ...settings } = settingsOf(options);
  const credentials = credentialsOf(settings.apiKey);
  const transport =
    settings.transport === 'sse'
      ? new SseTransport({ fetch, url: `${endpoint}/stream` })
      : new SocketTransport({ url: endpoint, webSocket });
  const connections = new Connections();
  const closing = new AbortController();

  const request = async (
    document: { toString(): string },
    given: unknown,
    { signal, retry = settings.retry }: RequestOptions = {},
  ): Promise<unknown> => {
    const query = document.toString();
    const operation = readOperation(query);
    const variables = withKeys(operation, { ...(given as object) });
    const attempt = (): Promise<unknown> =>
      withKey(credentials, signal, (key) =>
        post({ fetch, url: endpoint }, key, { query, variables }, signal, settings.timeoutMs),
      );
    return withRetry(attempt, { repeatable: isRepeatable(operation, variables), retry, signal });
  };

  return {
    connection: connections,
    request: async <Data, Variables>(
      document: TypedDocumentString<Data, Variables>,
      ...[variables, call]: Rest<Variables, RequestOptions>
    ) => (await request(document, variables, call)) as Data,
    pages: <Data, Variables>(
      document: TypedDocumentString<Data, Variables>,
      ...[variables, call]: Rest<Variables, RequestOptions>
    ) =>
      nodesOf(async (after) => {
        const place = after === undefined ? {} : { after };
        return (await request(document, { ...variables, ...place }, call)) as Data;
      }),
    subscribe: <Data, Variables>(
      document: TypedDocumentString<Data, Variables>,
      ...[variables, call = {}]: Rest<Variables, SubscribeOptions>
    ) => {
      const { signal: callers, onCursorExpired = 'throw' } = call;
      const left = new AbortController();
      const signal = AbortSignal.any([closing.signal, left.signal, ...(callers ? [callers] : [])]);
      const body = { query: document.toString(), variables: { ...variables } };
      const generator = events({ transport, credentials, connections, body, onCursorExpired, signal });
      return leavable(generator as AsyncGenerator<Data, void>, left, signal);
    },
    close: async () => {
      closing.abort();
      await transport.close();
    },
  };
}

/**
 * A generator that can be left while it waits: by itself it would wait for what it waits for. @param signal ends it, also
 * when nobody asks for its next value any more
 */
function leavable<T>(
  generator: AsyncGenerator<T, void>,
  left: AbortController,
  signal: AbortSignal,
): AsyncIterableIterator<T, void> {
  signal.addEventListener('abort', () => void generator.return(), { once: true });
  return {
    next: () => generator.next(),
    return: async () => {
      left.abort();
      await generator.return();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

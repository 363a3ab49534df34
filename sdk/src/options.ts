import type { ApiKey } from './credentials.js';
import { PunctualClientError } from './errors.js';
import type { Fetch } from './http.js';
import type { Retry } from './retry.js';

/** How to reach a server. */
export interface ClientOptions {
  /**
   * The server's root, as it prints it at its start: `http://127.0.0.1:4000`. Omitted: the environment's
   * PUNCTUAL_URL, in a browser the page's own origin.
   */
  readonly url?: string | undefined;
  /** A key, or a function that gives one, for those that are renewed. Omitted: the environment's PUNCTUAL_API_KEY. */
  readonly apiKey?: ApiKey | undefined;
  /** How requests are tried again; false: not at all. Subscriptions reconnect in any case. */
  readonly retry?: Retry | undefined;
  /** How long one try of a request may take, in ms; 60,000 when omitted. The server itself gives up after 30 s. */
  readonly timeoutMs?: number | undefined;
  /** How events come; `sse` for where WebSockets are not to be had. `websocket` when omitted. */
  readonly transport?: 'websocket' | 'sse' | undefined;
  /** The platform's own when omitted. */
  readonly fetch?: Fetch | undefined;
  /** A WebSocket class, as `ws` exports; the platform's own when omitted. */
  readonly webSocket?: unknown;
}

const TIMEOUT_MS = 60_000;

/** What a browser or Node may have, and the other has not. */
const PLATFORM = globalThis as {
  readonly location?: { readonly origin?: string };
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> };
};

/** The options with what they are when omitted. */
export interface Settings {
  /** Of the GraphQL endpoint. */
  readonly endpoint: string;
  readonly apiKey: ApiKey;
  readonly timeoutMs: number;
  readonly transport: 'websocket' | 'sse';
  readonly fetch: Fetch;
  readonly retry: Retry | undefined;
  readonly webSocket: unknown;
}

/** @throws PunctualClientError VALIDATION_ERROR */
export function settingsOf(options: ClientOptions): Settings {
  const { env } = PLATFORM.process ?? {};
  const url = options.url ?? env?.['PUNCTUAL_URL'] ?? PLATFORM.location?.origin;
  const apiKey = options.apiKey ?? env?.['PUNCTUAL_API_KEY'];
  if (url === undefined) throw invalid('url', 'is missing: give it, or set PUNCTUAL_URL');
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw invalid('url', `"${url}" is no address of a server; expected one like http://127.0.0.1:4000`);
  }
  if (apiKey === undefined) throw invalid('apiKey', 'is missing: give it, or set PUNCTUAL_API_KEY');
  return {
    // A path is kept, for servers behind a proxy that gives them a part of its own.
    endpoint: `${url.replace(/\/+$/, '')}/graphql`,
    apiKey,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    transport: options.transport ?? 'websocket',
    fetch: options.fetch ?? ((address, init) => globalThis.fetch(address, init)),
    retry: options.retry,
    webSocket: options.webSocket,
  };
}

function invalid(option: string, problem: string): PunctualClientError {
  return new PunctualClientError('VALIDATION_ERROR', `${option}: ${problem}`);
}

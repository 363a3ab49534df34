import { setMaxListeners } from 'node:events';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector, type Dispatcher, Pool } from 'undici';
import { AddressNotPublicError, OutOfTimeError, parseRetryAfter } from './http-classification.js';

/** Of an answer's body so much is read, in bytes; what is longer is cut and its connection closed. */
const BODY_LIMIT = 64 * 1024;

/** Origins whose connections are kept; the one unused for longest goes first. */
const ORIGINS_KEPT = 256;

export interface HttpSenderOptions {
  /** Connections to one origin at most; further requests wait in line. When omitted, 64. */
  readonly connections?: number;
  /** Time for a connection to come about, TLS included, in ms. When omitted, 5000. */
  readonly connectTimeoutMs?: number;
  /**
   * How long an idle connection is kept where the server does not say, in ms. When omitted, 4000: shorter than the
   * usual servers' own, as a request on a connection that the server is closing has an unknown outcome.
   */
  readonly keepAliveMs?: number;
  /** Decides which IP addresses are connected to, and resolves names by it. When omitted, all are. */
  readonly guard?: AddressGuard;
}

/** Keeps connections to where they may go. It is asked at each connection, so that a name cannot change its mind. */
export interface AddressGuard {
  /** Whether an IP address may be connected to. */
  permits(ip: string): boolean;
  /** Resolves a name, and fails with `AddressNotPublicError` where one of its addresses is not permitted. */
  readonly lookup: LookupFunction;
}

export interface HttpRequest {
  readonly origin: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A status line came back. */
export interface HttpAnswer {
  readonly kind: 'ANSWER';
  readonly status: number;
  readonly body: string;
  /** False when the connection broke in mid-body, or the body was too long. */
  readonly whole: boolean;
  readonly retryAfterMs: number | undefined;
}

/** None did: see `classifyFailure`. */
export interface HttpFailure {
  readonly kind: 'FAILURE';
  readonly error: unknown;
  /** Whether the request was given to a socket. */
  readonly written: boolean;
}

/**
 * POST over HTTP/1.1 for all channels that speak it: kept-alive connections, one request at a time on each (a
 * pipelined one behind a broken one would have an unknown outcome too), no redirects, no retries of its own.
 * It goes below undici's `request`, because only there it is certain whether a request was written.
 */
export class HttpSender {
  readonly #pools = new Map<string, Pool>();
  readonly #options: Pool.Options;
  /** Ends sockets that the pools do not know: those that are being connected, and those of clients they dropped. */
  readonly #closing = new AbortController();

  constructor(options: HttpSenderOptions = {}) {
    setMaxListeners(0, this.#closing.signal);
    this.#options = {
      connections: options.connections ?? 64,
      pipelining: 1,
      keepAliveTimeout: options.keepAliveMs ?? 4000,
      connect: connector(options, this.#closing.signal),
    };
  }

  /** One request. Never rejects. An answer has any status, redirects included. */
  post(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer | HttpFailure> {
    return this.#dispatch({ ...request, method: 'POST' }, signal);
  }

  /** Opens `count` connections to an origin by as many small requests, whose answers do not matter. */
  async open(origin: string, count: number, signal: AbortSignal): Promise<void> {
    const request = { origin, method: 'GET', path: '/' };
    await Promise.all(Array.from({ length: count }, () => this.#dispatch(request, signal)));
  }

  /** Cuts every connection; requests that are under way end as failures. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    this.#closing.abort(new Error('the channel was closed'));
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #dispatch(
    request: Dispatcher.DispatchOptions & { origin: string },
    signal: AbortSignal,
  ): Promise<HttpAnswer | HttpFailure> {
    return new Promise((resolve) => {
      if (signal.aborted || this.#closing.signal.aborted) {
        const error: unknown = signal.aborted ? new OutOfTimeError() : this.#closing.signal.reason;
        resolve({ kind: 'FAILURE', error, written: false });
        return;
      }
      this.#pool(request.origin).dispatch(request, new Exchange(signal, resolve));
    });
  }

  #pool(origin: string): Pool {
    const known = this.#pools.get(origin);
    if (known) {
      if (this.#pools.size === 1) return known;
      // Taken out and put back, so that the map's order is the order of use.
      this.#pools.delete(origin);
      this.#pools.set(origin, known);
      return known;
    }
    if (this.#pools.size >= ORIGINS_KEPT) this.#forgetOne();
    const pool = new Pool(origin, this.#options);
    this.#pools.set(origin, pool);
    return pool;
  }

  #forgetOne(): void {
    for (const [origin, pool] of this.#pools) {
      if (pool.stats.size > 0) continue;
      this.#pools.delete(origin);
      // Nothing is under way on it, so there is nothing to wait for, and nothing that can go wrong.
      void pool.destroy();
      return;
    }
  }
}

/** One request's way through undici, to the one call of `resolve`. */
class Exchange implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #status: number | undefined;
  #retryAfterMs: number | undefined;
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(
    private readonly signal: AbortSignal,
    private readonly resolve: (result: HttpAnswer | HttpFailure) => void,
  ) {
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  /** Called when a connection is there, in the same turn in which the request is written to it; not before. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It was given up while it waited for a connection. Aborted now, it is not written at all.
    if (this.#settled) controller.abort(new OutOfTimeError());
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return; // 103 and the like: the answer is still to come.
    this.#status = status;
    const retryAfter = headers['retry-after'];
    if (retryAfter === undefined) return;
    this.#retryAfterMs = parseRetryAfter(first(retryAfter), first(headers['date']), Date.now());
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size <= BODY_LIMIT) return;
    this.#settle(false, undefined);
    controller.abort(new Error('the body is too long'));
  }

  onResponseEnd(): void {
    this.#settle(true, undefined);
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#settle(false, error);
  }

  readonly #abort = (): void => {
    const error = new OutOfTimeError();
    this.#settle(false, error);
    this.#controller?.abort(error);
  };

  #settle(whole: boolean, error: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.signal.removeEventListener('abort', this.#abort);
    if (this.#status === undefined) {
      this.resolve({ kind: 'FAILURE', error, written: this.#controller !== undefined });
      return;
    }
    this.resolve({
      kind: 'ANSWER',
      status: this.#status,
      body: Buffer.concat(this.#chunks).toString('utf8'),
      whole,
      retryAfterMs: this.#retryAfterMs,
    });
  }
}

function first(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

/** Connects where the guard permits. Node resolves no literal addresses, so the guard's `lookup` alone would miss those. */
function connector(options: HttpSenderOptions, closing: AbortSignal): buildConnector.connector {
  const { guard } = options;
  const connect = buildConnector({
    timeout: options.connectTimeoutMs ?? 5000,
    signal: closing,
    ...(guard && { lookup: guard.lookup }),
  });
  if (!guard) return connect;
  return (target, callback) => {
    const host = target.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) === 0 || guard.permits(host)) connect(target, callback);
    // Not at once: undici is still busy with the call, and would leave the requests behind this one waiting.
    else queueMicrotask(() => callback(new AddressNotPublicError(), null));
  };
}

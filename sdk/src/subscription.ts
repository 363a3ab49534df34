import { pause } from './abort.js';
import type { Connections, Place } from './connection.js';
import { type Credentials, isRefusal } from './credentials.js';
import { fromServer, PunctualClientError } from './errors.js';
import type { OperationBody } from './http.js';
import { type Backoff, isTransient, waitMs } from './retry.js';
import type { Transport } from './transport.js';

/** Pauses before reconnecting. There is no last try: whoever watches wants to know when it is back. */
const RECONNECT = { minMs: 100, maxMs: 15_000 } as const satisfies Backoff;

/** What a subscription runs with. */
export interface Subscribing {
  readonly transport: Transport;
  readonly credentials: Credentials;
  readonly connections: Connections;
  readonly body: OperationBody;
  /** What to do when the server no longer knows the cursor. */
  readonly onCursorExpired: 'throw' | 'snapshot';
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * The events of a subscription. A connection that breaks is made anew, and the subscription goes on behind the
 * last event's cursor: in order, without a hole and without a repeat (API-7). One that takes no `$after` starts anew
 * with its snapshot.
 * @throws PunctualClientError from the iterator, for what another connection would not cure
 */
export async function* events(options: Subscribing): AsyncGenerator<unknown, void> {
  const { connections, signal } = options;
  const place = connections.join();
  const course = new Course(options, place);
  const isOver = (): boolean => signal.aborted;
  try {
    while (!isOver()) {
      try {
        for await (const data of course.connection()) {
          yield data;
          // After the yield: what the reader has not come back from does not count as seen.
          course.pass(data);
        }
        return;
      } catch (error) {
        if (isOver()) return;
        await course.recover(error);
      }
    }
  } finally {
    place.leave();
  }
}

/** Where a subscription has got to, over all of its connections. */
class Course {
  #variables: OperationBody['variables'];
  /** In a row, without an event in between. */
  #failures = 0;
  #key = '';
  /** The key that was refused last, until another one is accepted. */
  #refused: { readonly key: string; readonly error: unknown } | null = null;

  constructor(
    private readonly options: Subscribing,
    private readonly place: Place,
  ) {
    this.#variables = options.body.variables;
  }

  /** What comes over one connection. */
  async *connection(): AsyncGenerator<unknown, void> {
    const { transport, credentials, body, signal } = this.options;
    this.#key = await credentials(signal);
    if (this.#key === this.#refused?.key) throw this.#refused.error;
    const run = {
      body: { query: body.query, variables: this.#variables },
      key: this.#key,
      onOpen: () => this.#opened(),
      signal,
    };
    for await (const { data, errors } of transport.run(run)) {
      if (errors && errors.length > 0) throw fromServer(errors);
      this.#failures = 0;
      yield data;
    }
  }

  /** The reader has had an event. */
  pass(data: unknown): void {
    const cursor = cursorOf(data);
    if (cursor !== undefined && /\$after\b/.test(this.options.body.query)) {
      this.#variables = { ...this.#variables, after: cursor };
    }
  }

  /** Comes back when another connection may do better. @throws the error if none would */
  async recover(error: unknown): Promise<void> {
    if (isRefusal(error) && !this.#refused) {
      // A function may give a renewed key; if it gives the same one, the error is thrown before it is sent again.
      this.#refused = { key: this.#key, error };
      return;
    }
    const { onCursorExpired, signal } = this.options;
    const expired = error instanceof PunctualClientError && error.code === 'CURSOR_EXPIRED';
    if (expired && onCursorExpired === 'snapshot' && this.#variables['after'] != null) {
      this.#variables = { ...this.#variables, after: null };
      return;
    }
    if (!isTransient(error)) throw error;
    this.#failures += 1;
    const wait = waitMs(error, this.#failures, RECONNECT);
    if (wait === null) throw error;
    this.place.lose(error);
    await pause(wait, signal);
  }

  #opened(): void {
    this.#refused = null;
    this.place.open();
  }
}

/** The cursor of the one event in an answer. */
function cursorOf(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const [event] = Object.values(data) as unknown[];
  const cursor = typeof event === 'object' && event !== null && 'cursor' in event ? event.cursor : undefined;
  return typeof cursor === 'string' ? cursor : undefined;
}

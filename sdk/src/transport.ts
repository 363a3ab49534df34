import type { ServerError } from './errors.js';
import type { OperationBody } from './http.js';

/** One answer of an operation that has several. */
export interface Result {
  readonly data?: unknown;
  readonly errors?: readonly ServerError[];
}

/** What is needed to run an operation once. */
export interface Run {
  readonly body: OperationBody;
  readonly key: string;
  /** Called when the connection stands, and the key is accepted. */
  readonly onOpen: () => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * A way for events to come. It tries once: what is to be done about a connection that breaks is for `events`, which
 * knows the cursor to go on from.
 */
export interface Transport {
  /**
   * The operation's results; they end when the server has completed it, or the signal aborts.
   * @throws PunctualClientError from the iterator: NETWORK_ERROR when the connection cannot be made, or breaks
   */
  run(run: Run): AsyncIterable<Result>;
  close(): Promise<void>;
}

import type { ErrorCode } from './generated/graphql.js';

/** What went wrong: the server's own code, or one of the client's for what never reached it. */
export type ClientErrorCode =
  | ErrorCode
  /** The server could not be reached, the connection broke, or no answer came in time. */
  | 'NETWORK_ERROR'
  /** Something answered that is no Punctual server. */
  | 'BAD_RESPONSE'
  /** The function that gives the API key failed; its error is the `cause`. */
  | 'NO_CREDENTIALS';

/** A top-level error as the server sends it. */
export interface ServerError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/**
 * A request that failed as a whole: credentials, limits, outages, a bad query. What the caller's own input caused
 * is not thrown: it is in the payload's `errors`.
 */
export class PunctualClientError extends Error {
  override readonly name = 'PunctualClientError';
  /** Finds the request in the server's log; absent when it never got there. */
  readonly requestId: string | undefined;
  /** Seconds to wait before trying again; only with RATE_LIMITED. */
  readonly retryAfter: number | undefined;

  constructor(
    readonly code: ClientErrorCode,
    message: string,
    options: { requestId?: unknown; retryAfter?: unknown; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.requestId = typeof options.requestId === 'string' ? options.requestId : undefined;
    this.retryAfter = typeof options.retryAfter === 'number' ? options.retryAfter : undefined;
  }
}

/** The first of the server's errors; the others are usually its consequences, and are kept as `cause`. */
export function fromServer(errors: readonly ServerError[]): PunctualClientError {
  const [first] = errors;
  const { code, requestId, retryAfter } = first?.extensions ?? {};
  return new PunctualClientError(
    typeof code === 'string' ? (code as ErrorCode) : 'BAD_RESPONSE',
    first?.message ?? 'the server answered an empty list of errors',
    { requestId, retryAfter, ...(errors.length > 1 ? { cause: errors } : {}) },
  );
}

/**
 * Every code that Punctual answers with, and what it means to the caller. docs/errors.md is this table
 * (a test keeps the two equal). A code is public: renaming one is a breaking change.
 */
export const ERROR_CODES = {
  VALIDATION_ERROR: 'A value is missing, malformed or out of bounds; the path names the field.',
  INVALID_TIMEZONE: 'The zone is not an IANA time zone.',
  INVALID_SCHEDULED_TIME: 'The instant is in the past, or cannot be read as an instant.',
  INVALID_OPERATION: 'The object is in a state that does not permit this; the message says which.',
  NOT_FOUND: 'There is no such object, or it belongs to somebody else.',
  DELIVERY_NOT_FOUND: 'There is no such delivery, or it belongs to somebody else.',
  QUEUE_NOT_FOUND: 'There is no queue of this name.',
  RUN_NOT_FOUND: 'There is no such run, or it belongs to somebody else.',
  ALERT_NOT_FOUND: 'There is no such alert.',
  ADVISOR_NOT_FOUND: 'There is no such advisor, or it belongs to somebody else.',
  CONTENT_NOT_FOUND: 'There is no such content, or it belongs to somebody else.',
  CHANNEL_NOT_FOUND: 'There is no channel of this name, or it is not configured.',
  IDEMPOTENCY_CONFLICT: 'The idempotency key was used before for something else.',
  CURSOR_EXPIRED:
    'The cursor is older than the history that is kept; read a fresh snapshot and go on from there.',
  PAYLOAD_TOO_LARGE: 'The request body is larger than 256 kB (files: 10 MB).',
  MALFORMED_REQUEST: 'The request body is not what its content type says.',
  QUERY_TOO_COMPLEX: 'The query is deeper, wider or longer than the limits allow.',
  RATE_LIMITED: 'Too many requests; retryAfter says when to come back.',
  UNAUTHENTICATED: 'The credentials are missing, unknown, expired or revoked.',
  FORBIDDEN: 'The role or the scopes of these credentials do not permit this.',
  INVALID_SIGNATURE: 'The signature of a webhook does not match its body.',
  UNAVAILABLE: 'A part that this needs does not answer now; try again later.',
  INTERNAL_ERROR: 'An error of ours; the requestId finds it in the log.',
  CONFIG_INVALID: 'A configuration variable has a bad value; the message names it.',
  START_PORT_TAKEN: 'The port that Punctual was told to listen on is in use.',
  START_NO_MONGOD: 'No MongoDB was found and none could be fetched.',
  START_MONGOD_FAILED: 'The embedded MongoDB did not start.',
  START_DATA_FOLDER_IN_USE: 'Another Punctual runs on this data folder.',
  START_DATA_FOLDER_NOT_WRITABLE: 'The data folder cannot be written.',
  START_MONGODB_UNREACHABLE: 'MONGODB_URI does not answer, or is not a replica set.',
} as const satisfies Record<string, string>;

/** One of the public error codes. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** An error that a caller can act on: a code, one sentence, and the path of the field that it is about. */
export class PunctualError extends Error {
  override readonly name = 'PunctualError';
  /** Where in the input the problem is, as `items[3].to`; absent when it is about no single field. */
  readonly path: string | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: { path?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.path = options.path;
  }
}

/** True for a duplicate-key answer of MongoDB, from a single write, a bulk write or a transaction. */
export function isDuplicateKey(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as { code?: unknown }).code === 11000;
}

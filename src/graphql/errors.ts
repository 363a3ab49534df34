import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { ERROR_CODES, type ErrorCode, PunctualError } from '../core/index.js';
import { requestId } from './request-id.js';

/*
 * The one boundary at which errors become public (SEC-2): HTTP, WebSocket, SSE and the plain routes all answer
 * through here. What we know keeps its code; what we do not know is logged and told as INTERNAL_ERROR.
 */

/** RATE_LIMITED, with the time to wait. */
export class RateLimitedError extends PunctualError {
  /** @param retryAfter seconds, whole, at least 1 */
  constructor(
    message: string,
    readonly retryAfter: number,
  ) {
    super('RATE_LIMITED', message);
  }
}

/** Longest message that is sent; longer ones quote the caller's own input. */
const LONGEST_MESSAGE = 500;

/** The HTTP status of an error that stops a request before GraphQL has begun. */
export const STATUS: Partial<Record<ErrorCode, number>> = {
  MALFORMED_REQUEST: 400,
  VALIDATION_ERROR: 400,
  QUERY_TOO_COMPLEX: 400,
  UNAUTHENTICATED: 401,
  INVALID_SIGNATURE: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  PAYLOAD_TOO_LARGE: 413,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
};

const INTERNAL_ERROR = { code: 'INTERNAL_ERROR', message: 'internal error' } as const;
const UNAVAILABLE = { code: 'UNAVAILABLE', message: 'the database does not answer now' } as const;

/** What the driver throws while MongoDB is away, by name: the edge knows no driver. */
const OUTAGES =
  /^Mongo(Network|NetworkTimeout|ServerSelection|PoolCleared|PoolClosed|WaitQueueTimeout|NotConnected|TopologyClosed)Error$/;

/** What is known about where an error comes from. */
export interface Origin {
  /** The request's id where it is not the one under way: on sockets, which outlive requests. */
  readonly requestId?: string;
  /** What Apollo made of it, for what only Apollo knows. */
  readonly formatted?: GraphQLFormattedError;
}

/** What makes errors public. */
export interface Masker {
  /** One error as the caller sees it. */
  mask(error: unknown, origin?: Origin): GraphQLFormattedError;
  /** Several; a query over the limits is told of the limits and of nothing else. */
  maskAll(errors: readonly unknown[], origin?: Origin): GraphQLFormattedError[];
}

/**
 * @param production true: no hints at names that the caller did not know
 * @param log gets what is masked, whole, with the request's id
 */
export function createMasker(production: boolean, log: Logger): Masker {
  const mask = (error: unknown, origin: Origin = {}): GraphQLFormattedError => {
    const outer = error instanceof GraphQLError ? error : null;
    const cause = causeOf(error);
    const id = origin.requestId ?? requestId();
    const where = {
      ...(outer?.locations ? { locations: outer.locations } : {}),
      ...(outer?.path ? { path: outer.path } : {}),
    };
    const field = (cause instanceof PunctualError ? cause.path : undefined) ?? fieldOf(outer);
    const named = field === undefined ? {} : { field };
    if (cause instanceof PunctualError && cause.code !== 'INTERNAL_ERROR') {
      const extensions = {
        code: cause.code,
        requestId: id,
        ...named,
        ...(cause instanceof RateLimitedError ? { retryAfter: cause.retryAfter } : {}),
      };
      return { message: cause.message, ...where, extensions };
    }
    // graphql-js and Apollo speak in GraphQLErrors about what the caller sent; in the midst of the execution
    // (it then has a path) one can only mean that we answered something that does not fit the schema.
    const code =
      cause instanceof GraphQLError && !outer?.path ? codeOf(cause, origin.formatted) : 'INTERNAL_ERROR';
    if (outer && code !== 'INTERNAL_ERROR') {
      return {
        message: tame(outer.message, production),
        ...where,
        extensions: { code, requestId: id, ...named },
      };
    }
    log.error({ err: cause, requestId: id, path: outer?.path }, 'masked an unexpected error');
    const known = isOutage(cause) ? UNAVAILABLE : INTERNAL_ERROR;
    return { message: known.message, ...where, extensions: { code: known.code, requestId: id } };
  };
  return {
    mask,
    maskAll: (errors, origin) => {
      const masked = errors.map((error) => mask(error, origin));
      const tooComplex = masked.filter((error) => error.extensions?.['code'] === 'QUERY_TOO_COMPLEX');
      return tooComplex.length > 0 ? tooComplex.slice(0, 1) : masked;
    },
  };
}

/** What was thrown, under the wrappers that graphql-js puts around it. */
function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}

function isOutage(cause: unknown): boolean {
  return cause instanceof Error && OUTAGES.test(cause.name);
}

/** Our code for an error of graphql-js or Apollo. */
function codeOf(error: GraphQLError, formatted?: GraphQLFormattedError): ErrorCode {
  const given = error.extensions['code'] ?? formatted?.extensions?.['code'];
  if (typeof given === 'string' && given in ERROR_CODES) return given as ErrorCode;
  if (/more tha[nt] \d+ tokens/i.test(error.message)) return 'QUERY_TOO_COMPLEX';
  switch (given) {
    case 'INTERNAL_SERVER_ERROR':
      return 'INTERNAL_ERROR';
    case 'GRAPHQL_PARSE_FAILED':
    case 'BAD_REQUEST':
    case 'OPERATION_RESOLUTION_FAILURE':
      return 'MALFORMED_REQUEST';
    default:
      return error.message.startsWith('Syntax Error') ? 'MALFORMED_REQUEST' : 'VALIDATION_ERROR';
  }
}

/** How graphql-js begins what it says about a variable; the value itself follows, whole. */
const BAD_VARIABLE = /^Variable "\$(\w+)" got invalid value [\s\S]*?(?: at "\w+\.?(.*?)")?; /;

/** The field of a variable that is at fault, as `at.instant`; undefined for other errors. */
function fieldOf(error: GraphQLError | null): string | undefined {
  const [, variable, path] = BAD_VARIABLE.exec(error?.message ?? '') ?? [];
  return path || variable;
}

/** graphql-js quotes bad values; where they stand says enough (SEC-2). */
function tame(message: string, production: boolean): string {
  const unquoted = message
    .replace(
      BAD_VARIABLE,
      (_all, variable: string, path?: string) =>
        `Variable "$${variable}" is invalid${path ? ` at "${path}"` : ''}: `,
    )
    .replace(/(cannot represent [^:]*value): [\s\S]*$/, '$1.')
    .replace(/Value "[\s\S]*?" does not exist in/, 'The value does not exist in');
  const silent = production ? unquoted.replace(/ Did you mean [\s\S]*$/, '') : unquoted;
  return silent.length > LONGEST_MESSAGE ? `${silent.slice(0, LONGEST_MESSAGE)}…` : silent;
}

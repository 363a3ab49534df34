import {
  type ASTVisitor,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  Lexer,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  parse,
  Source,
  specifiedRules,
  TokenKind,
  validate,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { PunctualError } from '../core/index.js';
import { measure, type QuerySize } from './query-size.js';

/** What a query may be (SEC-1). The same on HTTP, WebSocket and SSE. */
const QUERY_LIMITS = {
  depth: 12,
  fields: 500,
  aliases: 30,
  directives: 8,
  cost: 20_000,
} as const satisfies QuerySize;

const LIMITED = Object.keys(QUERY_LIMITS) as (keyof QuerySize)[];

/** Tokens in a document; long lists belong into variables, which are not counted. */
export const MAX_TOKENS = 4_000;

/** Brackets within brackets in a document. The parser goes as deep, and must not run out of stack. */
const MAX_NESTING = 64;

/** Validation errors told at once. */
export const MAX_ERRORS = 5;

/** Bytes in a request body or a socket's message. */
export const MAX_BODY_BYTES = 256 * 1024;

/** What a connection and a caller may take. Tests set lower ones. */
export interface ConnectionLimits {
  /** Requests of one key, and operations over its sockets, in each window. */
  readonly requestsPerWindow: number;
  /** Failed authentications of one address in each window. */
  readonly failuresPerWindow: number;
  readonly windowSeconds: number;
  /** Open sockets of one owner. */
  readonly socketsPerOwner: number;
  /** Operations under way on one socket or, over SSE, of one owner. */
  readonly subscriptionsPerSocket: number;
  /** How long a socket may take to say who it is, in ms (SEC-3). */
  readonly connectionInitMs: number;
  /** How often the credentials of what stays open are asked for again, in ms: a key may be revoked (SEC-3). */
  readonly credentialsMs: number;
  /** Longest that a request over HTTP may take, in ms. */
  readonly requestMs: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  requestsPerWindow: 20_000,
  failuresPerWindow: 100,
  windowSeconds: 10,
  socketsPerOwner: 2_000,
  subscriptionsPerSocket: 50,
  connectionInitMs: 3_000,
  credentialsMs: 10_000,
  requestMs: 30_000,
};

/**
 * Refuses what is too large before the specification's rules have looked at it: some take the square of a document's
 * length. A rule cannot end a validation, but enough errors do.
 */
function limitsRule(context: ValidationContext): ASTVisitor {
  return {
    Document: (document) => {
      const size = measure(context.getSchema(), document);
      const over = LIMITED.find((name) => size[name] > QUERY_LIMITS[name]);
      if (over === undefined) return;
      const message = `the query's ${over} is ${size[over]}; at most ${QUERY_LIMITS[over]} is allowed`;
      const error = new GraphQLError(message, {
        originalError: new PunctualError('QUERY_TOO_COMPLEX', message),
      });
      for (let i = 0; i <= MAX_ERRORS; i += 1) context.reportError(error);
    },
  };
}

const OPENING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** Looks at a document before it is parsed, token by token. @throws QUERY_TOO_COMPLEX */
export function checkSource(text: string): void {
  const lexer = new Lexer(new Source(text));
  let nesting = 0;
  for (let tokens = 1; ; tokens += 1) {
    const kind = nextKind(lexer);
    if (kind === TokenKind.EOF) return;
    if (OPENING.has(kind)) nesting += 1;
    if (CLOSING.has(kind)) nesting -= 1;
    if (nesting > MAX_NESTING)
      throw new PunctualError(
        'QUERY_TOO_COMPLEX',
        `the query's brackets are nested more than ${MAX_NESTING} deep`,
      );
    if (tokens > MAX_TOKENS)
      throw new PunctualError('QUERY_TOO_COMPLEX', `the query has more than ${MAX_TOKENS} tokens`);
  }
}

/** Where there is no token it is the parser that says so. */
function nextKind(lexer: Lexer): TokenKind {
  try {
    return lexer.advance().kind;
  } catch (error) {
    if (error instanceof GraphQLError) return TokenKind.EOF;
    throw error;
  }
}

/** Over plain HTTP a subscription could only be answered once. */
export function noSubscriptionsRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition: (node) => {
      if (node.operation !== OperationTypeNode.SUBSCRIPTION) return;
      const message = 'subscriptions go over WebSocket at /graphql, or server-sent events at /graphql/stream';
      context.reportError(new GraphQLError(message, { nodes: node }));
    },
  };
}

/** The rules beyond the specification's own. @param production true: no introspection (SEC-2) */
export function extraRules(production: boolean): ValidationRule[] {
  return production ? [limitsRule, NoSchemaIntrospectionCustomRule] : [limitsRule];
}

/** An operation as it comes over a socket or SSE. */
export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * Parses and validates an operation under the limits, for the transports that Apollo does not serve.
 * @returns what to execute, or why not
 */
export function prepare(
  schema: GraphQLSchema,
  request: OperationRequest,
  contextValue: unknown,
  rules: readonly ValidationRule[],
): ExecutionArgs | readonly GraphQLError[] {
  try {
    checkSource(request.query);
    const document = parse(request.query, { maxLexicalTokens: MAX_TOKENS });
    const errors = validate(schema, document, [...specifiedRules, ...rules], { maxErrors: MAX_ERRORS });
    if (errors.length > 0) return errors;
    return {
      schema,
      document,
      contextValue,
      operationName: request.operationName ?? null,
      variableValues: request.variables ?? null,
    };
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    if (error instanceof PunctualError) return [new GraphQLError(error.message, { originalError: error })];
    throw error;
  }
}

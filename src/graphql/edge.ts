import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  type ValidationRule,
} from 'graphql';
import type { Logger } from 'pino';
import { PunctualError } from '../core/index.js';
import type { Credentials } from './auth.js';
import type { Crowds } from './crowds/crowds.js';
import { type ContextSource, createContext } from './context.js';
import { type Masker, RateLimitedError } from './errors.js';
import { type ConnectionLimits, type OperationRequest, prepare } from './limits.js';
import type { Metrics } from './metrics/metrics.js';
import type { RateLimits } from './rate-limit.js';

/** What the transports share. */
export interface Edge extends ContextSource {
  readonly schema: GraphQLSchema;
  readonly rules: readonly ValidationRule[];
  readonly masker: Masker;
  readonly rates: RateLimits;
  readonly limits: ConnectionLimits;
  readonly connections: ConnectionQuota;
  readonly metrics: Metrics;
  readonly crowds: Crowds;
  readonly log: Logger;
  /** Aborted when the server stops: subscriptions end with it. */
  readonly stopping: AbortSignal;
}

/** Counts what stays open, sockets and event streams, by owner (SEC-3). */
export class ConnectionQuota {
  readonly #open = new Map<string, number>();

  constructor(private readonly most: number) {}

  /** @returns a function that gives the place back, once. @throws RATE_LIMITED */
  take(owner: string): () => void {
    const open = this.#open.get(owner) ?? 0;
    if (open >= this.most) throw new RateLimitedError(`${this.most} connections are open already`, 60);
    this.#open.set(owner, open + 1);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const left = (this.#open.get(owner) ?? 1) - 1;
      if (left > 0) this.#open.set(owner, left);
      else this.#open.delete(owner);
    };
  }
}

/** Counts, parses and validates an operation of the transports that Apollo does not serve (SEC-1). */
export async function admit(
  edge: Edge,
  credentials: Credentials,
  request: OperationRequest,
  requestId: string,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  try {
    await edge.rates.request(credentials.caller.credential);
  } catch (error) {
    if (!(error instanceof PunctualError)) throw error;
    return [asGraphQLError(error)];
  }
  const context = createContext(edge, credentials, requestId, edge.stopping);
  return prepare(edge.schema, request, context, edge.rules);
}

/** True for what `admit` lets pass. */
export function isAdmitted(admitted: ExecutionArgs | readonly GraphQLError[]): admitted is ExecutionArgs {
  return 'document' in admitted;
}

/** What a subscription is told. */
export type Results = Required<AsyncIterableIterator<ExecutionResult, void>>;

/**
 * A stream of results whose source's error is its last result, so that every transport tells it alike and ends in order.
 * One that ends because we stop says so: to be complete is something else, and a subscriber is to go on elsewhere.
 */
export function endingInOrder(
  results: AsyncGenerator<ExecutionResult, void, void>,
  stopping: AbortSignal,
): Results {
  let over = false;
  const last = (error: unknown): IteratorResult<ExecutionResult, void> => {
    over = true;
    return { done: false, value: { errors: [asGraphQLError(error)] } };
  };
  return {
    next: async () => {
      if (over) return { done: true, value: undefined };
      try {
        const result = await results.next();
        if (result.done === true && stopping.aborted) return last(stopped());
        return result;
      } catch (error) {
        return last(error);
      }
    },
    return: () => results.return(),
    throw: (error) => results.throw(error),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function stopped(): PunctualError {
  return new PunctualError(
    'UNAVAILABLE',
    'this server stops: connect again, and resume behind the last cursor',
  );
}

/** In graphql-js's clothes, for interfaces that want it so; the masker looks through them. */
export function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(cause.message, { originalError: cause });
}

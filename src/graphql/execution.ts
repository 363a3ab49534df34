import { performance } from 'node:perf_hooks';
import type { ApolloServerPlugin } from '@apollo/server';
import {
  createSourceEventStream,
  execute,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
} from 'graphql';
import { PunctualError } from '../core/index.js';
import type { Context } from '../schema/context.js';
import { Follower } from './crowds/follower.js';
import { type Edge, endingInOrder, type Results } from './edge.js';
import type { OperationMetrics, Transport } from './metrics/operation-metrics.js';

/*
 * Operations are carried out here, and counted: by Apollo over HTTP, by ourselves over WebSocket and SSE.
 */

/** Counts what Apollo carries out. */
export function countingPlugin(metrics: OperationMetrics): ApolloServerPlugin<Context> {
  return {
    requestDidStart: () => {
      const beganAt = performance.now();
      return Promise.resolve({
        willSendResponse: ({ operation, response: { body } }) => {
          const failed = body.kind === 'single' && (body.singleResult.errors?.length ?? 0) > 0;
          metrics.ended(operation, 'http', beganAt, failed);
          return Promise.resolve();
        },
      });
    },
  };
}

/** A query or a mutation. */
export async function answer(
  edge: Edge,
  args: ExecutionArgs,
  transport: Transport,
): Promise<ExecutionResult> {
  const beganAt = performance.now();
  const result = await execute(args);
  const operation = getOperationAST(args.document, args.operationName) ?? undefined;
  edge.metrics.operations.ended(operation, transport, beganAt, (result.errors?.length ?? 0) > 0);
  return result;
}

/** What a subscription is told, and what waits besides and can be told together with it. */
export interface Followed extends Results {
  waiting(): ExecutionResult[];
}

/** A subscription: its results, or why it cannot begin. */
export async function follow(
  edge: Edge,
  args: ExecutionArgs,
  transport: Transport,
): Promise<Followed | ExecutionResult> {
  const beganAt = performance.now();
  const operation = getOperationAST(args.document, args.operationName) ?? undefined;
  const { operations } = edge.metrics;
  const events = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in events)) {
    operations.ended(operation, transport, beganAt, true);
    return events;
  }
  const { caller } = args.contextValue as Context;
  const follower = new Follower(events[Symbol.asyncIterator](), args, edge.crowds.enter(args, caller));
  const meter = operations.subscribed(operation, transport);
  const source = endingInOrder(follower, edge.stopping);
  const counted = async (
    step: Promise<IteratorResult<ExecutionResult, void>>,
  ): Promise<IteratorResult<ExecutionResult, void>> => {
    const taken = await step;
    if (taken.done === true) meter.over();
    else {
      meter.told();
      if (isTooSlow(taken.value)) operations.cutOff('TOO_SLOW');
    }
    return taken;
  };
  const results: Followed = {
    waiting: () => {
      const waiting = follower.waiting();
      for (const _ of waiting) meter.told();
      return waiting;
    },
    next: () => counted(source.next()),
    return: () => {
      meter.over();
      return source.return();
    },
    throw: (error) => {
      meter.over();
      return source.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  return results;
}

function isTooSlow({ errors = [] }: ExecutionResult): boolean {
  return errors.some(
    ({ originalError: cause }) => cause instanceof PunctualError && cause.code === 'RATE_LIMITED',
  );
}

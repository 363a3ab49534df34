import { once } from 'node:events';
import type { RequestHandler, Response } from 'express';
import { type ExecutionResult, getOperationAST, OperationTypeNode } from 'graphql';
import { PunctualError } from '../core/index.js';
import { type Credentials, credentialsEnded } from './auth.js';
import { watch } from './credentials-watch.js';
import { admit, asGraphQLError, type Edge, isAdmitted, type Results } from './edge.js';
import { textOf } from './crowds/shared-text.js';
import { answer, follow } from './execution.js';
import type { OperationRequest } from './limits.js';
import { requestId } from './request-id.js';

/** A comment line this often keeps proxies from closing a quiet stream, in ms. */
const KEEP_ALIVE_MS = 12_000;

/**
 * GraphQL over server-sent events, distinct connections mode: one POST, one operation, `next` events and a
 * `complete`. Written here because graphql-sse queues without bound for a reader that does not read (SEC-3); this
 * takes the next event only when the last one is on its way, and the event stream's own bound does the rest.
 */
export function eventStream(
  edge: Edge,
  credentialsOf: (response: Response) => Credentials,
): RequestHandler<Record<string, string>, unknown, unknown> {
  return async (request, response) => {
    const credentials = credentialsOf(response);
    const operation = readOperation(request.body);
    const giveBack = edge.connections.take(credentials.caller.owner);
    onClosed(response, giveBack);
    const id = requestId();
    const admitted = await admit(edge, credentials, operation, id);
    if (!isAdmitted(admitted)) {
      response.status(400).json({ errors: edge.masker.maskAll(admitted) });
      return;
    }
    const kind = getOperationAST(admitted.document, admitted.operationName)?.operation;
    const result =
      kind === OperationTypeNode.SUBSCRIPTION
        ? await follow(edge, admitted, 'sse')
        : await answer(edge, admitted, 'sse');
    await write(response, 'next' in result ? result : [result], {
      mask: (errors) => edge.masker.maskAll(errors, { requestId: id }),
      watch: (ended) => watch(edge, credentials, ended),
    });
  };
}

async function write(
  response: Response,
  results: Results | readonly ExecutionResult[],
  parts: {
    readonly mask: (errors: readonly unknown[]) => unknown;
    readonly watch: (ended: () => void) => () => void;
  },
): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  const keepAlive = setInterval(() => response.write(':\n\n'), KEEP_ALIVE_MS);
  const gone = new AbortController();
  // Ends a subscription that waits for its next event; the loop below then ends too.
  const leave = (): void => {
    if ('return' in results) void results.return();
  };
  const ended = new AbortController();
  const unwatch = parts.watch(() => {
    ended.abort();
    leave();
  });
  onClosed(response, () => {
    clearInterval(keepAlive);
    unwatch();
    gone.abort();
    leave();
  });
  const send = async (result: ExecutionResult): Promise<void> => {
    const { errors, ...rest } = result;
    const payload =
      textOf(result) ?? JSON.stringify({ ...(errors ? { errors: parts.mask(errors) } : {}), ...rest });
    const flowing = response.write(`event: next\ndata: ${payload}\n\n`);
    if (!flowing) await once(response, 'drain', { signal: gone.signal });
  };
  try {
    for await (const result of results) await send(result);
    if (ended.signal.aborted) await send({ errors: [asGraphQLError(credentialsEnded())] });
    response.end('event: complete\ndata: \n\n');
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    clearInterval(keepAlive);
    unwatch();
  }
}

/** Runs once the connection is gone; at once if it is gone already. */
function onClosed(response: Response, then: () => void): void {
  if (response.closed) then();
  else response.once('close', then);
}

/** @throws MALFORMED_REQUEST */
function readOperation(body: unknown): OperationRequest {
  const { query, operationName, variables } = (
    typeof body === 'object' && body !== null ? body : {}
  ) as Record<string, unknown>;
  const isText = (value: unknown): value is string | null | undefined =>
    value == null || typeof value === 'string';
  const isRecord = (value: unknown): value is Record<string, unknown> | null | undefined =>
    value == null || (typeof value === 'object' && !Array.isArray(value));
  if (typeof query !== 'string' || !isText(operationName) || !isRecord(variables)) {
    throw new PunctualError(
      'MALFORMED_REQUEST',
      'the body must be JSON with a query, and maybe operationName and variables',
    );
  }
  return { query, operationName, variables };
}

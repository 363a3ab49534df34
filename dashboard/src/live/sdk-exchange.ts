import { type Client, PunctualClientError, TypedDocumentString } from '#sdk';
import {
  type Exchange,
  makeErrorResult,
  makeResult,
  type Operation,
  type OperationResult,
  stringifyDocument,
} from '@urql/core';
import { filter, make, mergeMap, pipe, share, type Source, takeUntil } from 'wonka';

/** How long a subscription that the server ended with an error rests before it is made anew, in ms. */
const REST_MS = 5_000;

/**
 * Lets urql ask through the SDK, over HTTP for queries and mutations and over the SDK's one socket for
 * subscriptions: what the SDK knows of errors, repetition and going on behind a cursor holds for the page too.
 */
export function sdkExchange(client: Client): Exchange {
  return () => (operations) => {
    const all = share(operations);
    const torndown = (key: number): Source<Operation> =>
      pipe(
        all,
        filter((operation) => operation.kind === 'teardown' && operation.key === key),
      );
    return pipe(
      all,
      filter((operation) => operation.kind !== 'teardown'),
      mergeMap((operation) =>
        pipe(
          operation.kind === 'subscription' ? events(client, operation) : answer(client, operation),
          takeUntil(torndown(operation.key)),
        ),
      ),
    );
  };
}

function answer(client: Client, operation: Operation): Source<OperationResult> {
  return make((observer) => {
    const abort = new AbortController();
    void ask(client, operation, abort.signal).then((result) => {
      if (abort.signal.aborted) return;
      observer.next(result);
      observer.complete();
    });
    return () => abort.abort();
  });
}

async function ask(client: Client, operation: Operation, signal: AbortSignal): Promise<OperationResult> {
  try {
    const data = await client.request(documentOf(operation), variablesOf(operation), { signal });
    return makeResult(operation, { data });
  } catch (error) {
    return makeErrorResult(operation, asError(error));
  }
}

/** A page on a wall must heal by itself: a subscription that ended with an error is told of, and made anew. */
function events(client: Client, operation: Operation): Source<OperationResult> {
  return make((observer) => {
    const abort = new AbortController();
    const isOver = (): boolean => abort.signal.aborted;
    const follow = async (): Promise<void> => {
      while (!isOver()) {
        try {
          const stream = client.subscribe(documentOf(operation), variablesOf(operation), {
            signal: abort.signal,
            // Everything here begins with a snapshot anyway: a page that slept wants the present, not what it missed.
            onCursorExpired: 'snapshot',
          });
          for await (const data of stream) observer.next(makeResult(operation, { data, hasNext: true }));
          return;
        } catch (error) {
          if (isOver()) return;
          observer.next({ ...makeErrorResult(operation, asError(error)), hasNext: true });
          if (isFinal(error)) return;
          await rest(abort.signal);
        }
      }
    };
    void follow().then(() => observer.complete());
    return () => abort.abort();
  });
}

/** urql knows an operation's types where it is asked for; on the way here they are any object. */
type Anything = Record<string, unknown>;

function documentOf({ query }: Operation): TypedDocumentString<Anything, Anything> {
  return new TypedDocumentString(stringifyDocument(query));
}

function variablesOf({ variables }: Operation): Anything {
  return { ...variables };
}

/** What asking again cannot change. */
function isFinal(error: unknown): boolean {
  return (
    error instanceof PunctualClientError && (error.code === 'FORBIDDEN' || error.code === 'UNAUTHENTICATED')
  );
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function rest(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, REST_MS);
    signal.addEventListener('abort', end);
  });
}

import type { Client } from 'graphql-ws';
import { fromServer, PunctualClientError, type ServerError } from './errors.js';

/** Pauses before reconnecting, in ms; the last one is kept. */
const PAUSES_MS = [100, 500, 1_000, 2_000, 5_000] as const;
/** Close codes from here to 4499 say that trying again is no use. */
const FATAL = 4_400;

/** What is asked for. */
export interface SubscriptionRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * The events of a subscription. A connection that breaks is made anew, and the subscription goes on behind the
 * last event's cursor: in order, without a hole and without a repeat (API-7).
 * @throws PunctualClientError from the iterator
 */
export async function* events(
  client: Client,
  request: SubscriptionRequest,
  signal: AbortSignal,
): AsyncGenerator<unknown, void> {
  const resumable = /\$after\b/.test(request.query);
  let { variables } = request;
  for (let failures = 0; !signal.aborted; failures += 1) {
    const results = client.iterate({
      query: request.query,
      variables: { ...variables },
    });
    const leave = (): void => void results.return?.();
    signal.addEventListener('abort', leave, { once: true });
    try {
      for await (const { data, errors } of results) {
        if (errors && errors.length > 0) throw fromServer(errors);
        failures = 0;
        yield data;
        const cursor = cursorOf(data);
        if (resumable && cursor !== undefined) variables = { ...variables, after: cursor };
      }
      return;
    } catch (error) {
      throwIfFinal(error);
      await pause(PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)] ?? 0, signal);
    } finally {
      signal.removeEventListener('abort', leave);
      leave();
    }
  }
}

/** The cursor of the one event in an answer. */
function cursorOf(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const [event] = Object.values(data) as unknown[];
  const cursor = typeof event === 'object' && event !== null && 'cursor' in event ? event.cursor : undefined;
  return typeof cursor === 'string' ? cursor : undefined;
}

/** Lets pass what reconnecting can cure: a connection that could not be made, or broke. */
function throwIfFinal(error: unknown): void {
  if (error instanceof PunctualClientError) throw error;
  if (Array.isArray(error)) throw fromServer(error as ServerError[]);
  const { code, reason } = (typeof error === 'object' && error !== null ? error : {}) as {
    code?: unknown;
    reason?: unknown;
  };
  if (typeof code !== 'number' || code < FATAL || code >= FATAL + 100) return;
  const known = reason === 'UNAUTHENTICATED' || reason === 'RATE_LIMITED' ? reason : 'BAD_RESPONSE';
  throw new PunctualClientError(known, `the server closed the connection: ${String(reason)}`, {
    cause: error,
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

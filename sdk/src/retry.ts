import { pause } from './abort.js';
import { PunctualClientError } from './errors.js';

/** How often and how fast a request is tried again. */
export interface RetryOptions {
  /** Tries in all, the first one included; 4 when omitted. */
  readonly attempts?: number | undefined;
  /** The pause after the first failure, in ms, doubled with each further one; 200 when omitted. */
  readonly minMs?: number | undefined;
  /** The longest pause, in ms; 15,000 when omitted. A longer `retryAfter` of the server is not waited for. */
  readonly maxMs?: number | undefined;
}

/** False: try once. */
export type Retry = RetryOptions | false;

const ATTEMPTS = 4;
const MIN_MS = 200;
const MAX_MS = 15_000;

/** The pauses that grow. */
export interface Backoff {
  readonly minMs: number;
  readonly maxMs: number;
}

/** What a request may rely on. */
export interface Attempts {
  /** Whether doing it twice is no worse than doing it once: see `isRepeatable`. */
  readonly repeatable: boolean;
  readonly retry: Retry | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs an attempt until it succeeds, fails for good, or the tries are used up. The error of the last one is thrown.
 * Once the caller has aborted, nothing is tried again: the signal's reason is thrown.
 */
export async function withRetry<T>(
  attempt: () => Promise<T>,
  { repeatable, retry, signal }: Attempts,
): Promise<T> {
  const {
    attempts = ATTEMPTS,
    minMs = MIN_MS,
    maxMs = MAX_MS,
  } = retry === false ? { attempts: 1 } : (retry ?? {});
  for (let failures = 1; ; failures += 1) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (failures >= attempts || !mayHelp(error, repeatable)) throw error;
      const wait = waitMs(error, failures, { minMs, maxMs });
      if (wait === null) throw error;
      await pause(wait, signal);
    }
  }
}

/** Whether time heals it: nothing is wrong with the request itself. */
export function isTransient(error: unknown): error is PunctualClientError {
  return error instanceof PunctualClientError && (wasNotBegun(error) || mayHaveBeenDone(error));
}

function mayHelp(error: unknown, repeatable: boolean): error is PunctualClientError {
  if (!(error instanceof PunctualClientError)) return false;
  return wasNotBegun(error) || (repeatable && mayHaveBeenDone(error));
}

/** The request was refused at the door, or never sent: a second one is the first one. */
function wasNotBegun({ code }: PunctualClientError): boolean {
  return code === 'RATE_LIMITED' || code === 'NO_CREDENTIALS';
}

/** The answer is missing, which says nothing about the work: it may be done, under way, or never begun. */
function mayHaveBeenDone({ code }: PunctualClientError): boolean {
  return code === 'NETWORK_ERROR' || code === 'UNAVAILABLE';
}

/**
 * How long to wait after so many failures in a row, in ms: exponential, with jitter so that clients that failed
 * together do not come back together, and never before the server's `retryAfter`.
 * @returns null when the server asks for more patience than `maxMs`
 */
export function waitMs(
  { retryAfter }: Pick<PunctualClientError, 'retryAfter'>,
  failures: number,
  { minMs, maxMs }: Backoff,
  random = Math.random(),
): number | null {
  const askedMs = (retryAfter ?? 0) * 1_000;
  if (askedMs > maxMs) return null;
  const longest = Math.min(maxMs, minMs * 2 ** (failures - 1));
  return askedMs + (longest * (1 + random)) / 2;
}

import type { ErrorClass } from '../../core/channel/channel.js';
import { type Refusal, refusal } from './refusal.js';

/** A longer Retry-After is taken as this: a provider's slip must not park a delivery for weeks. */
const LONGEST_RETRY_AFTER_MS = 86_400_000;

/** An attempt's time was up. Its code is the system's own, so that attempts read alike whoever noticed first. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
  readonly code = 'ETIMEDOUT';
}

/** The address is one that this channel does not connect to (SEC-5). */
export class AddressNotPublicError extends Error {
  override readonly name = 'AddressNotPublicError';
  readonly code = 'ADDRESS_NOT_PUBLIC';
}

/** Why no connection came about, by the system's code. The errors' own messages name hosts, which may be recipients'. */
const BEFORE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'the host name could not be resolved',
  EAI_AGAIN: 'the host name could not be resolved',
  UND_ERR_CONNECT_TIMEOUT: 'no connection came about in time',
  ETIMEDOUT: 'the time was up before the request could be sent',
  ADDRESS_NOT_PUBLIC: 'the host is not on the public internet',
  UND_ERR_INVALID_ARG: 'the request cannot be written as HTTP',
};

/** Codes of failures that the next attempt would meet again. */
const LASTING: ReadonlySet<string> = new Set(['ADDRESS_NOT_PUBLIC', 'UND_ERR_INVALID_ARG']);

/**
 * Classifies a request that got no answer (CORE-24). What counts is whether the provider can have read all of it:
 *
 * - `written` false: not a byte of it was given to a socket. Surely not accepted, so it is RETRYABLE.
 * - the `write` system call failed: the kernel did not take all of it, and a request that is shorter than its own
 *   `Content-Length` is not processed. RETRYABLE as well. (`bytesWritten` of the socket would not show this: it
 *   counts what Node has buffered.)
 * - anything else after it was written, a time-out included, is UNKNOWN. A reset on a kept-alive connection is too,
 *   though mostly the provider had closed it before: the other cases look the same from here.
 */
export function classifyFailure(error: unknown, written: boolean): Refusal {
  const code = property(error, 'code') ?? 'ERROR';
  if (written && property(error, 'syscall') !== 'write') {
    const message =
      code === 'ETIMEDOUT'
        ? 'no answer came in time; the provider may have accepted the request'
        : 'the connection broke before the answer; the provider may have accepted the request';
    return refusal('UNKNOWN', code, message);
  }
  const message = BEFORE[code] ?? 'the connection broke before the request was sent';
  return refusal(LASTING.has(code) ? 'PERMANENT' : 'RETRYABLE', code, message);
}

/** What a status that is not 2xx means, where the provider's own code does not say it better (CORE-24). */
export function classifyStatus(status: number): ErrorClass {
  if (status === 429) return 'THROTTLED';
  if (status === 401) return 'UNAUTHORISED';
  // 408: the server had not read all of the request. 425: it did not want to risk a replay.
  if (status >= 500 || status === 408 || status === 425) return 'RETRYABLE';
  return 'PERMANENT';
}

/**
 * Reads a Retry-After, in ms from now: whole seconds, or an HTTP date. At most a day; undefined when it is absent or
 * neither of the two.
 *
 * @param date the answer's own Date header: a date is then taken by the server's clock, not by ours
 * @param nowMs real time, for answers without one
 */
export function parseRetryAfter(
  value: string | undefined,
  date: string | undefined,
  nowMs: number,
): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,15}$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_RETRY_AFTER_MS);
  const until = httpDate(text);
  if (until === undefined) return undefined;
  const from = (date === undefined ? undefined : httpDate(date)) ?? nowMs;
  return Math.min(Math.max(until - from, 0), LONGEST_RETRY_AFTER_MS);
}

/** RFC 9110's one form that is still written; `Date.parse` alone would take nearly anything. */
function httpDate(text: string): number | undefined {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

function property(error: unknown, name: 'code' | 'syscall'): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
}

import type { Channel, SendResult } from '../channel/channel.js';
import type { DeliveryDoc, Route } from '../delivery/delivery.entity.js';
import { retryDelayMs } from '../delivery/retry-policy.js';

/** An attempt's error, as it is kept. */
export interface AttemptError {
  readonly code: string;
  readonly message: string;
}

/** What is to be done with a delivery after an attempt: the move, and what it needs. */
export type Verdict =
  | { readonly move: 'send' }
  /** `readyAt`: engine ms. */
  | { readonly move: 'retry'; readonly readyAt: number; readonly error: AttemptError }
  | { readonly move: 'fail'; readonly error: AttemptError }
  | {
      readonly move: 'deadLetter';
      readonly error: AttemptError;
      readonly reason: 'TRIES_USED_UP' | 'OUTCOME_UNKNOWN';
    }
  | { readonly move: 'reroute'; readonly route: Route; readonly error: AttemptError }
  /** Nothing was sent, or our own credentials were refused: the try is taken back and the delivery waits. */
  | { readonly move: 'release'; readonly reason: string; readonly readyAt?: number };

/** The error code of an attempt that no one knows the end of. */
export const OUTCOME_UNKNOWN = 'OUTCOME_UNKNOWN';

/** What an outcome is judged by. */
export interface Circumstances {
  readonly delivery: Pick<DeliveryDoc, 'attempts' | 'maxAttempts' | 'retry' | 'fallback'>;
  readonly channel: Pick<Channel, 'idempotent' | 'onUnknownOutcome'>;
  /** Engine time, ms. */
  readonly now: number;
  /** In [0, 1), for the jitter. */
  readonly random: number;
}

/** Turns a provider's answer into a move (CORE-24, CORE-25, CORE-27, CORE-29). */
export function judge(result: SendResult, circumstances: Circumstances): Verdict {
  if (result.outcome === 'ACCEPTED') return { move: 'send' };
  const error = { code: result.code, message: result.message };
  switch (result.errorClass) {
    case 'UNAUTHORISED':
      return { move: 'release', reason: 'CREDENTIALS_REFUSED' };
    case 'PERMANENT':
      return elsewhere(circumstances, error) ?? { move: 'fail', error };
    case 'UNKNOWN':
      return judgeUnknown(circumstances, error);
    case 'RETRYABLE':
    case 'THROTTLED':
      return tryAgain(circumstances, error, result.retryAfterMs);
  }
}

/** An attempt that may or may not have reached the person. */
export function judgeUnknown(circumstances: Circumstances, cause: AttemptError): Verdict {
  const error = { code: OUTCOME_UNKNOWN, message: `${cause.message} (${cause.code})` };
  if (!circumstances.channel.idempotent && circumstances.channel.onUnknownOutcome === 'HOLD') {
    return { move: 'deadLetter', error, reason: 'OUTCOME_UNKNOWN' };
  }
  return tryAgain(circumstances, error);
}

function tryAgain(
  { delivery, now, random, ...rest }: Circumstances,
  error: AttemptError,
  retryAfterMs?: number,
): Verdict {
  if (delivery.attempts < delivery.maxAttempts) {
    const delay = retryDelayMs(delivery.retry, delivery.attempts, random, retryAfterMs);
    return { move: 'retry', readyAt: now + delay, error };
  }
  return (
    elsewhere({ delivery, now, random, ...rest }, error) ?? {
      move: 'deadLetter',
      error,
      reason: 'TRIES_USED_UP',
    }
  );
}

function elsewhere({ delivery }: Circumstances, error: AttemptError): Verdict | null {
  const [route] = delivery.fallback;
  return route ? { move: 'reroute', route, error } : null;
}

import type { AttemptDoc } from '../delivery/attempt.entity.js';
import { attemptId } from '../delivery/attempt.entity.js';
import { type Delays, explainLateness, withWake, worthKeeping } from '../delivery/delay.js';
import type { ErrorClass, SendResult } from '../channel/channel.js';
import type { DeliveryDoc } from '../delivery/delivery.entity.js';
import type { Verdict } from './verdict.js';

/** An attempt that has ended, with what is to be done about it. */
export interface EndedAttempt {
  /** As it was claimed: state SENDING, with the fence and the number of tries of this claim. */
  readonly delivery: DeliveryDoc;
  readonly provider: string;
  readonly result: SendResult;
  readonly verdict: Verdict;
  /** Engine time, ms; null when it is not known whether it started. */
  readonly startedAt: number | null;
  readonly endedAt: number;
  /** Real ms that the provider took; null when it is not known. */
  readonly providerMs: number | null;
  /** What held it up between `readyAt` and its start, in ms by cause. */
  readonly waited: Delays;
}

/** The attempt's document; null when nothing was sent: the try is taken back. */
export function attemptDocument(ended: EndedAttempt, worker: string): AttemptDoc | null {
  const { delivery, result } = ended;
  if (isUnsent(ended)) return null;
  const refused = result.outcome === 'REFUSED' ? result : null;
  return {
    _id: attemptId(delivery._id, delivery.attempts),
    delivery: delivery._id,
    number: delivery.attempts,
    fence: delivery.fence,
    channel: delivery.channel,
    provider: ended.provider,
    worker,
    outcome: refused === null ? 'ACCEPTED' : refused.errorClass === 'UNKNOWN' ? 'UNKNOWN' : 'REFUSED',
    startedAt: ended.startedAt === null ? null : new Date(Math.floor(ended.startedAt)),
    endedAt: new Date(Math.floor(ended.endedAt)),
    latenessMs: refused === null ? latenessOf(ended) : null,
    waited: waitedOf(ended),
    messageId: result.outcome === 'ACCEPTED' ? result.messageId : null,
    errorClass: refused?.errorClass ?? null,
    errorCode: refused?.code ?? null,
    errorMessage: refused?.message ?? null,
  };
}

/** True when its request never left. */
export function isUnsent({ result }: EndedAttempt): boolean {
  return result.outcome === 'REFUSED' && result.code === NOT_SENT;
}

/** Acceptance minus due instant, in ms. */
export function latenessOf(ended: EndedAttempt): number {
  return ended.endedAt - ended.delivery.dueAt.getTime();
}

/** Where the lateness of an accepted one went, in ms by cause; null where there is none. */
export function lostBy(ended: EndedAttempt): Delays | null {
  const { delivery, startedAt, endedAt, waited } = ended;
  if (startedAt === null) return null;
  const lost = explainLateness({
    dueAt: delivery.dueAt.getTime(),
    readyAt: delivery.readyAt.getTime(),
    startedAt,
    acceptedAt: endedAt,
    waited,
    isFirstTry: delivery.attempts === 1,
  });
  return worthKeeping(lost);
}

function waitedOf({ delivery, startedAt, waited }: EndedAttempt): Delays | null {
  if (startedAt === null) return null;
  const readyAt = Math.max(delivery.dueAt.getTime(), delivery.readyAt.getTime());
  return worthKeeping(withWake(waited, startedAt - readyAt));
}

/** The code of a result that stands for "was never sent": a paused queue, an open breaker, a drain. */
const NOT_SENT = 'NOT_SENT';

/** The result of a claim that is given back unsent. */
export function notSent(message: string): SendResult & { readonly errorClass: ErrorClass } {
  return { outcome: 'REFUSED', errorClass: 'RETRYABLE', code: NOT_SENT, message };
}

import type { SendResult } from '../../src/core/channel/channel.js';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import { type EndedAttempt, notSent } from '../../src/core/outcome/ended-attempt.js';
import { OUTCOME_UNKNOWN, type Verdict } from '../../src/core/outcome/verdict.js';

const ERROR = { code: '503', message: 'the provider is busy' };

/** A verdict of each move, with the result that would lead to it. */
const ENDS = {
  send: (d: DeliveryDoc) => [
    { outcome: 'ACCEPTED', messageId: `m-${d._id.toHexString()}` },
    { move: 'send' },
  ],
  retry: (d: DeliveryDoc) => [
    refused('RETRYABLE'),
    { move: 'retry', readyAt: d.readyAt.getTime() + 3_600_000, error: ERROR },
  ],
  fail: () => [refused('PERMANENT'), { move: 'fail', error: ERROR }],
  deadLetter: () => [refused('RETRYABLE'), { move: 'deadLetter', error: ERROR, reason: 'TRIES_USED_UP' }],
  unknown: () => [
    refused('UNKNOWN'),
    {
      move: 'deadLetter',
      error: { code: OUTCOME_UNKNOWN, message: 'silence' },
      reason: 'OUTCOME_UNKNOWN',
    },
  ],
  retryUnknown: (d: DeliveryDoc) => [
    refused('UNKNOWN'),
    {
      move: 'retry',
      readyAt: d.readyAt.getTime() + 3_600_000,
      error: { code: OUTCOME_UNKNOWN, message: 'silence' },
    },
  ],
  reroute: (d: DeliveryDoc) => {
    const [route] = d.fallback;
    if (!route) throw new Error('no fallback to take');
    return [refused('PERMANENT'), { move: 'reroute', route, error: ERROR }];
  },
  release: () => [notSent('QUEUE_PAUSED'), { move: 'release', reason: 'QUEUE_PAUSED' }],
  releaseUntil: (d: DeliveryDoc) => [
    notSent('RECIPIENT_LIMIT'),
    { move: 'release', reason: 'RECIPIENT_LIMIT', readyAt: d.readyAt.getTime() + 3_600_000 },
  ],
  unauthorised: () => [refused('UNAUTHORISED'), { move: 'release', reason: 'CREDENTIALS_REFUSED' }],
} as const satisfies Record<string, (delivery: DeliveryDoc) => readonly [SendResult, Verdict]>;

/** How an attempt can end. */
export type End = keyof typeof ENDS;
export const ALL_ENDS = Object.keys(ENDS) as End[];

function refused(errorClass: 'RETRYABLE' | 'PERMANENT' | 'UNKNOWN' | 'UNAUTHORISED'): SendResult {
  return { outcome: 'REFUSED', errorClass, ...ERROR };
}

/** The end of a claimed delivery's attempt, accepted `latenessMs` after its due instant. */
export function ended(delivery: DeliveryDoc, end: End = 'send', latenessMs = 1_000): EndedAttempt {
  const [result, verdict]: readonly [SendResult, Verdict] = ENDS[end](delivery);
  const endedAt = delivery.dueAt.getTime() + latenessMs;
  return {
    delivery,
    provider: 'test',
    result,
    verdict,
    startedAt: endedAt - 20,
    endedAt,
    providerMs: 20,
    waited: {},
  };
}

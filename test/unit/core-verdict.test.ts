import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ErrorClass, SendResult } from '../../src/core/channel/channel.js';
import type { Route } from '../../src/core/delivery/delivery.entity.js';
import { RETRY_POLICIES, retryDelayMs } from '../../src/core/delivery/retry-policy.js';
import { type Circumstances, judge, OUTCOME_UNKNOWN, type Verdict } from '../../src/core/outcome/verdict.js';

const NOW = 1_800_000_000_000;
const ERROR = { code: 'X1', message: 'it went wrong' };
const retry = RETRY_POLICIES.content;
const route: Route = { channel: 'SMS', to: '+12025550101', content: { kind: 'TEXT', text: 'hello' } };
const other: Route = { ...route, channel: 'EMAIL' };

function circumstances(
  triesLeft: number,
  fallback: readonly Route[],
  channel: Circumstances['channel'] = { idempotent: false, onUnknownOutcome: 'RETRY' },
): Circumstances {
  const attempts = retry.attempts - triesLeft;
  return {
    delivery: { attempts, maxAttempts: retry.attempts, retry, fallback },
    channel,
    now: NOW,
    random: 0.5,
  };
}

function refused(errorClass: ErrorClass, retryAfterMs?: number): SendResult {
  return {
    outcome: 'REFUSED',
    errorClass,
    ...ERROR,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

const unknown = { code: OUTCOME_UNKNOWN, message: 'it went wrong (X1)' };
const after = (attempts: number): number => NOW + retryDelayMs(retry, attempts, 0.5);
const retried = (error: typeof ERROR): Verdict => ({ move: 'retry', readyAt: after(1), error });
const rerouted = (error: typeof ERROR): Verdict => ({ move: 'reroute', route, error });
const usedUp = (error: typeof ERROR): Verdict => ({ move: 'deadLetter', error, reason: 'TRIES_USED_UP' });
const failed: Verdict = { move: 'fail', error: ERROR };
const held: Verdict = { move: 'deadLetter', error: unknown, reason: 'OUTCOME_UNKNOWN' };
const released: Verdict = { move: 'release', reason: 'CREDENTIALS_REFUSED' };

/** What each class leads to: with tries left; with none and a fallback; with none and no fallback. */
const TABLE: readonly (readonly [ErrorClass, Verdict, Verdict, Verdict])[] = [
  ['RETRYABLE', retried(ERROR), rerouted(ERROR), usedUp(ERROR)],
  ['THROTTLED', retried(ERROR), rerouted(ERROR), usedUp(ERROR)],
  ['UNKNOWN', retried(unknown), rerouted(unknown), usedUp(unknown)],
  ['UNAUTHORISED', released, released, released],
];

describe('CORE-24 CORE-25 judge', () => {
  it('an accepted message is sent, whatever else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), fc.boolean(), (left, way) => {
        const result = judge(
          { outcome: 'ACCEPTED', messageId: null },
          circumstances(left, way ? [route] : []),
        );
        expect(result).toEqual({ move: 'send' });
      }),
    );
  });

  it.each(TABLE)(
    'CORE-24 CORE-26 %s: a retry, then the fallback, then the dead letters',
    (kind, left, way, end) => {
      expect(judge(refused(kind), circumstances(3, []))).toEqual(left);
      // A fallback is for when there is no try left.
      expect(judge(refused(kind), circumstances(3, [route, other]))).toEqual(left);
      expect(judge(refused(kind), circumstances(0, [route, other]))).toEqual(way);
      expect(judge(refused(kind), circumstances(0, []))).toEqual(end);
    },
  );

  it.each([0, 1, 3])('CORE-24 PERMANENT is never retried, with %i tries left', (left) => {
    expect(judge(refused('PERMANENT'), circumstances(left, []))).toEqual(failed);
    expect(judge(refused('PERMANENT'), circumstances(left, [route, other]))).toEqual(rerouted(ERROR));
  });

  it.each([
    { idempotent: false, onUnknownOutcome: 'HOLD', holds: true },
    { idempotent: false, onUnknownOutcome: 'RETRY', holds: false },
    { idempotent: true, onUnknownOutcome: 'HOLD', holds: false },
    { idempotent: true, onUnknownOutcome: 'RETRY', holds: false },
  ] as const)('CORE-29 UNKNOWN with $onUnknownOutcome, idempotent $idempotent', ({ holds, ...channel }) => {
    expect(judge(refused('UNKNOWN'), circumstances(3, [], channel))).toEqual(holds ? held : retried(unknown));
    expect(judge(refused('UNKNOWN'), circumstances(0, [route], channel))).toEqual(
      holds ? held : rerouted(unknown),
    );
    expect(judge(refused('UNKNOWN'), circumstances(0, [], channel))).toEqual(holds ? held : usedUp(unknown));
  });

  it('CORE-24 obeys Retry-After where it is longer than the policy', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<ErrorClass>('RETRYABLE', 'THROTTLED'),
        fc.integer({ min: 0, max: 86_400_000 }),
        (kind, ms) => {
          const verdict = judge(refused(kind, ms), circumstances(3, []));
          expect(verdict).toEqual({ move: 'retry', readyAt: Math.max(NOW + ms, after(1)), error: ERROR });
        },
      ),
    );
  });

  it('INV-5 never tries again once the tries are used up', () => {
    const channel = fc.record({
      idempotent: fc.boolean(),
      onUnknownOutcome: fc.constantFrom('RETRY' as const, 'HOLD' as const),
    });
    const kinds = fc.constantFrom<ErrorClass>('RETRYABLE', 'THROTTLED', 'PERMANENT', 'UNKNOWN');
    fc.assert(
      fc.property(kinds, channel, fc.boolean(), (kind, own, way) => {
        expect(judge(refused(kind), circumstances(0, way ? [route] : [], own)).move).not.toBe('retry');
      }),
    );
  });
});

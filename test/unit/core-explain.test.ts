import { describe, expect, it } from '@jest/globals';
import type { AttemptDoc } from '../../src/core/delivery/attempt.entity.js';
import { attemptId } from '../../src/core/delivery/attempt.entity.js';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import { explain } from '../../src/core/outcome/explain.js';
import { deliveryDoc } from '../support/delivery-doc.js';

const DUE = Date.UTC(2026, 0, 5, 0, 30);
const at = (ms: number): Date => new Date(DUE + ms);

function attempt(delivery: DeliveryDoc, number: number, own: Partial<AttemptDoc>): AttemptDoc {
  return {
    _id: attemptId(delivery._id, number),
    delivery: delivery._id,
    number,
    fence: number,
    channel: delivery.channel,
    provider: 'whatsapp-cloud',
    worker: 'w',
    outcome: 'ACCEPTED',
    startedAt: at(0),
    endedAt: at(0),
    latenessMs: null,
    waited: null,
    messageId: null,
    errorClass: null,
    errorCode: null,
    errorMessage: null,
    ...own,
  };
}

describe('explaining a delivery', () => {
  it('CORE-41 tells each rule in the order of time, and where every millisecond of the lateness went', () => {
    const delivery = deliveryDoc({
      state: 'SENT',
      dueAt: at(0),
      deadlineAt: at(300_000),
      createdAt: at(-60_000),
      history: [
        { state: 'SCHEDULED', at: at(-60_000) },
        { state: 'QUEUED', at: at(10), reason: 'BREAKER_OPEN' },
        { state: 'RETRYING', at: at(150), reason: '503' },
        { state: 'SENT', at: at(5_300) },
      ],
    });
    const refused = attempt(delivery, 1, {
      outcome: 'REFUSED',
      startedAt: at(100),
      endedAt: at(150),
      waited: { BREAKER: 90, WAKE: 10 },
      errorCode: '503',
      errorMessage: 'the provider is busy',
    });
    const accepted = attempt(delivery, 2, {
      startedAt: at(5_200),
      endedAt: at(5_300),
      waited: { TOKEN: 50 },
    });
    const { steps, lost } = explain(delivery, [refused, accepted]);
    expect(steps.map(({ text }) => text)).toEqual([
      'Due at 2026-01-05T00:30:00.000Z, and promised to be accepted by 2026-01-05T00:35:00.000Z: 5.0 minutes later at most.',
      'SCHEDULED.',
      "QUEUED: given back or sent on, because the channel's breaker is open.",
      "Waited 90 ms while the channel's breaker was open.",
      'Waited 10 ms until a worker had it in hand.',
      'RETRYING: the provider said 503.',
      'Attempt 1, through whatsapp-cloud: refused after 50 ms with 503: the provider is busy.',
      "Waited 50 ms for a send token: the channel's limit a second was reached.",
      'SENT.',
      'Attempt 2, through whatsapp-cloud: accepted after 100 ms.',
    ]);
    expect(lost).toEqual({ RETRY: 5_150, TOKEN: 50, PROVIDER: 100 });
    expect(Object.values(lost ?? {}).reduce((sum, ms) => sum + ms, 0)).toBe(5_300);
  });

  it('CORE-41 only what a provider said is put into its mouth', () => {
    const reasons = ['QUEUE_CLEANED', 'RUN_CANCELLED', 'CLAIM_IN_DOUBT', 'NO_ANSWER', 'ETIMEDOUT', '131026'];
    const history = reasons.map((reason) => ({ state: 'CANCELLED' as const, at: at(0), reason }));
    const told = explain(deliveryDoc({ history }), []).steps.filter(({ text }) =>
      text.includes('the provider said'),
    );
    expect(told.map(({ text }) => text)).toEqual(['CANCELLED: the provider said 131026.']);
  });

  it('CORE-41 before it is accepted there is nothing to part', () => {
    expect(explain(deliveryDoc({ history: [] }), []).lost).toBeNull();
  });
});

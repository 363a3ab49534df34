import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MOVES, type DeliveryState } from '../../src/core/delivery/states.js';
import type { Change } from '../../src/core/stats/changes.js';
import { type Judgement, judgementsOf } from '../../src/core/stats/judgement.js';
import { deliveryDoc } from '../support/delivery-doc.js';

const DUE = 1_000;
const DEADLINE = 2_000;

function change(from: DeliveryState | null, to: DeliveryState, more: Partial<Change> = {}): Change {
  return {
    delivery: deliveryDoc({ dueAt: new Date(DUE), deadlineAt: new Date(DEADLINE) }),
    from,
    to,
    ...more,
  };
}

const judged = (change: Change, now: number): string[] =>
  judgementsOf(change, now).map(({ at, field }) => `${field}@${at}`);

describe('what a change means for the SLA', () => {
  it('CORE-41 a promise is counted at its deadline; one that is made after it, from then on', () => {
    expect(judged(change(null, 'SCHEDULED'), 0)).toEqual(['promised@2000']);
    expect(judged(change(null, 'QUEUED'), 5_000)).toEqual(['promised@5000']);
  });

  it('CORE-40 what is accepted by its deadline is good when it is accepted, and settled at its deadline', () => {
    expect(judged(change('SENDING', 'SENT', { latenessMs: 300 }), 1_310)).toEqual([
      'good@1300',
      'settled@2000',
    ]);
    expect(judged(change('SENDING', 'SENT', { latenessMs: 1_000 }), 2_005)).toEqual([
      'good@2000',
      'settled@2000',
    ]);
  });

  it('CORE-41 what is late was bad at its deadline already, and is not judged again', () => {
    expect(judged(change('SENDING', 'SENT', { latenessMs: 1_001 }), 2_005)).toEqual([]);
    expect(judged(change('SENDING', 'DEAD_LETTERED'), 3_000)).toEqual([]);
    expect(judged(change('QUEUED', 'CANCELLED'), 3_000)).toEqual([]);
  });

  it('CORE-41 what fails is bad when it fails; what is cancelled in time is not counted', () => {
    for (const to of ['FAILED', 'DEAD_LETTERED'] as const)
      expect(judged(change('SENDING', to), 1_500)).toEqual(['failed@1500', 'settled@2000']);
    expect(judged(change('QUEUED', 'MISSED'), 1_500)).toEqual(['failed@1500', 'settled@2000']);
    expect(judged(change('QUEUED', 'CANCELLED'), 1_500)).toEqual(['settled@2000']);
  });

  it('CORE-41 rescheduling takes one promise back and makes another; a deadline that has passed stays missed', () => {
    const moved = { rescheduledFrom: new Date(1_200) };
    expect(judged(change('QUEUED', 'SCHEDULED', moved), 1_000)).toEqual(['settled@1200', 'promised@2000']);
    expect(judged(change('QUEUED', 'SCHEDULED', moved), 1_300)).toEqual(['promised@2000']);
  });

  it('CORE-41 what is tried again by hand before its deadline is promised anew', () => {
    expect(judged(change('DEAD_LETTERED', 'QUEUED'), 1_500)).toEqual(['promised@2000']);
    expect(judged(change('FAILED', 'QUEUED'), 2_500)).toEqual([]);
  });

  it('CORE-41 a promise goes with what is rerouted, until its deadline', () => {
    const rerouted = change('SENDING', 'QUEUED', { toChannel: 'SMS' });
    expect(judgementsOf(rerouted, 1_500)).toEqual([
      { at: DEADLINE, field: 'settled', channel: 'WHATSAPP' },
      { at: DEADLINE, field: 'promised', channel: 'SMS' },
    ]);
    expect(judged(rerouted, 2_001)).toEqual([]);
  });

  it('CORE-46 reports that come later change nothing', () => {
    expect(judged(change('SENT', 'READ'), 1_500)).toEqual([]);
    expect(judged(change('FAILED', 'DELIVERED'), 1_500)).toEqual([]);
  });

  it('CORE-1 CORE-41 whatever happens to a delivery, it is judged once, and what is overdue is what is open past its deadline', () => {
    fc.assert(
      fc.property(life, (steps) => {
        const counts: Judgement[] = [];
        let state: DeliveryState | null = null;
        let deadline = DEADLINE;
        let reopened = 0;
        let now = 0;
        for (const { move, pick, after } of steps) {
          now += after;
          const spec: { from: readonly DeliveryState[]; to: readonly DeliveryState[] } = MOVES[move];
          if (state === null ? move !== 'accept' : !spec.from.includes(state)) continue;
          const to: DeliveryState | undefined = spec.to[pick % spec.to.length];
          if (!to || (move === 'receive' && state !== 'SENT')) continue;
          const before = deadline;
          if (move === 'reschedule') deadline = now + 700;
          if (move === 'revive' && now < deadline) reopened++;
          const delivery = deliveryDoc({ dueAt: new Date(deadline - 1_000), deadlineAt: new Date(deadline) });
          counts.push(
            ...judgementsOf(
              {
                delivery,
                from: state,
                to,
                ...(move === 'send' ? { latenessMs: now - (deadline - 1_000) } : {}),
                ...(move === 'reschedule' ? { rescheduledFrom: new Date(before) } : {}),
              },
              now,
            ),
          );
          state = to;
        }
        if (state === null) return;
        const sum = (field: string, until: number): number =>
          counts.filter((c) => c.field === field && c.at <= until).length;
        // In the end: nothing is settled that was not promised, and every promise has one fate at the most.
        const end = Math.max(now, deadline);
        const overdue = sum('promised', end) - sum('settled', end);
        expect(overdue).toBeGreaterThanOrEqual(0);
        const open = ['SCHEDULED', 'QUEUED', 'SENDING', 'RETRYING'].includes(state);
        if (open) expect(overdue).toBeGreaterThanOrEqual(1);
        expect(sum('good', end) + sum('failed', end)).toBeLessThanOrEqual(1 + reopened);
      }),
    );
  });
});

/** Moves by chance, at instants by chance. */
const life = fc.array(
  fc.record({
    move: fc.constantFrom(...(Object.keys(MOVES) as (keyof typeof MOVES)[])),
    pick: fc.nat(4),
    after: fc.nat(600),
  }),
  { maxLength: 40 },
);

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Held, Lane, laneKey } from '../../src/core/dispatch/lane.js';
import { deliveryDoc } from '../support/delivery-doc.js';

const NAME = { queue: 'q', channel: 'WHATSAPP' } as const;

function held(rank: number, notBefore: number): Held {
  return { delivery: deliveryDoc({ rank }), notBefore, pausedMs: 0 };
}

/** Few ranks and few instants, so that they meet. */
const some = fc.array(
  fc.record({ rank: fc.nat(5), notBefore: fc.nat(10) }).map(({ rank, notBefore }) => held(rank, notBefore)),
  { maxLength: 30 },
);

type Step = { readonly add: Held[] } | { readonly take: number; readonly later: number };
const steps = fc.array(
  fc.oneof(
    some.map((add): Step => ({ add })),
    fc.record({ take: fc.nat(5), later: fc.nat(3) }),
  ),
  { maxLength: 30 },
);

describe('CORE-20 Lane', () => {
  it('INV-3 gives nothing before its instant, and CORE-20 always the best-ranked of what may start', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const lane = new Lane(NAME);
        let waiting: Held[] = [];
        let now = 0;
        for (const step of all) {
          if ('add' in step) {
            lane.add(step.add);
            waiting.push(...step.add);
          } else {
            now += step.later;
            const taken = lane.take(step.take, now);
            const may = waiting.filter((h) => h.notBefore <= now).map((h) => h.delivery.rank);
            const best = may.sort((a, b) => a - b).slice(0, step.take);
            expect(taken.map((h) => h.delivery.rank)).toEqual(best);
            for (const h of taken) expect(h.notBefore).toBeLessThanOrEqual(now);
            waiting = waiting.filter((h) => !taken.includes(h));
          }
          expect(lane.held).toBe(waiting.length);
        }
        const rest = lane.takeAll();
        expect(new Set(rest)).toEqual(new Set(waiting));
        expect(rest).toHaveLength(waiting.length);
        expect(lane.held).toBe(0);
        expect(lane.nextAt()).toBeNull();
      }),
    );
  });

  it('tells when the next may start: the earliest instant, or at once', () => {
    fc.assert(
      fc.property(some, (all) => {
        const lane = new Lane(NAME);
        expect(lane.nextAt()).toBeNull();
        lane.add(all);
        const earliest = all.length === 0 ? null : Math.min(...all.map((h) => h.notBefore));
        expect(lane.nextAt()).toBe(earliest);
        if (earliest === null) return;
        lane.take(0, earliest);
        expect(lane.nextAt()).toBe(0);
      }),
    );
  });

  it('counts what has a reserved instant as held, and does not give it away', () => {
    const lane = new Lane(NAME);
    lane.add([held(1, 0)]);
    lane.reserved = 2;
    expect(lane.held).toBe(3);
    expect(lane.takeAll()).toHaveLength(1);
    expect(lane.held).toBe(2);
  });

  it('CORE-21 CORE-23 holds what can be started soon: at least what may be under way, at most what the limits let', () => {
    const limit = fc.integer({ min: 1, max: 200 });
    const rate = fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined });
    const times = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 100 });
    fc.assert(
      fc.property(limit, rate, times, (inFlight, perSecond, took) => {
        const lane = new Lane(NAME);
        for (const ms of took) lane.took(ms);
        const target = lane.target(inFlight, perSecond);
        expect(Number.isInteger(target)).toBe(true);
        expect(target).toBeGreaterThanOrEqual(1);
        expect(target).toBeLessThanOrEqual(2_000);
        if (perSecond === undefined) expect(target).toBeGreaterThanOrEqual(inFlight);
        else expect(target).toBeLessThanOrEqual(Math.ceil(1.5 * perSecond));
      }),
    );
  });

  it('holds less where attempts take longer', () => {
    const [fast, slow] = [new Lane(NAME), new Lane(NAME)];
    for (let i = 0; i < 200; i++) {
      fast.took(5);
      slow.took(5_000);
    }
    expect(fast.target(10, undefined)).toBeGreaterThan(1_000);
    expect(slow.target(10, undefined)).toBeLessThan(20);
  });

  it('has one key for a queue on a channel', () => {
    expect(new Lane(NAME).key).toBe(laneKey({ queue: 'q', channel: 'WHATSAPP' }));
    expect(laneKey(NAME)).not.toBe(laneKey({ queue: 'q', channel: 'LINE' }));
  });
});

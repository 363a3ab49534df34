import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DELAY_CAUSES, type Delays, explainLateness, worthKeeping } from '../../src/core/delivery/delay.js';
import { Holdups } from '../../src/core/dispatch/holdups.js';

const sum = (delays: Delays): number => Object.values(delays).reduce((total, ms) => total + ms, 0);

describe('where lateness goes', () => {
  it('CORE-41 the causes add up to the lateness, whatever was noted', () => {
    const instants = fc.record({ ready: fc.nat(5_000), waited: fc.nat(5_000), took: fc.nat(500) });
    const noted = fc.dictionary(fc.constantFrom(...DELAY_CAUSES), fc.nat(6_000));
    fc.assert(
      fc.property(instants, noted, fc.boolean(), ({ ready, waited, took }, causes, isFirstTry) => {
        const times = {
          dueAt: 0,
          readyAt: ready,
          startedAt: ready + waited,
          acceptedAt: ready + waited + took,
        };
        const lost = explainLateness({ ...times, waited: causes, isFirstTry });
        expect(sum(lost)).toBeCloseTo(times.acceptedAt, 6);
        for (const ms of Object.values(lost)) expect(ms).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('CORE-41 what nobody had in hand is WAKE; what earlier tries cost is RETRY, or its recipient was spared', () => {
    const times = { dueAt: 0, readyAt: 100, startedAt: 180, acceptedAt: 200, waited: { TOKEN: 50 } };
    expect(explainLateness({ ...times, isFirstTry: false })).toEqual({
      TOKEN: 50,
      WAKE: 30,
      RETRY: 100,
      PROVIDER: 20,
    });
    expect(explainLateness({ ...times, isFirstTry: true })).toMatchObject({ RECIPIENT_LIMIT: 100 });
    expect(worthKeeping({ WAKE: 0.2, TOKEN: 0 })).toBeNull();
    expect(worthKeeping({ WAKE: 12.4, TOKEN: 0 })).toEqual({ WAKE: 12 });
  });
});

describe('what holds a lane up', () => {
  it('CORE-41 is told for any stretch of time, as a slow count would', () => {
    const notes = fc.array(
      fc.record({ after: fc.nat(50), cause: fc.option(fc.constantFrom('TOKEN', 'IN_FLIGHT', 'BREAKER')) }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(notes, fc.nat(1_000), fc.nat(1_000), (steps, a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const holdups = new Holdups();
        const timeline: { at: number; cause: string | null }[] = [];
        let now = 0;
        for (const { after, cause } of steps) {
          now += after;
          holdups.note(cause, now);
          timeline.push({ at: now, cause });
        }
        const slow: Record<string, number> = {};
        for (let ms = from; ms < to; ms++) {
          const cause = timeline.findLast(({ at }) => at <= ms)?.cause;
          if (cause) slow[cause] = (slow[cause] ?? 0) + 1;
        }
        expect(holdups.between(from, to)).toEqual(slow);
      }),
    );
  });

  it('CORE-41 keeps a bounded number of changes, and still tells the last ones', () => {
    const holdups = new Holdups();
    for (let at = 0; at < 100_000; at += 2) {
      holdups.note('TOKEN', at);
      holdups.note(null, at + 1);
    }
    expect(holdups.between(99_000, 100_000)).toEqual({ TOKEN: 500 });
    expect(holdups.between(0, 10)).toEqual({});
  });

  it('CORE-27 reopening ends what had closed it, and nothing else', () => {
    const holdups = new Holdups();
    holdups.note('BREAKER', 0);
    holdups.reopen(10);
    holdups.note('TOKEN', 20);
    holdups.reopen(25);
    expect(holdups.between(0, 30)).toEqual({ BREAKER: 10, TOKEN: 10 });
  });
});

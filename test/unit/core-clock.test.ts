import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Clock, monotonicMs } from '../../src/core/clock.js';

const instant = fc.integer({ min: 0, max: 4_000_000_000_000 });
/** Whole factors and powers of a half, so that what is computed there and back is exact enough to compare. */
const speed = fc.constantFrom(0.5, 1, 2, 10, 60, 3_600);
const virtual = fc.record({ virtualStart: instant, realStart: instant, speed });

describe('Clock', () => {
  it('CORE-10 real: engine time is real time', () => {
    const clock = new Clock();
    fc.assert(
      fc.property(instant, (at) => {
        expect(clock.toEngine(at)).toBe(at);
        expect(clock.toReal(at)).toBe(at);
      }),
    );
  });

  it('virtual: there and back is the same instant', () => {
    fc.assert(
      fc.property(virtual, instant, (options, at) => {
        const clock = new Clock(options);
        expect(Math.abs(clock.toEngine(clock.toReal(at)) - at)).toBeLessThan(1);
        expect(clock.toEngine(options.realStart)).toBe(options.virtualStart);
      }),
    );
  });

  it('virtual: goes forward, and as fast as told', () => {
    fc.assert(
      fc.property(virtual, instant, fc.integer({ min: 1, max: 1_000_000 }), (options, at, later) => {
        const clock = new Clock(options);
        const passed = clock.toEngine(at + later) - clock.toEngine(at);
        expect(passed).toBeGreaterThan(0);
        expect(Math.abs(passed - later * options.speed)).toBeLessThan(1);
      }),
    );
  });

  it('follows the offset to the database server, in real and in virtual time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -10_000_000, max: 10_000_000 }),
        fc.option(virtual),
        (offset, options) => {
          const clock = new Clock(options ?? undefined);
          expect(clock.offsetMs).toBe(0);
          clock.setOffset(offset);
          expect(clock.offsetMs).toBe(offset);
          const [before, real, after] = [Date.now(), clock.realNow(), Date.now()];
          expect(real).toBeGreaterThanOrEqual(before + offset);
          expect(real).toBeLessThanOrEqual(after + offset);
          const [low, engine, high] = [clock.realNow(), clock.now(), clock.realNow()];
          expect(engine).toBeGreaterThanOrEqual(clock.toEngine(low));
          expect(engine).toBeLessThanOrEqual(clock.toEngine(high));
        },
      ),
    );
  });

  it('never runs ahead: a date is rounded down to the millisecond', () => {
    const clock = new Clock({ virtualStart: 0.75, realStart: Date.now(), speed: 1e-9 });
    expect(clock.now()).toBeGreaterThan(0.7);
    expect(clock.date()).toEqual(new Date(0));
  });

  it('tells the real time until an engine instant', () => {
    const clock = new Clock({ virtualStart: 0, realStart: Date.now(), speed: 60 });
    const hour = clock.delayUntil(3_600_000);
    expect(hour).toBeLessThanOrEqual(60_000);
    expect(clock.delayUntil(7_200_000) - hour).toBeGreaterThan(0);
    expect(clock.delayUntil(-1)).toBeLessThan(0);
  });

  it('has a monotonic clock beside it that does not follow the offset', () => {
    const before = monotonicMs();
    new Clock().setOffset(-1e9);
    expect(monotonicMs()).toBeGreaterThanOrEqual(before);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { floorTo, type Grain, type RolledUp, spansOf } from '../../src/core/stats/spans.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = 40 * DAY + 5 * HOUR + 17 * MINUTE;

const rolled: RolledUp = {
  hoursUntil: floorTo(NOW - HOUR, 'HOUR'),
  daysUntil: 40 * DAY,
  minutesFrom: 37 * DAY,
  hoursFrom: 10 * DAY,
};

const window = fc
  .tuple(fc.integer({ min: 0, max: NOW }), fc.integer({ min: 1, max: NOW }))
  .map(([from, length]) => ({ from: new Date(from), to: new Date(Math.min(NOW, from + length)) }))
  .filter(({ from, to }) => from < to);

describe('how a window is read', () => {
  it('CORE-43 every instant of it once, without a hole, and no tallies that may be gone', () => {
    fc.assert(
      fc.property(window, fc.constantFrom<Grain>('MINUTE', 'HOUR', 'DAY'), ({ from, to }, coarsest) => {
        const spans = spansOf({ from, to }, rolled, coarsest);
        spans.forEach((span, i) => {
          expect(span.from).toBeLessThan(span.to);
          const next = spans[i + 1];
          if (next) expect(span.to).toBe(next.from);
          if (span.kind === 'MINUTE') expect(span.from).toBeGreaterThanOrEqual(rolled.minutesFrom);
          if (span.kind === 'HOUR') expect(span.to).toBeLessThanOrEqual(rolled.hoursUntil);
          if (span.kind === 'HOUR') expect(span.from).toBeGreaterThanOrEqual(rolled.hoursFrom);
          if (span.kind === 'DAY') expect(span.to).toBeLessThanOrEqual(rolled.daysUntil);
          expect([floorTo(span.from, span.kind), floorTo(span.to, span.kind)]).toEqual([span.from, span.to]);
        });
        expect(spans[0]?.from).toBeLessThanOrEqual(from.getTime());
        expect(spans.at(-1)?.to).toBeGreaterThanOrEqual(to.getTime());
        // Widened only as far as what is kept asks for.
        if (from.getTime() >= rolled.minutesFrom)
          expect(spans[0]?.from).toBe(floorTo(from.getTime(), 'MINUTE'));
      }),
    );
  });

  it('CORE-43 a month is read from days, and its edges from hours and minutes', () => {
    const window = { from: new Date(12 * DAY + HOUR), to: new Date(NOW) };
    expect(spansOf(window, rolled)).toEqual([
      { kind: 'HOUR', from: 12 * DAY + HOUR, to: 13 * DAY },
      { kind: 'DAY', from: 13 * DAY, to: 40 * DAY },
      { kind: 'HOUR', from: 40 * DAY, to: 40 * DAY + 4 * HOUR },
      { kind: 'MINUTE', from: 40 * DAY + 4 * HOUR, to: NOW },
    ]);
  });

  it('CORE-44 narrow buckets are read from minutes as far as these are kept', () => {
    const window = { from: new Date(36 * DAY), to: new Date(38 * DAY) };
    expect(spansOf(window, rolled, 'MINUTE')).toEqual([
      { kind: 'HOUR', from: 36 * DAY, to: 37 * DAY },
      { kind: 'MINUTE', from: 37 * DAY, to: 38 * DAY },
    ]);
  });
});

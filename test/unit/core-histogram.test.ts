import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  bucketOf,
  countOf,
  type Histogram,
  quantile,
  sumHistograms,
  upperBound,
} from '../../src/core/stats/histogram.js';

const DAY_MS = 86_400_000;
const ms = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: DAY_MS }));
const values = fc.array(ms, { minLength: 1, maxLength: 200 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

function histogramOf(all: readonly number[]): Histogram {
  return sumHistograms(all.map((value) => ({ [bucketOf(value)]: 1 })));
}

/** The same quantile from the values themselves. */
function exactly(all: readonly number[], q: number): number {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? Number.NaN;
}

describe('CORE-43 histogram buckets', () => {
  it('CORE-43 hold each value between the bound of the one before and their own', () => {
    fc.assert(
      fc.property(ms, (value) => {
        const bucket = bucketOf(value);
        expect(upperBound(bucket)).toBeGreaterThanOrEqual(value);
        if (bucket > 0) expect(upperBound(bucket - 1)).toBeLessThan(value);
      }),
    );
  });

  it('CORE-43 follow one another without a gap, each bound in its own bucket', () => {
    for (let bucket = 0; bucket <= bucketOf(DAY_MS); bucket++) {
      if (upperBound(bucket) <= DAY_MS) expect(bucketOf(upperBound(bucket))).toBe(bucket);
      if (upperBound(bucket) < DAY_MS) expect(bucketOf(upperBound(bucket) + 1)).toBe(bucket + 1);
    }
  });

  it('CORE-43 are exact below 16 ms, and at most one sixteenth wide above', () => {
    fc.assert(
      fc.property(ms, (value) => {
        const over = upperBound(bucketOf(value)) - value;
        if (value < 16) expect(over).toBe(0);
        else expect(over).toBeLessThan(value / 16);
      }),
    );
  });

  it('take what is early for on time, and what is later than a day for a day', () => {
    expect(bucketOf(-5)).toBe(0);
    expect(bucketOf(-0.5)).toBe(0);
    expect(bucketOf(15.9)).toBe(15);
    expect(bucketOf(10 * DAY_MS)).toBe(bucketOf(DAY_MS));
  });
});

describe('CORE-43 histograms', () => {
  it('CORE-43 quantiles never flatter, and err by a sixteenth at most', () => {
    fc.assert(
      fc.property(values, share, (all, q) => {
        const exact = exactly(all, q);
        const told = quantile(histogramOf(all), q);
        expect(told).toBe(upperBound(bucketOf(exact)));
        expect(told).toBeGreaterThanOrEqual(exact);
        expect(told).toBeLessThanOrEqual(exact + exact / 16);
      }),
    );
  });

  it('CORE-43 quantiles grow with the share', () => {
    fc.assert(
      fc.property(values, share, share, (all, a, b) => {
        const histogram = histogramOf(all);
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(quantile(histogram, low) ?? 0).toBeLessThanOrEqual(quantile(histogram, high) ?? 0);
      }),
    );
  });

  it('CORE-43 add up field by field, in any grouping', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 6 }), (groups) => {
        const parts = groups.map(histogramOf);
        expect(sumHistograms(parts)).toEqual(histogramOf(groups.flat()));
        expect(sumHistograms([...parts].reverse())).toEqual(sumHistograms(parts));
        expect(countOf(sumHistograms(parts))).toBe(groups.flat().length);
      }),
    );
  });

  it('have no quantile where there is nothing', () => {
    expect(quantile({}, 0.5)).toBeNull();
    expect(countOf({})).toBe(0);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { STATES, type DeliveryState } from '../../src/core/delivery/states.js';
import { noCounts, sumCounts } from '../../src/core/stats/counts.js';
import { bucketOf, upperBound } from '../../src/core/stats/histogram.js';
import { SERIES, seriesOf } from '../../src/core/stats/history.js';
import type { TallyDoc } from '../../src/core/stats/tally.entity.js';
import { addUp, figuresOf } from '../../src/core/stats/totals.js';

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 10, 23, 6);

function tally(own: Partial<TallyDoc>): TallyDoc {
  return {
    _id: '',
    kind: 'MINUTE',
    owner: '*',
    at: new Date(START),
    run: null,
    queue: 'q',
    channel: 'WHATSAPP',
    tier: 'FREE',
    program: null,
    ...own,
  };
}

/** The tally of single values, as the recorder counts them. */
function measured(lateness: readonly number[], provider: readonly number[] = []): TallyDoc {
  const count = (values: readonly number[]): Record<string, number> => {
    const buckets: Record<string, number> = {};
    for (const ms of values) buckets[bucketOf(ms)] = (buckets[bucketOf(ms)] ?? 0) + 1;
    return buckets;
  };
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  return tally({
    moved: { SENT: lateness.length },
    lateness: count(lateness),
    latenessSum: sum(lateness),
    latenessMax: Math.max(0, ...lateness),
    provider: count(provider),
    providerSum: sum(provider),
    providerMax: Math.max(0, ...provider),
  });
}

const moved = fc.dictionary(fc.constantFrom<string>(...STATES, 'CREATED'), fc.nat(50));
const counts = fc.dictionary(
  fc.constantFrom<string>(...STATES),
  fc.integer({ min: -20, max: 20 }),
) as fc.Arbitrary<Partial<Record<DeliveryState, number>>>;
const tallies = fc.array(
  fc.record({ moved, counts, onTime: fc.nat(50) }).map((own) => tally(own)),
  { maxLength: 8 },
);
const values = fc.array(fc.integer({ min: 0, max: 86_400_000 }), { minLength: 1, maxLength: 100 });

describe('CORE-43 totals', () => {
  it('CORE-43 add up whatever the grouping, and the shards of one tally', () => {
    fc.assert(
      fc.property(tallies, tallies, (a, b) => {
        const [one, two, both] = [addUp(a), addUp(b), addUp([...b, ...a])];
        expect(both.accepted).toBe(one.accepted + two.accepted);
        expect(both.sent).toBe(one.sent + two.sent);
        expect(both.onTime).toBe(one.onTime + two.onTime);
        const sum = sumCounts([...a, ...b]);
        for (const state of STATES) expect(sum[state]).toBe(sumCounts(a)[state] + sumCounts(b)[state]);
      }),
    );
  });

  it('CORE-43 rates are null where nothing has ended, and shares of what has', () => {
    expect(figuresOf(addUp([]))).toMatchObject({
      sent: 0,
      successRate: null,
      onTimeRate: null,
      lateness: null,
      providerLatency: null,
    });
    const some = tally({
      moved: { SENT: 6, FAILED: 1, DEAD_LETTERED: 1, MISSED: 2, CANCELLED: 7 },
      onTime: 5,
    });
    expect(figuresOf(addUp([some]))).toMatchObject({ successRate: 0.6, onTimeRate: 0.5 });
  });

  it('CORE-43 percentiles lie in order, never below the truth, and never above the largest', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 4 }), (groups) => {
        const all = groups.flat().sort((a, b) => a - b);
        const { lateness } = figuresOf(addUp(groups.map((own) => measured(own))));
        if (!lateness) throw new Error('nothing measured');
        const { average, p50, p95, p99, max } = lateness;
        expect(max).toBe(all.at(-1));
        expect(average).toBeCloseTo(all.reduce((a, b) => a + b, 0) / all.length);
        expect([p50, p95, p99, max]).toEqual([p50, p95, p99, max].sort((a, b) => a - b));
        const exactly = (q: number): number => all[Math.ceil(q * all.length) - 1] ?? Number.NaN;
        for (const [q, told] of [[0.5, p50] as const, [0.95, p95] as const, [0.99, p99] as const]) {
          expect(told).toBe(Math.min(upperBound(bucketOf(exactly(q))), max));
          expect(told).toBeGreaterThanOrEqual(exactly(q));
        }
      }),
    );
  });
});

describe('CORE-44 history', () => {
  const window = (minutes: number): { from: Date; to: Date } => ({
    from: new Date(START),
    to: new Date(START + minutes * MINUTE_MS),
  });
  const minute = (n: number, own: Partial<TallyDoc>): TallyDoc =>
    tally({ ...own, at: new Date(START + n * MINUTE_MS) });

  it.each(SERIES)(
    'CORE-44 %s has a point for each bucket, oldest first, also where nothing happened',
    (series) => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 300 }), fc.constantFrom(1, 5, 15, 60), (minutes, width) => {
          const points = seriesOf(series, window(minutes), width, [], noCounts());
          expect(points.map((point) => point.at.getTime())).toEqual(
            Array.from({ length: Math.ceil(minutes / width) }, (_, i) => START + i * width * MINUTE_MS),
          );
        }),
      );
    },
  );

  it('CORE-44 DELIVERIES: each minute is in one bucket, so that the buckets add up to the totals', () => {
    const minutes = fc.array(fc.tuple(fc.nat(119), moved), { maxLength: 30 });
    fc.assert(
      fc.property(minutes, fc.constantFrom(1, 5, 15, 60), (all, width) => {
        const docs = all.map(([n, own]) => minute(n, { moved: own }));
        const points = seriesOf('DELIVERIES', window(120), width, docs, noCounts());
        for (const figure of ['accepted', 'sent', 'failed', 'missed'] as const)
          expect(points.reduce((sum, point) => sum + (point.values[figure] ?? 0), 0)).toBe(
            addUp(docs)[figure],
          );
      }),
    );
  });

  it('CORE-44 QUEUE_DEPTH: the depth at each bucket’s end is the depth of now without what came after', () => {
    const minutes = fc.array(fc.tuple(fc.nat(179), counts), { maxLength: 30 });
    fc.assert(
      fc.property(minutes, fc.constantFrom(1, 5, 15, 60), (all, width) => {
        const docs = all.map(([n, own]) => minute(n, { counts: own }));
        // Before the window all was empty, so that now is the sum of all changes.
        const points = seriesOf('QUEUE_DEPTH', window(120), width, docs, sumCounts(docs));
        for (const { at, values: depth } of points) {
          const end = at.getTime() + width * MINUTE_MS;
          const then = sumCounts(docs.filter((doc) => (doc.at?.getTime() ?? 0) < end));
          expect(depth).toEqual({
            depth: then.QUEUED + then.SCHEDULED + then.RETRYING,
            queued: then.QUEUED,
            scheduled: then.SCHEDULED,
            retrying: then.RETRYING,
            sending: then.SENDING,
          });
        }
      }),
    );
  });

  it('CORE-44 SLA and LATENCY leave out what nothing was measured for', () => {
    const docs = [
      minute(0, { ...measured([10, 20], [5]), at: new Date(START) }),
      minute(1, { moved: { MISSED: 1 } }),
    ];
    const sla = seriesOf('SLA', window(3), 1, docs, noCounts()).map((point) => point.values);
    expect(sla).toEqual([
      { ended: 2, onTime: 0, onTimeRate: 0 },
      { ended: 1, onTime: 0, onTimeRate: 0 },
      { ended: 0, onTime: 0 },
    ]);
    const [first, second] = seriesOf('LATENCY', window(3), 1, docs, noCounts());
    expect(first?.values).toMatchObject({
      latenessAverage: 15,
      latenessP50: 10,
      latenessMax: 20,
      providerP99: 5,
    });
    expect(second?.values).toEqual({});
  });
});

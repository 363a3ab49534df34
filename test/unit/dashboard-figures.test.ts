import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AlertFieldsFragment, HistoryQuery, WaveForecastFieldsFragment } from '#sdk';
import { afterEvent } from '../../dashboard/src/alerts/open-alerts.js';
import { causesOf } from '../../dashboard/src/causes/causes.js';
import { perSecondOf, type UsageReading, withReading } from '../../dashboard/src/channels/usage.js';
import {
  latenessColumns,
  latestOf,
  rateColumns,
  type RateSample,
  withSample,
} from '../../dashboard/src/lateness/series.js';
import { finishSentence, rulerOf, segmentsOf } from '../../dashboard/src/wave/wave.js';
import { SIX } from '../support/sla-news.js';

const STATES = [
  ...['scheduled', 'queued', 'sending', 'retrying', 'sent', 'delivered'],
  ...['read', 'responded', 'failed', 'deadLettered', 'cancelled', 'missed'],
] as const;

function iso(ms: number): string {
  return new Date(SIX + ms).toISOString();
}

function wave(changes: Partial<WaveForecastFieldsFragment> = {}): WaveForecastFieldsFragment {
  return {
    run: {
      ...{ id: 'run', owner: 'o', program: 'daily-content', type: 'wave', occurrence: '2026-11-24' },
      ...{ status: 'RUNNING', startedAt: iso(-3_600_000), endedAt: null, error: null, remarks: [] },
      ...{ scheduled: 2_000, skipped: 0, failed: 0, matched: null, changed: null },
      window: { from: iso(-30_000), to: iso(270_000) },
    },
    ...{
      planned: 2_000,
      done: 500,
      finish: iso(300_000),
      deadline: iso(570_000),
      onTime: true,
      limitedBy: null,
    },
    ...changes,
  };
}

describe('the wave', () => {
  it('DC-9 the bar is whole: each message is in one segment, and the shares make one', () => {
    const counts = fc.record(Object.fromEntries(STATES.map((state) => [state, fc.nat(3_000)])));
    fc.assert(
      fc.property(counts, (some) => {
        const segments = segmentsOf({ counts: some as Parameters<typeof segmentsOf>[0]['counts'] });
        const all = Object.values(some).reduce((sum, count) => sum + count, 0);
        expect(segments.reduce((sum, { count }) => sum + count, 0)).toBe(all);
        expect(segments.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(all === 0 ? 0 : 1, 9);
      }),
    );
  });

  it('DC-9 on the ruler the finish is behind the deadline exactly when the wave will be late', () => {
    const instant = fc.integer({ min: -30_000, max: 3_600_000 });
    fc.assert(
      fc.property(instant, instant, instant, (now, finish, deadline) => {
        const ruler = rulerOf(wave({ finish: iso(finish), deadline: iso(deadline) }), SIX + now);
        expect((ruler.finish ?? NaN) > ruler.deadline).toBe(finish > deadline);
        for (const place of [ruler.now, ruler.finish ?? NaN, ruler.deadline]) {
          expect(place).toBeGreaterThanOrEqual(0);
          expect(place).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it.each([
    ['before its deadline', {}, /Expected to be over at \d\d:\d\d:\d\d, 4 min 30 s before its deadline\.$/],
    [
      'after it, and why',
      { finish: iso(670_000), limitedBy: 'TOKEN' },
      /1 min 40 s after its deadline\. The provider's rate limit sets the pace\.$/,
    ],
    ['when nothing moves', { finish: null }, /^Nothing moves: no finish can be foretold\.$/],
    ['when all is done', { done: 2_000 }, /^All of it is done\.$/],
  ] as const)('DC-9 the finish is told %s', (_name, changes, words) =>
    expect(finishSentence(wave(changes), SIX).replaceAll('\u202f', ' ')).toMatch(words),
  );
});

describe('causes', () => {
  it('CORE-43 shares make one, the dearest cause is first, and what cost nothing is left out', () => {
    const cause = fc.constantFrom('WAKE', 'TOKEN', 'RETRY', 'PROVIDER', 'BREAKER');
    const lost = fc.uniqueArray(fc.record({ cause, ms: fc.nat(1e6) }), { selector: (one) => one.cause });
    fc.assert(
      fc.property(lost, (some) => {
        const causes = causesOf(some);
        expect(causes).toHaveLength(some.filter(({ ms }) => ms > 0).length);
        if (causes.length > 0) expect(causes.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
        expect(causes.map(({ ms }) => ms)).toEqual(causes.map(({ ms }) => ms).sort((a, b) => b - a));
      }),
    );
  });
});

describe('series', () => {
  const point = (minute: number, values: Record<string, number>): HistoryQuery['history'][number] => ({
    at: iso(minute * 60_000),
    values: Object.entries(values).map(([name, value]) => ({ name, value })),
  });

  it('CORE-44 a bucket without a figure is a gap, not a zero', () => {
    const columns = latenessColumns([
      point(0, { latenessP50: 20, latenessP95: 90, latenessP99: 120 }),
      point(1, {}),
    ]);
    expect(columns).toEqual({
      at: [SIX / 1e3, SIX / 1e3 + 60],
      p50: [20, null],
      p95: [90, null],
      p99: [120, null],
    });
    expect(latestOf(columns.p99)).toBe(0);
    expect(latestOf([null, undefined])).toBeNull();
  });

  it('CORE-44 a lateness of nothing is at the axis’ floor, which has a logarithm', () => {
    expect(latenessColumns([point(0, { latenessP50: 0 })]).p50).toEqual([1]);
  });

  it('CORE-44 history and live readings are one axis in order, and neither cuts the other’s line', () => {
    const samples: RateSample[] = [{ at: SIX / 1e3 + 30, rate: 0.98 }];
    expect(rateColumns([point(0, { onTimeRate: 1 }), point(1, {})], samples)).toEqual({
      at: [SIX / 1e3, SIX / 1e3 + 30, SIX / 1e3 + 60],
      bucket: [1, undefined, null],
      rolling: [undefined, 0.98, undefined],
    });
  });

  it('API-7 an event that comes twice, or late, is no second reading; old ones are let go', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9_000 })), (seconds) => {
        const samples = seconds.reduce<readonly RateSample[]>(
          (known, second) => withSample(known, SIX + second * 1_000, 1),
          [],
        );
        const at = samples.map((sample) => sample.at);
        expect(at).toEqual([...new Set(at)].sort((a, b) => a - b));
        expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeLessThan(3_600);
        expect(at.at(-1) ?? 0).toBe(seconds.length === 0 ? 0 : SIX / 1e3 + Math.max(...seconds));
      }),
    );
  });
});

describe('send tokens', () => {
  it('CORE-21 the rate is what was used between the readings', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 2, max: 30 }), (perSecond, count) => {
        const readings = Array.from({ length: count }, (_, i) => ({
          at: i * 2_000,
          used: i * 2 * perSecond,
        }));
        const kept = readings.reduce<readonly UsageReading[]>(withReading, []);
        expect(perSecondOf(kept)).toBeCloseTo(perSecond, 6);
        expect(kept.length).toBeLessThanOrEqual(4);
      }),
    );
  });

  it('CORE-21 a new day begins anew, and one reading is no rate', () => {
    const kept = [
      { at: 0, used: 99_000 },
      { at: 2_000, used: 99_100 },
      { at: 4_000, used: 20 },
    ].reduce<readonly UsageReading[]>(withReading, []);
    expect(kept).toEqual([{ at: 4_000, used: 20 }]);
    expect(perSecondOf(kept)).toBeNull();
  });
});

describe('alerts', () => {
  const alert = fc
    .record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      severity: fc.constantFrom('NOTICE', 'WARNING', 'CRITICAL'),
      state: fc.constantFrom('OPEN', 'ACKNOWLEDGED', 'RESOLVED'),
      opened: fc.nat(1_000),
    })
    .map(({ id, severity, state, opened }): AlertFieldsFragment => ({
      ...{ id, severity, state, key: id, source: 'test', message: id, figures: null },
      ...{ openedAt: iso(opened), updatedAt: iso(opened), acknowledgedAt: null, acknowledgedBy: null },
      ...{ resolvedAt: null, resolvedBy: null },
    }));
  const event = fc.record({
    snapshot: fc.boolean(),
    alerts: fc.uniqueArray(alert, { selector: ({ id }) => id }),
  });

  it('CORE-42 what is shown is what the events say of each alert last, and no resolved one', () => {
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const last = new Map<string, AlertFieldsFragment>();
        for (const { snapshot, alerts } of events) {
          if (snapshot) last.clear();
          for (const one of alerts) last.set(one.id, one);
        }
        const expected = [...last.values()].filter(({ state }) => state !== 'RESOLVED');
        const shown = events.reduce<readonly AlertFieldsFragment[]>(afterEvent, []);
        expect(new Set(shown)).toEqual(new Set(expected));
      }),
    );
  });

  it('CORE-42 those that nobody has taken up come first, the grave ones before the others', () => {
    fc.assert(
      fc.property(event, ({ alerts }) => {
        const shown = afterEvent([], { snapshot: true, alerts });
        const rank = shown.map(
          ({ state, severity }) =>
            (state === 'OPEN' ? 0 : 10) + ['CRITICAL', 'WARNING', 'NOTICE'].indexOf(severity),
        );
        expect(rank).toEqual([...rank].sort((a, b) => a - b));
      }),
    );
  });
});

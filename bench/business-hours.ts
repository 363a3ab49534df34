import { type BusinessHoursText, nextOpening, readBusinessHours } from '../src/core/index.js';
import type { Benchmark, Report } from './support/benchmark.js';
import { ascending, quantile } from './support/statistics.js';

const DAY_MS = 86_400_000;
const FROM = Date.UTC(2026, 0, 1);
const WANTED_P99_MS = 10;

/** Zones of each kind: without changes, with changes of an hour, of half an hour, and at midnight. */
const ZONES = ['Asia/Kolkata', 'America/New_York', 'Europe/Paris', 'Australia/Lord_Howe', 'America/Santiago'];

/** Dates in a row, as a shop that is closed for its holidays. */
function datesFrom(date: string, count: number): string[] {
  const first = Date.parse(date);
  return Array.from({ length: count }, (_, i) => new Date(first + i * DAY_MS).toISOString().slice(0, 10));
}

const KINDS: readonly { readonly name: string; readonly text: BusinessHoursText }[] = [
  { name: 'Monday to Friday, 09:00 to 18:00', text: {} },
  {
    name: 'eleven openings a week, one across midnight, ten holidays',
    text: {
      openings: [
        { start: '09:00', end: '12:30' },
        { start: '14:00', end: '18:00' },
        { daysOfWeek: ['SATURDAY'], start: '22:00', end: '02:00' },
      ],
      holidays: datesFrom('2026-12-22', 10),
    },
  },
  { name: 'closed for three months', text: { holidays: datesFrom('2026-06-01', 92) } },
];

/** CORE-11. */
export const businessHours: Benchmark = {
  name: 'business-hours',
  about: 'moving instants into business hours, each timed on its own; in this process, without servers',
  options: { count: { default: 100_000, about: 'instants of each kind of hours, spread over a year' } },
  run(context) {
    const count = context.option('count');
    return Promise.resolve(
      report(
        KINDS.map((kind) => {
          context.progress(kind.name);
          return { name: kind.name, ...measure(kind.text, count) };
        }),
      ),
    );
  },
};

interface Measured {
  readonly moved: number;
  /** Ascending. */
  readonly tookMs: readonly number[];
}

function measure(text: BusinessHoursText, count: number): Measured {
  const all = ZONES.map((timezone) => readBusinessHours(text, timezone, 'businessHours'));
  const tookMs: number[] = [];
  let moved = 0;
  for (let i = 0; i < count; i += 1) {
    const hours = all[i % all.length];
    if (!hours) throw new Error('there are zones');
    const at = FROM + Math.floor((i * 365 * DAY_MS) / count);
    const start = performance.now();
    const found = nextOpening(hours, at);
    tookMs.push(performance.now() - start);
    if (found.moved) moved += 1;
  }
  return { moved, tookMs: ascending(tookMs) };
}

function report(measured: readonly (Measured & { readonly name: string })[]): Report {
  const figures = measured.map(({ name, moved, tookMs }) => ({
    name,
    count: tookMs.length,
    moved,
    p50Ms: quantile(tookMs, 0.5),
    p99Ms: quantile(tookMs, 0.99),
    maxMs: quantile(tookMs, 1),
  }));
  const round = (ms: number): number => Math.round(ms * 1_000) / 1_000;
  return {
    table: [
      ['ms each', 'instants', 'moved', 'P50', 'P99', 'max'],
      ...figures.map((f) => [f.name, f.count, f.moved, round(f.p50Ms), round(f.p99Ms), round(f.maxMs)]),
    ],
    notes: [
      'The zones take turns: without changes of the clock, of an hour, of half an hour, and at midnight.',
    ],
    figures: { kinds: figures },
    wanted: figures.map(({ name, p99Ms }) => ({
      what: `P99, ${name}`,
      wanted: `< ${WANTED_P99_MS} ms`,
      measured: `${p99Ms.toFixed(3)} ms`,
      met: p99Ms < WANTED_P99_MS,
    })),
  };
}

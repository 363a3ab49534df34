import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Receipts } from '../../src/core/delivery/delivery.entity.js';
import { ACCEPTED, type DeliveryState } from '../../src/core/delivery/states.js';
import {
  acceptedAt,
  addReport,
  advance,
  type Report,
  type ReportKind,
  stateOf,
} from '../../src/core/outcome/receipt-state.js';

const KINDS: readonly ReportKind[] = ['SENT', 'DELIVERED', 'READ', 'RESPONDED', 'FAILED'];

/** Few instants and few words, so that they meet often. */
const report: fc.Arbitrary<Report> = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    at: fc.integer({ min: 1, max: 4 }),
    detail: fc.constantFrom(undefined, 'yes', 'no', 'maybe'),
    messageId: fc.constantFrom(null, 'm1', 'm2'),
  })
  .map(({ kind, at, detail, messageId }) => ({
    key: null,
    messageId,
    kind,
    at: new Date(at),
    ...(detail === undefined ? {} : { detail }),
  }));

/** Reports, and the same ones in another order, some of them again. */
const shuffled = fc.array(report, { minLength: 1, maxLength: 8 }).chain((reports) =>
  fc.record({
    reports: fc.constant(reports),
    again: fc
      .array(fc.constantFrom(...reports), { maxLength: 6 })
      .chain((more) =>
        fc.shuffledSubarray([...reports, ...more], { minLength: reports.length + more.length }),
      ),
  }),
);

const collect = (reports: readonly Report[]): Receipts => reports.reduce(addReport, {});

/** One by one, as when each comes in a request of its own. */
function moveThrough(from: DeliveryState, reports: readonly Report[]): DeliveryState[] {
  let receipts: Receipts = {};
  let state = from;
  return reports.map((one) => {
    receipts = addReport(receipts, one);
    state = advance(state, receipts);
    return state;
  });
}

describe('CORE-46 reports', () => {
  it('CORE-46 add up to the same in any order, however often each comes', () => {
    fc.assert(
      fc.property(shuffled, ({ reports, again }) => expect(collect(again)).toEqual(collect(reports))),
    );
  });

  it('CORE-46 lead to the same state in any order, one by one or all at once', () => {
    fc.assert(
      fc.property(shuffled, ({ reports, again }) => {
        const atOnce = advance('SENT', collect(reports));
        expect(moveThrough('SENT', reports).at(-1)).toBe(atOnce);
        expect(moveThrough('SENT', again).at(-1)).toBe(atOnce);
      }),
    );
  });

  it('CORE-46 move forward only', () => {
    fc.assert(
      fc.property(fc.array(report, { minLength: 1, maxLength: 10 }), (reports) => {
        const order: readonly DeliveryState[] = ['SENT', 'FAILED', 'DELIVERED', 'READ', 'RESPONDED'];
        const places = moveThrough('SENT', reports).map((state) => order.indexOf(state));
        expect(places).toEqual([...places].sort((a, b) => a - b));
      }),
    );
  });

  it('CORE-46 change nothing the second time', () => {
    fc.assert(
      fc.property(fc.array(report), report, (before, one) => {
        const once = addReport(collect(before), one);
        expect(addReport(once, one)).toBe(once);
      }),
    );
  });

  it('keep the earliest instant of each kind', () => {
    fc.assert(
      fc.property(fc.array(report, { minLength: 1 }), (reports) => {
        const receipts = collect(reports);
        const earliest = (kind: ReportKind): Date | undefined =>
          reports
            .filter((one) => one.kind === kind)
            .map((one) => one.at)
            .sort((a, b) => a.getTime() - b.getTime())[0];
        expect(receipts.sentAt).toEqual(earliest('SENT'));
        expect(receipts.deliveredAt).toEqual(earliest('DELIVERED'));
        expect(receipts.readAt).toEqual(earliest('READ'));
        expect(receipts.respondedAt).toEqual(earliest('RESPONDED'));
        expect(receipts.failedAt).toEqual(earliest('FAILED'));
        const all = reports.map((one) => one.at.getTime());
        expect(acceptedAt(receipts)).toEqual(new Date(Math.min(...all)));
      }),
    );
  });

  it('CORE-2 keep the words of an answer and of a failure, and of nothing else', () => {
    const at = new Date(1);
    const words = KINDS.map((kind) =>
      addReport({}, { key: null, messageId: null, kind, at, detail: 'a word' }),
    );
    expect(words).toEqual([
      { sentAt: at },
      { deliveredAt: at },
      { readAt: at },
      { respondedAt: at, response: 'a word' },
      { failedAt: at, failure: 'a word' },
    ]);
  });

  it('show nothing where there are none', () => {
    expect(stateOf({})).toBeNull();
    expect(acceptedAt({})).toBeNull();
    expect(acceptedAt(null)).toBeNull();
    for (const state of ACCEPTED) expect(advance(state, {})).toBe(state);
  });
});

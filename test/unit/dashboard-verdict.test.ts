import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { announcementOf, lastKnown, sentenceOf, titleOf } from '../../dashboard/src/verdict/sentence.js';
import { type SlaNews, type Verdict, verdictOf, worstOf } from '../../dashboard/src/verdict/verdict.js';
import { sla } from '../support/sla-news.js';

const STATUSES = ['ON_TIME', 'AT_RISK', 'LATE', 'QUIET'] as const;

/** News that came when the page's own clock stood at `arrived`. */
function news(first = sla(), arrived = 10_000): SlaNews {
  return { slas: [first], arrived };
}

function plain(words: string): string {
  return words.replaceAll('\u202f', ' ');
}

describe('the verdict', () => {
  it.each(STATUSES)('CORE-41 what the server says is said, while it holds: %s', (status) => {
    expect(verdictOf(news(sla({ status })), 'open', 0, 14_999)).toMatchObject({ status });
  });

  it('CORE-41 from the instant on that the server named, nobody here knows: STALE', () => {
    expect(verdictOf(news(), 'open', 0, 15_000)).toMatchObject({
      status: 'STALE',
      cause: 'SILENCE',
      silentMs: 5_000,
    });
  });

  it('CORE-41 a lost connection is STALE at once, with what was known last', () => {
    const verdict = verdictOf(news(sla({ status: 'LATE', overdue: 73 })), 'lost', 0, 10_500);
    expect(verdict).toMatchObject({ status: 'STALE', cause: 'LINK', lead: { status: 'LATE' } });
    expect(plain(sentenceOf(verdict))).toBe('No news for 0 ms: the connection to the server is lost.');
    expect(lastKnown(sla({ status: 'LATE', overdue: 73 }))).toBe('Late: All 1,204 on time, 73 overdue.');
  });

  it('CORE-41 before the first word it waits a little, and then says that it knows nothing', () => {
    expect(verdictOf(null, 'connecting', 1_000, 5_999)).toEqual({ status: null });
    expect(verdictOf(null, 'connecting', 1_000, 6_000)).toMatchObject({ status: 'STALE', lead: null });
    expect(verdictOf(null, 'lost', 1_000, 1_001)).toMatchObject({ status: 'STALE', lead: null });
  });

  it('CORE-41 the watcher’s own clock has no say: only time that has passed since the news came', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e12 }),
        fc.integer({ min: 0, max: 60_000 }),
        (arrived, passed) => {
          const { status } = verdictOf(news(sla(), arrived), 'open', 0, arrived + passed);
          expect(status === 'STALE').toBe(passed >= 5_000);
        },
      ),
    );
  });

  it('CORE-40 of several policies the worst decides, and among equals the first', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STATUSES), { minLength: 1, maxLength: 6 }), (statuses) => {
        const slas = statuses.map((status, i) =>
          sla({ status, policy: { ...sla().policy, name: `p${i}` } }),
        ) as [ReturnType<typeof sla>];
        const worst = ['LATE', 'AT_RISK', 'ON_TIME', 'QUIET'].find((status) =>
          statuses.includes(status as (typeof STATUSES)[number]),
        );
        expect(worstOf(slas).policy.name).toBe(`p${statuses.findIndex((status) => status === worst)}`);
      }),
    );
  });
});

describe('the sentence', () => {
  const of = (changes: Parameters<typeof sla>[0]): string =>
    plain(sentenceOf(verdictOf(news(sla(changes)), 'open', 0, 10_000)));

  it.each([
    [{}, 'All 1,204 on time, nothing overdue.'],
    [{ good: 0, rate: null }, 'None judged yet, nothing overdue.'],
    [{ good: 1_204, bad: 2, rate: 0.9983 }, '99.8 % on time, nothing overdue.'],
    [{ status: 'AT_RISK', bad: 2, rate: 0.9983 }, '99.8 % on time, nothing overdue yet.'],
    [{ status: 'LATE', good: 912, bad: 88, rate: 0.912, overdue: 73 }, '91.2 % on time, 73 overdue.'],
    [{ status: 'QUIET', waiting: 0, dueSoon: 0 }, 'Nothing is due, and nothing is overdue.'],
    [
      { status: 'LATE', policy: { ...sla().policy, name: 'pro' }, bad: 1, rate: 0.98, overdue: 1 },
      'pro: 98.0 % on time, 1 overdue.',
    ],
  ] as const)('CORE-41 %j is told as %s', (changes, words) => expect(of(changes)).toBe(words));

  it('CORE-41 "nothing overdue" is said exactly when nothing is, and "all on time" exactly when none was bad', () => {
    const figures = fc.record({
      status: fc.constantFrom('ON_TIME', 'AT_RISK', 'LATE'),
      overdue: fc.nat(2_000),
      good: fc.nat(2_000),
      bad: fc.nat(3),
    });
    fc.assert(
      fc.property(figures, ({ status, overdue, good, bad }) => {
        const rate = good + bad === 0 ? null : good / (good + bad);
        const sentence = of({ status, overdue, good, bad, rate });
        expect(sentence.includes('nothing overdue')).toBe(overdue === 0);
        expect(/^(All|The only)/.test(sentence)).toBe(good > 0 && bad === 0);
      }),
    );
  });

  it('CORE-41 the tab says it in the words that fit into it', () => {
    const title = (verdict: Verdict): string => plain(titleOf(verdict));
    expect(title(verdictOf(news(sla({ status: 'LATE', rate: 0.912 })), 'open', 0, 10_000))).toBe(
      'LATE 91.2 % · Punctual',
    );
    expect(title(verdictOf(news(), 'lost', 0, 10_000))).toBe('STALE · Punctual');
    expect(title({ status: null })).toBe('Punctual');
  });

  it('CORE-41 a change of status is announced, a change of figures is not', () => {
    const late = verdictOf(news(sla({ status: 'LATE', rate: 0.9, bad: 10, overdue: 3 })), 'open', 0, 10_000);
    expect(announcementOf('ON_TIME', late)).toMatch(/^Late\. 90\.0/);
    expect(announcementOf('LATE', late)).toBeNull();
    expect(announcementOf(null, { status: null })).toBeNull();
  });
});

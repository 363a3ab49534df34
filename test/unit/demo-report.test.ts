import { describe, expect, it } from '@jest/globals';

import { advisorCsvs } from '../../src/cli/demo-data.js';
import type { DeliveryRecord, LedgerLine } from '../../src/cli/demo-report.js';
import { busiestSecond, report, reportLines } from '../../src/cli/demo-report.js';

const DUE = 1_000_000;
let seq = 0;

function line(
  key: string,
  at: number,
  answer = 'ACCEPTED',
  messageId: string | null = `wamid.${key}`,
): LedgerLine {
  seq += 1;
  return { seq, at, key, answer, messageId: answer === 'ACCEPTED' ? messageId : null };
}

function sent(key: string, latenessMs = 20, refusals = 0): DeliveryRecord {
  const refused = { outcome: 'REFUSED', messageId: null, latenessMs: null };
  const accepted = { outcome: 'ACCEPTED', messageId: `wamid.${key}`, latenessMs };
  return {
    key,
    state: 'SENT',
    dueAt: DUE,
    attempts: [...Array<typeof refused>(refusals).fill(refused), accepted],
  };
}

function judge(deliveries: DeliveryRecord[], ledger: LedgerLine[], limitPerSecond = 80) {
  return report({
    deliveries,
    ledger,
    planned: deliveries.length,
    limitPerSecond,
    targetLatenessMs: 300_000,
  });
}

describe('the demo’s report', () => {
  it('INV-1 INV-2 INV-3 finds nothing where ledger and database agree, retries included', () => {
    const result = judge(
      [sent('a'), sent('b', 5020, 1)],
      [line('a', DUE), line('b', DUE, 'ERROR'), line('b', DUE + 5000)],
    );
    expect(result).toMatchObject({
      sent: 2,
      attempts: 3,
      onTimeRate: 1,
      broken: [],
      provider: { accepted: 2, requests: 3, errors: 1 },
    });
    expect(result.lateness).toEqual({ p50: 20, p95: 5020, p99: 5020, max: 5020 });
    expect(reportLines(result).at(-1)).toBe('Every promise was kept.');
  });

  it('INV-3 finds a request before the due instant, by a fraction of a millisecond', () => {
    expect(judge([sent('a')], [line('a', DUE - 0.01)])).toMatchObject({
      early: 1,
      broken: [expect.stringContaining('before')],
    });
  });

  it('INV-2 finds a second message, unless an attempt says that its outcome is unknown', () => {
    const twice = [line('a', DUE, 'ACCEPTED', 'wamid.0'), line('a', DUE + 1)];
    expect(judge([sent('a')], twice)).toMatchObject({ twice: 1 });
    const declared = sent('a');
    const unknown = { outcome: 'UNKNOWN', messageId: null, latenessMs: null };
    expect(judge([{ ...declared, attempts: [unknown, ...declared.attempts] }], twice)).toMatchObject({
      twice: 0,
      disagreements: 0,
    });
  });

  it('INV-1 finds what was neither accepted nor ended, and what is missing altogether', () => {
    const stuck = { ...sent('a'), state: 'SENDING' };
    expect(judge([stuck], [line('a', DUE)])).toMatchObject({ lost: 1 });
    const evidence = { deliveries: [], ledger: [], planned: 2, limitPerSecond: 80, targetLatenessMs: 1 };
    expect(report(evidence)).toMatchObject({ lost: 2, onTimeRate: 0, lateness: null });
  });

  it('finds a line without an attempt, an attempt without a line, and another message id', () => {
    expect(judge([sent('a')], [line('a', DUE), line('a', DUE, 'ERROR')]).disagreements).toBe(1);
    expect(judge([sent('a')], []).disagreements).toBe(1);
    expect(judge([sent('a')], [line('a', DUE, 'ACCEPTED', 'wamid.other')]).disagreements).toBe(1);
  });

  it('CORE-21 counts every half-open sliding second, others’ requests too', () => {
    expect(busiestSecond([0, 999.999, 1000, 1999])).toBe(3);
    expect(busiestSecond([])).toBe(0);
    const ledger = [line('other', DUE), line('a', DUE + 500)];
    expect(judge([sent('a')], ledger, 1)).toMatchObject({
      provider: { busiestSecond: 2 },
      broken: [expect.stringContaining('limit')],
    });
  });
});

describe('the demo’s data', () => {
  it('is numbers set aside for fiction, in files that fit into a request', () => {
    const files = advisorCsvs(2000);
    const rows = files.flatMap((file) => file.trimEnd().split('\n').slice(1));
    expect(rows).toHaveLength(2000);
    expect(new Set(rows.map((row) => row.split(',')[2])).size).toBe(2000);
    for (const row of rows)
      expect(row).toMatch(/^demo-\d{5},Advisor \d{5},\+1\d{3}55501\d\d,(PRO|STANDARD|FREE)$/);
    for (const file of files) expect(file.length).toBeLessThan(200_000);
  });
});

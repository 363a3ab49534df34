import { describe, expect, it } from '@jest/globals';
import { ObjectId } from '@mikro-orm/mongodb';
import { noticesFor, type NoticeTarget } from '../../src/core/alerts/notices.js';
import { alertDoc } from '../support/alert-doc.js';

const MAIL: NoticeTarget = { kind: 'EMAIL', to: 'ann@example.org' };
const HOOK: NoticeTarget = { kind: 'WEBHOOK', to: 'https://example.org/hook' };

const opened = alertDoc({
  _id: new ObjectId('65f000000000000000000001'),
  openedAt: new Date('2026-11-23T06:00:00Z'),
  updatedAt: new Date('2026-11-23T06:00:00Z'),
});
const resolved = alertDoc({
  ...opened,
  state: 'RESOLVED',
  openKey: null,
  acknowledgedAt: new Date('2026-11-23T06:01:00Z'),
  acknowledgedBy: 'ops',
  resolvedAt: new Date('2026-11-23T06:02:00Z'),
  updatedAt: new Date('2026-11-23T06:02:00Z'),
});

describe('notices of alerts', () => {
  it('CORE-42 are one for each target, due at the change, under ids that differ', () => {
    const both = [
      ...noticesFor(opened, 'OPENED', [MAIL, { ...MAIL, to: 'bob@example.org' }, HOOK]),
      ...noticesFor(resolved, 'RESOLVED', [MAIL]),
    ];
    expect(both.map(({ kind, change, to, state, attempts }) => [kind, change, to, state, attempts])).toEqual([
      ['EMAIL', 'OPENED', 'ann@example.org', 'PENDING', 0],
      ['EMAIL', 'OPENED', 'bob@example.org', 'PENDING', 0],
      ['WEBHOOK', 'OPENED', 'https://example.org/hook', 'PENDING', 0],
      ['EMAIL', 'RESOLVED', 'ann@example.org', 'PENDING', 0],
    ]);
    expect(both.map(({ nextAt }) => nextAt.getTime())).toEqual([
      ...Array.from({ length: 3 }, () => opened.openedAt.getTime()),
      resolved.resolvedAt?.getTime(),
    ]);
    expect(new Set(both.map(({ _id }) => _id)).size).toBe(4);
    expect(noticesFor(opened, 'OPENED', [])).toEqual([]);
  });

  it('CORE-42 SEC-7 the same change has the same id, which holds no address and fits a header', () => {
    const [once] = noticesFor(opened, 'OPENED', [MAIL]);
    const [again] = noticesFor({ ...opened, message: 'worse' }, 'OPENED', [MAIL]);
    expect(again?._id).toBe(once?._id);
    expect(once?._id).toMatch(/^65f000000000000000000001-opened-email-[0-9a-f]{12}$/);
  });

  it('CORE-42 a mail says what, how much and since when', () => {
    const [mail] = noticesFor(opened, 'OPENED', [MAIL]);
    expect(mail?.content).toEqual({
      kind: 'EMAIL',
      subject: '[CRITICAL] The queue general has 1,204 deliveries waiting.',
      text: `The queue general has 1,204 deliveries waiting.

  Severity  CRITICAL
  Source    health
  Opened    2026-11-23T06:00:00.000Z
  Alert     65f000000000000000000001 (health.backlog|general)

Figures
  waiting  1204
  limit    1000
`,
    });
  });

  it('CORE-42 one of the end says when, and by whom', () => {
    const [mail] = noticesFor({ ...resolved, figures: null }, 'RESOLVED', [MAIL]);
    expect(mail?.content).toMatchObject({
      subject: '[RESOLVED] The queue general has 1,204 deliveries waiting.',
      text: expect.stringMatching(
        / {2}Acknowledged {2}2026-11-23T06:01:00.000Z by ops\n {2}Resolved {6}2026-11-23T06:02:00.000Z\n/,
      ),
    });
    expect(mail?.content).not.toMatchObject({ text: expect.stringContaining('Figures') });
  });

  it('a subject is one line of bounded length, whatever the message is', () => {
    const [mail] = noticesFor({ ...opened, message: `one\r\ntwo ${'x'.repeat(500)}` }, 'OPENED', [MAIL]);
    const { subject } = mail?.content as { subject: string };
    expect(subject).toMatch(/^\[CRITICAL\] one two x+…$/);
    expect(subject).toHaveLength(150);
  });

  it('CORE-42 a webhook carries the alert as data', () => {
    const [hook] = noticesFor(resolved, 'RESOLVED', [HOOK]);
    expect(hook?.content).toEqual({
      kind: 'JSON',
      body: {
        type: 'alert.resolved',
        timestamp: '2026-11-23T06:02:00.000Z',
        data: {
          id: '65f000000000000000000001',
          key: 'health.backlog|general',
          severity: 'CRITICAL',
          state: 'RESOLVED',
          source: 'health',
          message: 'The queue general has 1,204 deliveries waiting.',
          figures: { waiting: 1204, limit: 1000 },
          openedAt: '2026-11-23T06:00:00.000Z',
          acknowledgedAt: '2026-11-23T06:01:00.000Z',
          acknowledgedBy: 'ops',
          resolvedAt: '2026-11-23T06:02:00.000Z',
          resolvedBy: null,
        },
      },
    });
  });
});

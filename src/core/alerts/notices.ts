import { createHash } from 'node:crypto';
import type { Content } from '../channel/channel.js';
import type { AlertDoc } from './alert.entity.js';
import type { NoticeChange, NoticeDoc, NoticeKind } from './notice.entity.js';

/** Somebody who is told of alerts. */
export interface NoticeTarget {
  readonly kind: NoticeKind;
  /** In the form of the channel. */
  readonly to: string;
}

/** Longest subject of a mail, in characters; a longer message is cut there. */
const SUBJECT_LENGTH = 150;

/**
 * The notices of a change, one for each target, to be inserted in the transaction that makes it. The same change and
 * target give the same `_id`.
 * @param alert as it is after the change
 */
export function noticesFor(
  alert: AlertDoc,
  change: NoticeChange,
  targets: readonly NoticeTarget[],
): NoticeDoc[] {
  const at = instantOf(alert, change);
  return targets.map(({ kind, to }) => ({
    _id: noticeId(alert, change, kind, to),
    alert: alert._id,
    change,
    kind,
    to,
    content: kind === 'EMAIL' ? mailOf(alert, change) : webhookOf(alert, change),
    state: 'PENDING',
    attempts: 0,
    nextAt: at,
    lastError: null,
    createdAt: at,
    forgetAt: null,
  }));
}

/** What makes it the only one, in characters that both a `Message-ID` and a `webhook-id` take; the address is not in it. */
function noticeId(alert: AlertDoc, change: NoticeChange, kind: NoticeKind, to: string): string {
  const receiver = createHash('sha256').update(to).digest('hex').slice(0, 12);
  return [alert._id.toHexString(), change.toLowerCase(), kind.toLowerCase(), receiver].join('-');
}

function instantOf(alert: AlertDoc, change: NoticeChange): Date {
  return change === 'OPENED' ? alert.openedAt : (alert.resolvedAt ?? alert.updatedAt);
}

function mailOf(alert: AlertDoc, change: NoticeChange): Content {
  const line = alert.message.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  const subject = `[${change === 'OPENED' ? alert.severity : 'RESOLVED'}] ${line}`;
  const rows: [string, string][] = [
    ['Severity', alert.severity],
    ['Source', alert.source],
    ['Opened', alert.openedAt.toISOString()],
  ];
  if (alert.acknowledgedAt) rows.push(['Acknowledged', byWhom(alert.acknowledgedAt, alert.acknowledgedBy)]);
  if (alert.resolvedAt) rows.push(['Resolved', byWhom(alert.resolvedAt, alert.resolvedBy)]);
  rows.push(['Alert', `${alert._id.toHexString()} (${alert.key})`]);
  const figures = Object.entries(alert.figures ?? {}).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const blocks = [alert.message, table(rows)];
  if (figures.length > 0) blocks.push(`Figures\n${table(figures)}`);
  return {
    kind: 'EMAIL',
    subject: subject.length > SUBJECT_LENGTH ? `${subject.slice(0, SUBJECT_LENGTH - 1).trimEnd()}…` : subject,
    text: `${blocks.join('\n\n')}\n`,
  };
}

function byWhom(at: Date, who: string | null): string {
  return who === null ? at.toISOString() : `${at.toISOString()} by ${who}`;
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

/** In the shape that Standard Webhooks recommends: type, timestamp, data. */
function webhookOf(alert: AlertDoc, change: NoticeChange): Content {
  return {
    kind: 'JSON',
    body: {
      type: `alert.${change.toLowerCase()}`,
      timestamp: instantOf(alert, change).toISOString(),
      data: {
        id: alert._id.toHexString(),
        key: alert.key,
        severity: alert.severity,
        state: alert.state,
        source: alert.source,
        message: alert.message,
        figures: alert.figures,
        openedAt: alert.openedAt.toISOString(),
        acknowledgedAt: alert.acknowledgedAt?.toISOString() ?? null,
        acknowledgedBy: alert.acknowledgedBy,
        resolvedAt: alert.resolvedAt?.toISOString() ?? null,
        resolvedBy: alert.resolvedBy,
      },
    },
  };
}

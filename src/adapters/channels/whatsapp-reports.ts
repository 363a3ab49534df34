import type { Report } from '../../core/outcome/receipt-state.js';
import { withoutAddresses } from './refusal.js';
import { fieldOf, listOf, textOf } from './untrusted-json.js';

/** Statuses that tell of a message of ours; Meta has others (`deleted`, `warning`), which do not concern deliveries. */
const KINDS: ReadonlyMap<unknown, Report['kind']> = new Map([
  ['sent', 'SENT'],
  ['delivered', 'DELIVERED'],
  ['read', 'READ'],
  ['failed', 'FAILED'],
]);

/** Of a reply so much is kept, in characters. */
const REPLY_LENGTH = 1000;

/** What a delivery's key looks like; `biz_opaque_callback_data` may also be another program's on the same number. */
const KEY = /^[0-9a-f]{24}$/;

/**
 * The reports in a webhook of the WhatsApp Cloud API: statuses of our messages, and replies to them. Whatever else is
 * in it (Meta sends many kinds, and adds to them) is left out. Instants are Meta's real time in whole seconds, so a
 * status may lie up to a second before the acceptance that it follows.
 */
export function readWhatsAppReports(body: unknown): Report[] {
  if (fieldOf(body, 'object') !== 'whatsapp_business_account') return [];
  return listOf(body, 'entry')
    .flatMap((entry) => listOf(entry, 'changes'))
    .filter((change) => fieldOf(change, 'field') === 'messages')
    .flatMap((change) => [
      ...listOf(change, 'value', 'statuses').map(statusReport),
      ...listOf(change, 'value', 'messages').map(replyReport),
    ])
    .filter((report) => report !== null);
}

function statusReport(status: unknown): Report | null {
  const kind = KINDS.get(fieldOf(status, 'status'));
  const at = instant(status);
  const messageId = textOf(status, 'id');
  if (kind === undefined || at === null || messageId === null) return null;
  const data = textOf(status, 'biz_opaque_callback_data');
  const key = data !== null && KEY.test(data) ? data : null;
  const report = { key, messageId, kind, at };
  return kind === 'FAILED' ? { ...report, detail: failure(fieldOf(status, 'errors', 0)) } : report;
}

/** A message from a recipient that answers one of ours. */
function replyReport(message: unknown): Report | null {
  const at = instant(message);
  const messageId = textOf(message, 'context', 'id');
  if (at === null || messageId === null) return null;
  return { key: null, messageId, kind: 'RESPONDED', at, detail: replyText(message).slice(0, REPLY_LENGTH) };
}

/** What was written, or the button that was pressed; else the kind of message: `image`. */
function replyText(message: unknown): string {
  return (
    textOf(message, 'text', 'body') ??
    textOf(message, 'button', 'text') ??
    textOf(message, 'interactive', 'button_reply', 'title') ??
    textOf(message, 'interactive', 'list_reply', 'title') ??
    textOf(message, 'type') ??
    'unknown'
  );
}

/** Meta's code and its reason: `131026 Message undeliverable`. */
function failure(error: unknown): string {
  const code = fieldOf(error, 'code');
  const reason = textOf(error, 'error_data', 'details') ?? textOf(error, 'title') ?? 'no reason given';
  return `${typeof code === 'number' ? `${code} ` : ''}${withoutAddresses(reason)}`;
}

/** Meta's `timestamp`: whole seconds since 1970, as text. */
function instant(value: unknown): Date | null {
  const seconds = textOf(value, 'timestamp');
  return seconds !== null && /^\d{1,11}$/.test(seconds) ? new Date(Number(seconds) * 1000) : null;
}

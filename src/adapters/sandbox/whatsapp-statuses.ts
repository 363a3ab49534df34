import { createHmac } from 'node:crypto';
import type { Gate } from './gate.js';
import { Purpose, roll } from './random.js';
import type { CallbackRequest, StatusCallbacks } from './status-callbacks.js';
import type { AcceptedMessage } from './whatsapp.js';
import { metaErrorTitle } from './whatsapp-errors.js';

const BUSINESS_ACCOUNT_ID = '102290129340398';
const DISPLAY_PHONE_NUMBER = '15550783881';
const ERROR_CODES_PAGE = 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/';

type Status = 'sent' | 'delivered' | 'read' | 'failed';

/** Something that happened to a message, at `at` (milliseconds since 1970). */
export interface WhatsAppEvent {
  readonly kind: Status | 'reply';
  readonly message: AcceptedMessage;
  readonly at: number;
}

/**
 * Schedules what becomes of an accepted message: `sent`, `delivered`, for some `read` and a reply, `statusDelayMs`
 * apart; or `failed`, where it turns out that there is no such recipient.
 */
export function reportWhatsApp(
  callbacks: StatusCallbacks<WhatsAppEvent>,
  gate: Gate,
  message: AcceptedMessage,
): void {
  const { statuses, statusDelayMs, statusDuplicateRate, statusShuffle, readRate, replyRate, seed } =
    gate.behaviour;
  if (!statuses || !callbacks.target) return;
  const { n } = message;
  const kinds: WhatsAppEvent['kind'][] = message.undeliverable ? ['failed'] : ['sent', 'delivered'];
  if (!message.undeliverable) {
    if (gate.strikes(n, Purpose.READ, readRate)) kinds.push('read');
    if (gate.strikes(n, Purpose.REPLY, replyRate)) kinds.push('reply');
  }
  const turn = statusShuffle ? Math.floor(roll(seed, n, Purpose.STATUS_ORDER) * kinds.length) : 0;
  const twice = gate.strikes(n, Purpose.STATUS_DUPLICATE, statusDuplicateRate);
  for (const [index, kind] of kinds.entries()) {
    // The order in which they happened stays in the timestamps; only when they are reported is turned round.
    const event: WhatsAppEvent = { kind, message, at: Date.now() + statusDelayMs * (index + 1) };
    const delay = statusDelayMs * (((index + turn) % kinds.length) + 1);
    callbacks.schedule(event, delay);
    if (twice) callbacks.schedule(event, delay + statusDelayMs);
  }
}

/** A webhook of the Cloud API with these events, signed over the raw body as Meta does. */
export function formatWhatsApp(events: readonly WhatsAppEvent[], appSecret: string): CallbackRequest {
  const changes = [...Map.groupBy(events, (event) => event.message.phoneNumberId)].flatMap(
    ([id, ofNumber]) => {
      const replies = ofNumber.filter((event) => event.kind === 'reply');
      const statuses = ofNumber.filter((event) => event.kind !== 'reply');
      return [
        ...(statuses.length > 0 ? [change(id, { statuses: statuses.map(formatStatus) })] : []),
        ...(replies.length > 0 ? [change(id, formatReplies(replies))] : []),
      ];
    },
  );
  const body = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: BUSINESS_ACCOUNT_ID, changes }],
  });
  const signature = createHmac('sha256', appSecret).update(body).digest('hex');
  return { body, headers: { 'x-hub-signature-256': `sha256=${signature}` } };
}

function change(phoneNumberId: string, content: object): object {
  const metadata = { display_phone_number: DISPLAY_PHONE_NUMBER, phone_number_id: phoneNumberId };
  return { field: 'messages', value: { messaging_product: 'whatsapp', metadata, ...content } };
}

function formatStatus({ kind, message, at }: WhatsAppEvent): object {
  const title = metaErrorTitle(131026);
  return {
    id: message.id,
    status: kind,
    timestamp: seconds(at),
    recipient_id: message.waId,
    ...(message.callbackData !== null && { biz_opaque_callback_data: message.callbackData }),
    ...(kind === 'failed' && {
      errors: [
        {
          code: 131026,
          title,
          message: title,
          error_data: { details: 'The recipient is not a WhatsApp user, or cannot receive this message.' },
          href: ERROR_CODES_PAGE,
        },
      ],
    }),
  };
}

function formatReplies(replies: readonly WhatsAppEvent[]): object {
  const waIds = new Set(replies.map(({ message }) => message.waId));
  return {
    contacts: [...waIds].map((waId) => ({ profile: { name: `Recipient ${waId.slice(-4)}` }, wa_id: waId })),
    messages: replies.map(({ message, at }) => ({
      context: { from: DISPLAY_PHONE_NUMBER, id: message.id },
      from: message.waId,
      // Derived from the message, so that a webhook that is sent twice carries the same event.
      id: `wamid.${Buffer.from(`reply:${message.id}`).toString('base64')}`,
      timestamp: seconds(at),
      type: 'text',
      text: { body: 'Thank you' },
    })),
  };
}

/** Meta's timestamps are whole seconds since 1970, as text. */
function seconds(at: number): string {
  return String(Math.floor(at / 1000));
}

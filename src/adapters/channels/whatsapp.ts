import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type {
  Channel,
  ChannelLimits,
  Content,
  OutgoingMessage,
  SendResult,
} from '../../core/channel/channel.js';
import { classifyFailure, classifyStatus } from './http-classification.js';
import { type HttpAnswer, HttpSender, type HttpSenderOptions } from './http-sender.js';
import { refusal, withoutAddresses } from './refusal.js';
import { fieldOf, parseJson, textOf } from './untrusted-json.js';
import { classOfMetaCode } from './whatsapp-errors.js';

/** Meta keeps it until July 2028. */
const API_VERSION = 'v25.0';

/** Meta's limit for a text, in characters. */
const TEXT_LENGTH = 4096;

/** Connections that are opened ahead of a wave: what 80 messages a second need at 200 ms each. */
const WARM_CONNECTIONS = 16;

/** However slow the provider is, a wave does not wait longer for its connections, in ms. */
const WARM_UP_MS = 5000;

export interface WhatsAppOptions {
  /** `https://graph.facebook.com`, or the sandbox's URL; a path in it is kept, a slash at its end does not matter. */
  readonly baseUrl: string;
  /** The Graph API's version, as `v25.0`; that one when omitted. */
  readonly apiVersion?: string;
  readonly accessToken: string;
  /** Meta's id of the number that the messages come from. */
  readonly phoneNumberId: string;
  readonly limits: ChannelLimits;
  /** The Cloud API takes no idempotency key, so that a message whose fate is unknown is either risked twice or held. */
  readonly onUnknownOutcome: Channel['onUnknownOutcome'];
  readonly http?: Pick<HttpSenderOptions, 'connections' | 'connectTimeoutMs' | 'keepAliveMs'>;
}

/** Template and text messages through Meta's WhatsApp Cloud API. */
export function createWhatsAppChannel(options: WhatsAppOptions): Channel {
  const base = new URL(options.baseUrl);
  const folder = base.pathname.replace(/\/+$/, '');
  const path = `${folder}/${options.apiVersion ?? API_VERSION}/${encodeURIComponent(options.phoneNumberId)}/messages`;
  const headers = { authorization: `Bearer ${options.accessToken}`, 'content-type': 'application/json' };
  const sender = new HttpSender(options.http);

  return {
    name: 'WHATSAPP',
    provider: 'whatsapp-cloud',
    limits: options.limits,
    idempotent: false,
    onUnknownOutcome: options.onUnknownOutcome,
    address: phoneAddress,
    check: checkContent,
    async send(message, signal) {
      const body = JSON.stringify(toCloudApi(message));
      const result = await sender.post({ origin: base.origin, path, headers, body }, signal);
      return result.kind === 'ANSWER' ? readAnswer(result) : classifyFailure(result.error, result.written);
    },
    warmUp: () => sender.open(base.origin, WARM_CONNECTIONS, AbortSignal.timeout(WARM_UP_MS)),
    close: () => sender.close(),
  };
}

/**
 * A phone number in international form, as E.164. The library reads a number out of nearly any text, adds countries
 * and drops extensions, so the form is checked first; one check costs about 10 µs.
 */
function phoneAddress(raw: string): ReturnType<Channel['address']> {
  if (!/^\+[1-9][\d ().-]{5,30}$/.test(raw)) {
    return { ok: false, problem: 'is not a phone number in international form, like +919876543210' };
  }
  const number = parsePhoneNumberFromString(raw, { extract: false });
  if (!number?.isValid()) return { ok: false, problem: 'is not a phone number that can exist' };
  return { ok: true, to: number.number };
}

function checkContent(content: Content): string | null {
  switch (content.kind) {
    case 'TEXT':
      if (content.text.trim() === '') return 'is empty';
      return content.text.length > TEXT_LENGTH ? `is longer than ${TEXT_LENGTH} characters` : null;
    case 'TEMPLATE':
      if (!/^[a-z0-9_]{1,512}$/.test(content.name)) {
        return 'has a template name with other characters than a-z, 0-9 and _';
      }
      if (!/^[A-Za-z]{2,3}(_[A-Za-z]{2,4})?$/.test(content.language)) {
        return 'has a language that is no code like en or en_US';
      }
      return content.components.every(({ type }) => typeof type === 'string')
        ? null
        : 'has a template component without a type';
    case 'JSON':
      return 'is JSON, which WhatsApp does not carry';
    case 'EMAIL':
      return 'is an e-mail, which WhatsApp does not carry';
  }
}

function toCloudApi({ key, to, content }: OutgoingMessage): object {
  const envelope = {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to,
    // Comes back in every status webhook, so that a status finds its delivery even before our outcome is written.
    biz_opaque_callback_data: key,
  };
  switch (content.kind) {
    case 'TEMPLATE': {
      const { name, language, components } = content;
      return { ...envelope, type: 'template', template: { name, language: { code: language }, components } };
    }
    case 'TEXT':
      return { ...envelope, type: 'text', text: { preview_url: false, body: content.text } };
    case 'JSON':
    case 'EMAIL':
      // `check` refuses it when the delivery is accepted; what gets here is a bug of ours.
      throw new TypeError(`WhatsApp does not carry ${content.kind}`);
  }
}

function readAnswer(answer: HttpAnswer): SendResult {
  const body = parseJson(answer.body);
  if (answer.status >= 200 && answer.status < 300) {
    const id = textOf(body, 'messages', 0, 'id');
    if (id !== null) return { outcome: 'ACCEPTED', messageId: id };
    // A success without an id: cut short, or not Meta's. It may have been accepted, or never have come that far.
    return refusal('UNKNOWN', String(answer.status), 'the answer was a success without a message id');
  }
  const byStatus = classifyStatus(answer.status);
  const code = fieldOf(body, 'error', 'code');
  const said = textOf(body, 'error', 'error_data', 'details') ?? textOf(body, 'error', 'message');
  const message = said === null ? `the provider answered ${answer.status}` : withoutAddresses(said);
  // Without a code it is not Meta's answer but that of something before it, such as a proxy.
  if (typeof code !== 'number') return refusal(byStatus, String(answer.status), message, answer.retryAfterMs);
  return refusal(classOfMetaCode(code) ?? byStatus, String(code), message, answer.retryAfterMs);
}

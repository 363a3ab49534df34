import { isIP } from 'node:net';
import type { Channel, ChannelLimits, Content, SendResult } from '../../core/channel/channel.js';
import { classifyFailure, classifyStatus } from './http-classification.js';
import { type HttpAnswer, HttpSender, type HttpSenderOptions } from './http-sender.js';
import { isPublicAddress, publicAddresses } from './public-address.js';
import { refusal } from './refusal.js';
import { readWebhookSecrets, signWebhook } from './webhook-signature.js';

/** Longest URL, in characters. */
const URL_LENGTH = 2048;

/** Largest payload, in bytes: what receivers of webhooks usually take. */
const BODY_BYTES = 256 * 1024;

export interface WebhookOptions {
  /** `whsec_...`, the newest first; two while receivers go from one to the next. */
  readonly secrets: readonly string[];
  /** For tests and development: lets it reach private addresses, and over plain http. */
  readonly allowPrivate: boolean;
  /** When omitted, none: each receiver has its own. */
  readonly limits?: ChannelLimits;
  /** Real time in ms since 1970, which receivers check the signature's age by: `Clock.realNow`. */
  readonly realNow: () => number;
  readonly http?: Pick<HttpSenderOptions, 'connections' | 'connectTimeoutMs' | 'keepAliveMs'>;
}

/**
 * Deliveries to somebody's own HTTP endpoint, signed as Standard Webhooks says (SEC-5). `webhook-id` is the delivery's
 * key, the same in every attempt, by which a receiver drops repetitions: so the channel is idempotent.
 *
 * @throws PunctualError CONFIG_INVALID for a bad secret
 */
export function createWebhookChannel(options: WebhookOptions): Channel {
  const secrets = readWebhookSecrets(options.secrets);
  const { allowPrivate, realNow } = options;
  const sender = new HttpSender({ ...options.http, ...(!allowPrivate && { guard: publicAddresses }) });

  return {
    name: 'WEBHOOK',
    provider: 'webhook',
    limits: options.limits ?? { zone: 'UTC' },
    idempotent: true,
    onUnknownOutcome: 'RETRY',
    address: (raw) => webhookAddress(raw, allowPrivate),
    check: checkContent,
    async send({ key, to, content }, signal) {
      const { type, body } = encode(content);
      const { origin, pathname, search } = new URL(to);
      const timestamp = Math.floor(realNow() / 1000);
      const headers = {
        'content-type': type,
        'user-agent': 'Punctual',
        'webhook-id': key,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signWebhook(secrets, key, timestamp, body),
      };
      const result = await sender.post({ origin, path: pathname + search, headers, body }, signal);
      return result.kind === 'ANSWER' ? readAnswer(result) : classifyFailure(result.error, result.written);
    },
    close: () => sender.close(),
  };
}

function webhookAddress(raw: string, allowPrivate: boolean): ReturnType<Channel['address']> {
  const bad = (problem: string) => ({ ok: false, problem }) as const;
  if (raw.length > URL_LENGTH) return bad(`is longer than ${URL_LENGTH} characters`);
  if (!URL.canParse(raw)) return bad('is not a URL');
  const url = new URL(raw);
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) {
    return bad(allowPrivate ? 'is not an http or https URL' : 'is not an https URL');
  }
  if (url.username !== '' || url.password !== '') return bad('holds a user name or a password');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host))
    return bad('is not on the public internet');
  url.hash = ''; // Is not sent, and two addresses that differ in it are one.
  return { ok: true, to: url.href };
}

function checkContent(content: Content): string | null {
  if (content.kind === 'TEMPLATE') return 'is a template, which a webhook does not carry';
  if (content.kind === 'EMAIL') return 'is an e-mail, which a webhook does not carry';
  return Buffer.byteLength(encode(content).body) > BODY_BYTES ? `is larger than ${BODY_BYTES} bytes` : null;
}

function encode(content: Content): { type: string; body: string } {
  switch (content.kind) {
    case 'JSON':
      return { type: 'application/json', body: JSON.stringify(content.body) };
    case 'TEXT':
      return { type: 'text/plain; charset=utf-8', body: content.text };
    case 'TEMPLATE':
    case 'EMAIL':
      // `check` refuses it when the delivery is accepted; what gets here is a bug of ours.
      throw new TypeError(`a webhook does not carry ${content.kind}`);
  }
}

/** The status is all of the answer: a body that is cut short, or as long as it likes, changes nothing. */
function readAnswer({ status, retryAfterMs }: HttpAnswer): SendResult {
  if (status >= 200 && status < 300) return { outcome: 'ACCEPTED', messageId: null };
  const code = String(status);
  if (status >= 300 && status < 400) {
    return refusal('PERMANENT', code, `the receiver answered ${code}, and redirects are not followed`);
  }
  const errorClass = classifyStatus(status);
  const message = `the receiver answered ${code}`;
  // One receiver's 401 says nothing about the others, so it must not stop the channel for all of them.
  return refusal(errorClass === 'UNAUTHORISED' ? 'PERMANENT' : errorClass, code, message, retryAfterMs);
}

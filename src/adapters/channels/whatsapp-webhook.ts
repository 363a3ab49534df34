import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { InboundWebhook, WebhookAnswer } from '../../core/channel/inbound-webhook.js';
import { type ErrorCode, PunctualError } from '../../core/errors.js';
import type { Report } from '../../core/outcome/receipt-state.js';
import { parseJson } from './untrusted-json.js';
import { readWhatsAppReports } from './whatsapp-reports.js';

const SIGNATURE_HEADER = 'x-hub-signature-256';

const RECEIVED: WebhookAnswer = { status: 200, body: '{"received":true}' };

export interface WhatsAppWebhookOptions {
  /** Meta signs with it. */
  readonly appSecret: string;
  /** Meta shows it when the address is set up; any text that was agreed upon there. */
  readonly verifyToken: string;
  /** `core.receipts`. */
  readonly receipts: { apply(reports: readonly Report[]): Promise<unknown> };
}

/**
 * The status and message webhooks of the WhatsApp Cloud API (CORE-46). Meta sends them at least once, in any order and
 * many in one request, and again for a week until it is answered 200; the core applies each once.
 *
 * @throws PunctualError CONFIG_INVALID for an empty secret or token, with which anybody could sign
 */
export function createWhatsAppWebhook(options: WhatsAppWebhookOptions): InboundWebhook {
  const { appSecret, verifyToken, receipts } = options;
  if (appSecret === '') throw new PunctualError('CONFIG_INVALID', 'WHATSAPP_APP_SECRET is empty');
  if (verifyToken === '') throw new PunctualError('CONFIG_INVALID', 'WHATSAPP_VERIFY_TOKEN is empty');
  return {
    path: '/webhooks/whatsapp',

    handleGet(query) {
      const challenge = query.get('hub.challenge') ?? '';
      if (
        query.get('hub.mode') !== 'subscribe' ||
        !sameText(query.get('hub.verify_token') ?? '', verifyToken)
      ) {
        return problem(403, 'UNAUTHENTICATED', 'hub.verify_token', 'is not the token that was agreed upon');
      }
      // Plain text, or a browser might take a made-up challenge for a page of ours.
      return { status: 200, contentType: 'text/plain; charset=utf-8', body: challenge };
    },

    async handlePost(rawBody, headers) {
      const signature = headers[SIGNATURE_HEADER];
      if (signature === undefined || signature === '') {
        return problem(401, 'INVALID_SIGNATURE', SIGNATURE_HEADER, 'is missing');
      }
      if (typeof signature !== 'string' || !isSignature(signature, rawBody, appSecret)) {
        return problem(401, 'INVALID_SIGNATURE', SIGNATURE_HEADER, 'does not match the body');
      }
      const body = parseJson(rawBody.toString('utf8'));
      if (body === undefined) return problem(400, 'MALFORMED_REQUEST', 'body', 'is not JSON');
      const reports = readWhatsAppReports(body);
      if (reports.length > 0) await receipts.apply(reports);
      return RECEIVED;
    },
  };
}

/** `sha256=` and the HMAC of the raw bytes in hex; compared in constant time. */
function isSignature(signature: string, rawBody: Buffer, secret: string): boolean {
  const hex = /^sha256=([0-9a-f]{64})$/i.exec(signature)?.[1];
  if (hex === undefined) return false;
  return timingSafeEqual(Buffer.from(hex, 'hex'), createHmac('sha256', secret).update(rawBody).digest());
}

/** In constant time, whatever the lengths: their hashes are compared. */
function sameText(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}

function problem(status: number, code: ErrorCode, path: string, message: string): WebhookAnswer {
  return { status, body: JSON.stringify({ code, path, message }) };
}

import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isRecord, parseJson } from './http-body.js';
import type { Acceptance, Answer, HttpProtocol, Reading } from './protocol.js';
import { badToken, metaError, metaFailure, tooMany } from './whatsapp-errors.js';

/** Messages a second that the Cloud API takes from one phone number. */
const MESSAGES_PER_SECOND = 80;

const PATH = /^\/v\d+\.\d+\/([A-Za-z0-9_-]+)\/messages$/;

/** By convention these numbers are nobody's: the request is refused with 131026. */
const UNKNOWN_AT_ONCE = '0404';
/** By convention these too, but the sandbox finds out later: accepted, then a `failed` status with 131026. */
const UNKNOWN_LATER = '0410';

const CALLBACK_DATA_LENGTH = 512;
const TEXT_LENGTH = 4096;

/** A message that was accepted, as its statuses need it. */
export interface AcceptedMessage {
  /** Number of the request in its channel, for `Gate.strikes`. */
  readonly n: number;
  readonly id: string;
  readonly phoneNumberId: string;
  /** The recipient: E.164 without plus. */
  readonly waId: string;
  readonly callbackData: string | null;
  /** Whether it is found out later that there is no such recipient. */
  readonly undeliverable: boolean;
}

export interface WhatsAppOptions {
  /** The only token that is accepted. When omitted, every token is, but an empty one and `invalid`. */
  readonly accessToken?: string | undefined;
  /** Called once for each accepted message. */
  readonly onAccepted: (message: AcceptedMessage) => void;
}

/** The WhatsApp Cloud API: `POST /vN.0/PHONE_NUMBER_ID/messages`, templates and texts. */
export function whatsAppCloudApi(options: WhatsAppOptions): HttpProtocol {
  // Ids must not repeat after a restart of the sandbox: Punctual may still have those of the run before.
  const run = randomBytes(6).toString('hex').toUpperCase();
  let accepted = 0;

  function accept(n: number, phoneNumberId: string, message: ReadMessage): Acceptance {
    accepted += 1;
    const id = `wamid.${Buffer.from(`${message.waId}:${run}:${accepted}`).toString('base64')}`;
    options.onAccepted({
      n,
      id,
      phoneNumberId,
      waId: message.waId,
      callbackData: message.key,
      undeliverable: message.waId.endsWith(UNKNOWN_LATER),
    });
    const body = {
      messaging_product: 'whatsapp',
      contacts: [{ input: message.input, wa_id: message.waId }],
      messages: [{ id, message_status: 'accepted' }],
    };
    return { answer: { status: 200, body: JSON.stringify(body) }, messageId: id };
  }

  return {
    channel: 'whatsapp',
    defaults: { throttlePerSecond: MESSAGES_PER_SECOND },
    claims: (method, path) => method === 'POST' && PATH.test(path),
    read(request, body): Reading {
      const message = readMessage(parseJson(body.toString('utf8')));
      const phoneNumberId = PATH.exec(request.url?.split('?', 1)[0] ?? '')?.[1] ?? '';
      const refusal = checkToken(request, options.accessToken) ?? message.refusal;
      return {
        to: message.waId === '' ? null : `+${message.waId}`,
        key: message.key,
        ...(refusal && { refusal }),
        accept: (n) => accept(n, phoneNumberId, message),
      };
    },
    throttled: (limit, retryAfterSeconds) =>
      limit === 'RECIPIENT'
        ? tooMany(131056, 'Too many messages were sent to this recipient in a short time.', retryAfterSeconds)
        : tooMany(
            130429,
            'Too many messages were sent from this phone number in a short time.',
            retryAfterSeconds,
          ),
    failed: metaFailure,
  };
}

function checkToken(request: IncomingMessage, expected: string | undefined): Answer | undefined {
  const token = /^Bearer\s+(\S+)\s*$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return badToken('An access token is required to request this resource.');
  const good = expected === undefined ? token !== 'invalid' : token === expected;
  return good ? undefined : badToken('Invalid OAuth access token - Cannot parse access token');
}

interface ReadMessage {
  /** The recipient as it was given. */
  readonly input: string;
  /** The recipient: E.164 without plus; empty where none can be made out. */
  readonly waId: string;
  readonly key: string | null;
  readonly refusal: Answer | undefined;
}

function readMessage(body: unknown): ReadMessage {
  if (!isRecord(body)) {
    const refusal = metaError(400, 100, 'The request body is not a JSON object.');
    return { input: '', waId: '', key: null, refusal };
  }
  const input = typeof body['to'] === 'string' ? body['to'] : '';
  const waId = toWhatsAppId(input);
  const data = body['biz_opaque_callback_data'];
  return { input, waId, key: typeof data === 'string' ? data : null, refusal: findFault(body, waId) };
}

/** Digits of a phone number that is written in international form; empty where it is not one. */
function toWhatsAppId(input: string): string {
  const digits = input.replace(/[\s().+-]/g, '');
  return /^[1-9]\d{6,14}$/.test(digits) ? digits : '';
}

function findFault(body: Record<string, unknown>, waId: string): Answer | undefined {
  const invalid = (details: string): Answer => metaError(400, 100, details);
  const type = body['type'] ?? 'text';
  const data = body['biz_opaque_callback_data'];
  if (body['messaging_product'] !== 'whatsapp')
    return invalid("Parameter 'messaging_product' must be 'whatsapp'.");
  if (body['recipient_type'] !== undefined && body['recipient_type'] !== 'individual') {
    return invalid("Parameter 'recipient_type' must be 'individual'.");
  }
  if (waId === '') return invalid("Parameter 'to' must be a phone number with its country code.");
  if (data !== undefined && (typeof data !== 'string' || data.length > CALLBACK_DATA_LENGTH)) {
    return invalid(
      `Parameter 'biz_opaque_callback_data' must be a string of at most ${CALLBACK_DATA_LENGTH} characters.`,
    );
  }
  if (typeof type !== 'string') return invalid("Parameter 'type' must be a string.");
  if (type !== 'template' && type !== 'text') {
    return metaError(400, 131051, `Message type '${type.slice(0, 40)}' is not supported.`);
  }
  const fault = type === 'template' ? templateFault(body['template']) : textFault(body['text']);
  if (fault !== undefined) return invalid(fault);
  if (waId.endsWith(UNKNOWN_AT_ONCE)) {
    return metaError(400, 131026, 'The recipient is not a WhatsApp user, or cannot receive this message.');
  }
  return undefined;
}

function templateFault(template: unknown): string | undefined {
  if (!isRecord(template)) return "Parameter 'template' is required for messages of type 'template'.";
  const { name, language, components } = template;
  if (typeof name !== 'string' || name === '') return "Parameter 'template.name' is required.";
  const code = isRecord(language) ? language['code'] : undefined;
  if (typeof code !== 'string' || code === '') return "Parameter 'template.language.code' is required.";
  if (components !== undefined && !(Array.isArray(components) && components.every(isRecord))) {
    return "Parameter 'template.components' must be an array of objects.";
  }
  return undefined;
}

function textFault(text: unknown): string | undefined {
  const body = isRecord(text) ? text['body'] : undefined;
  if (typeof body !== 'string' || body === '')
    return "Parameter 'text.body' is required for messages of type 'text'.";
  return body.length > TEXT_LENGTH
    ? `Parameter 'text.body' must be at most ${TEXT_LENGTH} characters.`
    : undefined;
}

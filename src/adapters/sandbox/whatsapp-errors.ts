import { randomBytes } from 'node:crypto';
import type { Answer } from './protocol.js';

/** The errors of the Cloud API that the sandbox can answer with: code and title as Meta documents them. */
const TITLES = {
  2: 'Service temporarily unavailable',
  10: 'Permission denied',
  100: 'Invalid parameter',
  130429: 'Rate limit hit',
  131000: 'Something went wrong',
  131026: 'Message undeliverable',
  131051: 'Unsupported message type',
  131056: '(Business Account, Consumer Account) pair rate limit hit',
} as const;
type MetaErrorCode = keyof typeof TITLES;

/** Title of an error, as webhooks carry it. */
export function metaErrorTitle(code: MetaErrorCode): string {
  return TITLES[code];
}

/** An answer in the shape of the Graph API's errors. */
export function metaError(
  status: number,
  code: MetaErrorCode,
  details: string,
  headers?: Readonly<Record<string, string>>,
): Answer {
  const error = {
    message: `(#${code}) ${TITLES[code]}`,
    type: 'OAuthException',
    code,
    error_data: { messaging_product: 'whatsapp', details },
    fbtrace_id: traceId(),
  };
  const body = JSON.stringify({ error });
  return headers ? { status, body, headers } : { status, body };
}

/** The Graph API's answer to a missing or bad access token. It comes from the layer before WhatsApp: no `error_data`. */
export function badToken(message: string): Answer {
  const error = { message, type: 'OAuthException', code: 190, fbtrace_id: traceId() };
  return {
    status: 401,
    body: JSON.stringify({ error }),
    headers: { 'www-authenticate': `OAuth "Facebook Platform" "invalid_token" "${message}"` },
  };
}

/** Meta's error for a status that the sandbox has been told to answer with. */
export function metaFailure(status: number, retryAfterSeconds: number): Answer {
  switch (status) {
    case 401:
      return badToken('Error validating access token: the session has expired.');
    case 403:
      return metaError(status, 10, 'The app does not have the permission for this.');
    case 429:
      return tooMany(
        130429,
        'Too many messages were sent from this phone number in a short time.',
        retryAfterSeconds,
      );
    case 413:
      return metaError(status, 100, 'The request body is larger than 256 kB.');
    case 502:
    case 503:
    case 504:
      return metaError(status, 2, 'The service is down or overloaded; try again later.');
    default:
      return status < 500
        ? metaError(status, 100, 'The sandbox was told to refuse this request.')
        : metaError(status, 131000, 'An unknown error kept the message from being sent.');
  }
}

export function tooMany(code: 130429 | 131056, details: string, retryAfterSeconds: number): Answer {
  return metaError(429, code, details, { 'retry-after': String(retryAfterSeconds) });
}

function traceId(): string {
  return `A${randomBytes(16).toString('base64url')}`;
}

import { MASK, maskAddress, maskAddressesIn } from './core/access/mask.js';

const PASSWORD_IN_URL = /([a-z][a-z+]*:\/\/)[^\s/@"]*:[^\s/@"]*@/gi;
const API_KEY = /\b(pk_[A-Za-z0-9]+)_[A-Za-z0-9_-]{8,}/g;
const BEARER = /\b(Bearer\s+)[^\s"\\]+/gi;
const TOKEN = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;
const SIGNING_SECRET = /\bwhsec_[A-Za-z0-9+/=]+/g;
/** Fields whose values are secrets or addresses even where their form does not show it. */
const SECRET_FIELD =
  /"(password|secret|accessToken|access_token|appSecret|verifyToken|apiKey|authorization|cookie|bearer)":"(?:[^"\\]|\\.)*"/gi;
const ADDRESS_FIELD = /"(to|address|phone|sms|email|recipient|waId|wa_id)":"((?:[^"\\]|\\.)*)"/g;

/**
 * Masks secrets wholly and people's addresses but for what tells two of them apart (SEC-7). It works on the text of
 * a line, so that a driver's error message or a nested field cannot bypass it.
 *
 * @param secrets values to mask wherever they appear
 */
export function redact(line: string, secrets: readonly string[] = []): string {
  let masked = line;
  for (const secret of secrets) {
    masked = masked.replaceAll(secret, MASK).replaceAll(JSON.stringify(secret).slice(1, -1), MASK);
  }
  masked = masked
    .replace(PASSWORD_IN_URL, `$1${MASK}@`)
    .replace(SECRET_FIELD, `"$1":"${MASK}"`)
    .replace(API_KEY, `$1_${MASK}`)
    .replace(BEARER, `$1${MASK}`)
    .replace(TOKEN, MASK)
    .replace(SIGNING_SECRET, `whsec_${MASK}`)
    .replace(ADDRESS_FIELD, (_, name: string, value: string) => `"${name}":"${maskField(value)}"`);
  return maskAddressesIn(masked);
}

/** An escape must not be cut in two, or the line would be JSON no more. */
function maskField(value: string): string {
  return value.includes('\\') ? MASK : maskAddress(value);
}

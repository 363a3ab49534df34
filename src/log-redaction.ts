const PASSWORD_IN_URL = /([a-z][a-z+]*:\/\/)[^\s/@"]*:[^\s/@"]*@/gi;
const API_KEY = /\b(pk_[A-Za-z0-9]+)_[A-Za-z0-9_-]{8,}/g;
const BEARER = /\b(Bearer\s+)[^\s"\\]+/gi;
const TOKEN = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;
const SIGNING_SECRET = /\bwhsec_[A-Za-z0-9+/=]+/g;
const PHONE = /\+[1-9]\d{6,14}\b/g;
const EMAIL = /[A-Za-z0-9._%+-]+(@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)/g;
/** Fields whose values are secrets or addresses even where their form does not show it. */
const SECRET_FIELD =
  /"(password|secret|accessToken|access_token|appSecret|verifyToken|apiKey|authorization|cookie)":"(?:[^"\\]|\\.)*"/gi;
const ADDRESS_FIELD = /"(to|address|phone|email|waId|wa_id)":"((?:[^"\\]|\\.)*)"/g;

const MASK = '***';

/**
 * Masks secrets wholly and people's addresses but for what tells two of them apart (SEC-7). It works on the text of
 * a line, so that a driver's error message or a nested field cannot bypass it.
 *
 * @param secrets values to mask wherever they appear
 */
export function redact(line: string, secrets: readonly string[] = []): string {
  let masked = line;
  for (const secret of secrets) masked = masked.replaceAll(secret, MASK);
  return masked
    .replace(PASSWORD_IN_URL, `$1${MASK}@`)
    .replace(SECRET_FIELD, `"$1":"${MASK}"`)
    .replace(API_KEY, `$1_${MASK}`)
    .replace(BEARER, `$1${MASK}`)
    .replace(TOKEN, MASK)
    .replace(SIGNING_SECRET, `whsec_${MASK}`)
    .replace(ADDRESS_FIELD, (_, name: string, value: string) => `"${name}":"${maskAddress(value)}"`)
    .replace(PHONE, maskAddress)
    .replace(EMAIL, (_, domain: string) => `${MASK}${domain}`);
}

/** `+919876543210` as `+91***10`: enough to compare two lines, too little to call. */
function maskAddress(address: string): string {
  return address.includes('@') || address.length < 8
    ? MASK
    : `${address.slice(0, 3)}${MASK}${address.slice(-2)}`;
}

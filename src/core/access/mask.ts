/** Personal data made unreadable (SEC-7): the same way in the log and for those who may not see it. */

/** What stands for what is not shown. */
export const MASK = '***';

const PHONE = /\+[1-9]\d{6,14}\b/g;
const EMAIL = /[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/g;
const LINE_USER = /\bU[0-9a-f]{32}\b/g;

/**
 * An address but for what tells two of them apart: `+919876543210` as `+91***10`, `asha@example.com` as
 * `***@example.com`, a URL as `https://example.com/***`. Enough to compare two lines, too little to call.
 */
export function maskAddress(address: string): string {
  if (/^https?:/i.test(address)) return URL.canParse(address) ? `${new URL(address).origin}/${MASK}` : MASK;
  const at = address.lastIndexOf('@');
  if (at >= 0) return `${MASK}${address.slice(at)}`;
  return address.length < 8 ? MASK : `${address.slice(0, 3)}${MASK}${address.slice(-2)}`;
}

/** A text in which addresses are masked, wherever they stand. */
export function maskAddressesIn(text: string): string {
  return text.replace(EMAIL, maskAddress).replace(PHONE, maskAddress).replace(LINE_USER, maskAddress);
}

/** A JSON value with its shape and none of its values. */
export function maskValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskValues);
  if (typeof value !== 'object' || value === null) return value === null ? null : MASK;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskValues(inner)]));
}

import { domainToASCII } from 'node:url';

/** Longest parts that the protocol carries (RFC 5321), in characters. */
const LOCAL_LENGTH = 64;
const ADDRESS_LENGTH = 254;

/** What mail servers take without quoting (RFC 5322's dot-atom). */
const LOCAL = /^[a-z\d!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z\d!#$%&'*+/=?^_`{|}~-]+)*$/i;

/** A domain as people write it: letters of any script. What a URL would decode or cut off is not among them. */
const DOMAIN_AS_WRITTEN = /^[\p{L}\p{M}\p{N}.。-]+$/u;
const LABEL = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/;

const CONTROL_CHARACTER = /[\p{Cc}\u2028\u2029]/u;

type Problem = { readonly ok: false; readonly problem: string };

/**
 * Reads one bare address, `ann@example.org`: no name with it, no list, no quotes, no IP address for a domain. The domain
 * comes out in lower case, and in ASCII where it is written in another script; the part before the @ stays as it is, and
 * is ASCII, because mail servers on the way may not take anything else.
 *
 * @returns the address, or what is wrong with it in one clause: `is not an e-mail address`
 */
export function readEmailAddress(raw: string): { readonly ok: true; readonly to: string } | Problem {
  const bad = (problem: string): Problem => ({ ok: false, problem });
  // Before anything is trimmed: a line break in an address is an attempt to write headers of one's own.
  if (CONTROL_CHARACTER.test(raw)) return bad('has a line break or another control character in it');
  const text = raw.trim();
  if (text.length > ADDRESS_LENGTH) return bad(`is longer than ${ADDRESS_LENGTH} characters`);
  const [local = '', domain = '', ...more] = text.split('@');
  if (local === '' || domain === '' || more.length > 0) return bad('is not an e-mail address');
  if (!LOCAL.test(local) || local.length > LOCAL_LENGTH) {
    return bad('has something before the @ that not every mail server takes');
  }
  const ascii = DOMAIN_AS_WRITTEN.test(domain) ? domainToASCII(domain) : '';
  const labels = ascii.split('.');
  if (labels.length < 2 || !labels.every((label) => LABEL.test(label)) || /^\d+$/.test(labels.at(-1) ?? '')) {
    return bad('has no domain name after the @');
  }
  const to = `${local}@${ascii}`;
  return to.length > ADDRESS_LENGTH ? bad(`is longer than ${ADDRESS_LENGTH} characters`) : { ok: true, to };
}

/** Somebody's address with the name that is shown with it. */
export interface Mailbox {
  /** Empty where there is none. */
  readonly name: string;
  readonly address: string;
}

/** Reads `Punctual <punctual@example.org>`, or a bare address. @returns the mailbox, or what is wrong with it */
export function readMailbox(raw: string): ({ readonly ok: true } & Mailbox) | Problem {
  const [, name = '', inBrackets] = /^([^<>]*)<([^<>]*)>\s*$/.exec(raw) ?? [];
  const address = readEmailAddress(inBrackets ?? raw);
  if (!address.ok) return address;
  if (CONTROL_CHARACTER.test(name)) {
    return { ok: false, problem: 'has a line break or another control character in its name' };
  }
  return { ok: true, name: name.trim().replace(/^"(.*)"$/, '$1'), address: address.to };
}

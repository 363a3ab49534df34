import {
  type Caller,
  type Content,
  MASK,
  maskAddress,
  maskAddressesIn,
  maskValues,
  mayAct,
} from '../core/index.js';

/**
 * Personal data as `caller` may see it (SEC-7): whole from MANAGER on, and for those who only watch so far that two
 * people can be told apart. Every field that may hold some goes through here; null stays null.
 */
export function personal(caller: Caller): {
  /** A phone number, a mail address, a provider's id of a person. */
  address<T extends string | null>(value: T): T;
  /** What is about a person as a whole: a name, an answer. */
  fact<T extends string | null>(value: T): T;
  /** A sentence or a code in which an address may stand. */
  text<T extends string | null>(value: T): T;
  /** Data of which we know nothing. */
  json<T extends Record<string, unknown> | null>(value: T): T;
  /** What is sent. */
  content(value: Content): Record<string, unknown>;
} {
  const seesAll = mayAct(caller, 'MANAGER');
  const shown =
    (mask: (value: string) => string) =>
    <T extends string | null>(value: T): T =>
      (seesAll || value === null ? value : mask(value)) as T;
  return {
    address: shown(maskAddress),
    fact: shown(() => MASK),
    text: shown((value) => maskAddressesIn(value).replace(/\d{7,}/g, maskAddress)),
    json: <T extends Record<string, unknown> | null>(value: T): T =>
      (seesAll ? value : maskValues(value)) as T,
    content: (value) => (seesAll ? { ...value } : maskedContent(value)),
  };
}

/** Which kind it is, and which template, is no person's; what is filled in is. */
function maskedContent(content: Content): Record<string, unknown> {
  const shape = maskValues(content) as Record<string, unknown>;
  if (content.kind !== 'TEMPLATE') return { ...shape, kind: content.kind };
  const { kind, name, language } = content;
  return { ...shape, kind, name, language };
}

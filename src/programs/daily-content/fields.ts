import { type ChannelName, type Core, PunctualError } from '../../core/index.js';

/*
 * Checks of single fields, for the API and for files alike. Each returns the value as it is to be stored, or throws a
 * PunctualError with the field's name as its path, and without the value: addresses do not belong into logs.
 */

/** What a person or a file wrote in one line: trimmed, not empty, nothing invisible in it. @throws VALIDATION_ERROR */
export function checkWord(value: string, path: string, longest: number): string {
  const word = value.trim();
  if (word === '') throw invalid(path, 'is empty');
  if (word.length > longest)
    throw invalid(path, `has ${word.length} characters; at most ${longest} are allowed`);
  checkReadable(word, path);
  if (/\p{Cc}/u.test(word)) throw invalid(path, 'holds a line break or another control character');
  return word;
}

/** Text of several lines. @throws VALIDATION_ERROR */
export function checkText(value: string, path: string, longest: number): string {
  if (value.length > longest)
    throw invalid(path, `has ${value.length} characters; at most ${longest} are allowed`);
  checkReadable(value, path);
  if (/[^\P{Cc}\t\r\n]/u.test(value)) throw invalid(path, 'holds a control character');
  return value;
}

/** A language as providers write it: `en`, `en_US`. @throws VALIDATION_ERROR */
export function checkLanguage(value: string, path: string): string {
  const language = value.trim();
  if (!/^[a-z]{2,3}(_[A-Z]{2})?$/.test(language))
    throw invalid(path, 'is not a language code like en or en_US');
  return language;
}

/** One of a list of names. @throws VALIDATION_ERROR */
export function checkOneOf<T extends string>(value: string, names: readonly T[], path: string): T {
  const found = names.find((name) => name === value.trim());
  if (found === undefined) throw invalid(path, `is not one of ${names.join(', ')}`);
  return found;
}

/**
 * An address in its channel's form. Where SMS is not configured, its numbers are read as WhatsApp's are; where e-mail
 * is not, an address needs no more than one @ between two parts. @throws VALIDATION_ERROR, CHANNEL_NOT_FOUND
 */
export function checkAddress(
  core: Pick<Core, 'channels'>,
  name: ChannelName,
  value: string,
  path: string,
): string {
  const raw = checkWord(value, path, 254);
  const channel = core.channels.get(name) ?? (name === 'SMS' ? core.channels.get('WHATSAPP') : undefined);
  if (channel) {
    const address = channel.address(raw);
    if (!address.ok) throw invalid(path, address.problem);
    return address.to;
  }
  if (name !== 'EMAIL') {
    throw new PunctualError('CHANNEL_NOT_FOUND', `the channel ${name} is not configured`, { path });
  }
  if (!/^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+$/.test(raw)) throw invalid(path, 'is not an e-mail address');
  return raw;
}

/** A VALIDATION_ERROR about a field; `problem` is a clause like `is empty`. */
export function invalid(path: string, problem: string): PunctualError {
  return new PunctualError('VALIDATION_ERROR', `${path} ${problem}`, { path });
}

function checkReadable(value: string, path: string): void {
  // U+FFFD is what bytes turn into that are not UTF-8; a lone surrogate would turn into it in the database.
  if (value.includes('\uFFFD') || !value.isWellFormed())
    throw invalid(path, 'holds bytes that are not UTF-8');
}

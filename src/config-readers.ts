import { type Mailbox, readEmailAddress, readMailbox } from './core/channel/email-address.js';
import { PunctualError } from './core/errors.js';
import { parseDuration } from './core/time/duration.js';
import { checkZone, parseTimeOfDay } from './core/time/local-time.js';

/** Turns the text of a variable into its value. */
export interface Reader<T> {
  /** What a good value looks like, to stand after "expected": `a whole number from 0 to 65535`. */
  readonly expects: string;
  /** @throws BadValue */
  readonly read: (text: string) => T;
}

/** What is wrong with a value, in one clause to stand after it: `is above 65535`. Never holds the value itself. */
export class BadValue extends Error {
  override readonly name = 'BadValue';
}

/** Any text. */
export const text: Reader<string> = { expects: 'text', read: (value) => value };

/** A whole number between bounds, both included. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Reader<number> {
  const bounds = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return {
    expects: `a whole number ${bounds}`,
    read: (value) =>
      within(/^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN, min, max, 'a whole number'),
  };
}

/** A TCP port; 0 takes any free one. */
export const port: Reader<number> = {
  expects: 'a port from 1 to 65535, or 0 for any free one',
  read: integer(0, 65_535).read,
};

/** A share: above 0, at most 1. */
export const share: Reader<number> = {
  expects: 'a share above 0 and up to 1, as 0.99',
  read: (value) => {
    const number = within(/^\d*\.?\d+$/.test(value) ? Number(value) : Number.NaN, 0, 1, 'a number');
    if (number === 0) throw new BadValue('is 0');
    return number;
  },
};

/** A length of time in ms, written "30s", "5m" or "PT30M". */
export function duration(minMs: number, maxMs: number): Reader<number> {
  return {
    expects: `a duration from ${inWords(minMs)} to ${inWords(maxMs)}, as "30s", "5m" or "PT30M"`,
    read: (value) => {
      // A length of nothing is no duration elsewhere, but "no jitter" has to be written somehow.
      const ms = /^0(ms|s|m|h|d)?$/.test(value)
        ? 0
        : fromCore(() => parseDuration(value), 'is not a duration');
      if (ms < minMs) throw new BadValue(`is below ${inWords(minMs)}`);
      if (ms > maxMs) throw new BadValue(`is above ${inWords(maxMs)}`);
      return ms;
    },
  };
}

/** One of a few words. Case does not matter, but the words are handed on as they stand here. */
export function oneOf<const T extends string>(...words: readonly T[]): Reader<T> {
  const expects = `one of ${words.join(', ')}`;
  return {
    expects,
    read: (value) => {
      const word = words.find((known) => known.toLowerCase() === value.toLowerCase());
      if (word === undefined) throw new BadValue('is none of them');
      return word;
    },
  };
}

/** Yes or no. */
export const flag: Reader<boolean> = {
  expects: 'true or false',
  read: (value) => {
    if (/^(true|1|yes|on)$/i.test(value)) return true;
    if (/^(false|0|no|off)$/i.test(value)) return false;
    throw new BadValue('is neither');
  },
};

/** An IANA time zone. */
export const zone: Reader<string> = {
  expects: 'an IANA time zone, as Asia/Kolkata',
  read: (value) => fromCore(() => checkZone(value), 'is no such zone'),
};

/** A time of day, 24 hours. */
export const timeOfDay: Reader<string> = {
  expects: 'a time of day from 00:00 to 23:59, as 06:00',
  read: (value) => {
    fromCore(() => parseTimeOfDay(value), 'is not a time of day');
    return value;
  },
};

/** An absolute URL of one of these protocols (without the colon), handed on without a slash at its end. */
export function url(...protocols: readonly string[]): Reader<string> {
  const listed = protocols.map((protocol) => `${protocol}://`).join(' or ');
  return {
    expects: `a URL that begins with ${listed}`,
    read: (value) => {
      // Only the beginning is checked for databases: their hosts may be lists, which no URL parser takes.
      if (!protocols.some((protocol) => value.startsWith(`${protocol}://`))) {
        throw new BadValue(`does not begin with ${listed}`);
      }
      const isWeb = /^https?:/.test(value);
      if (isWeb && !URL.canParse(value)) throw new BadValue('is not a URL');
      return isWeb ? value.replace(/\/+$/, '') : value;
    },
  };
}

/** Origins of web pages, separated by commas. */
export const origins: Reader<readonly string[]> = {
  expects: 'origins separated by commas, as https://app.example.com,http://localhost:5173',
  read: (value) => {
    const listed = value.split(',').map((part) => part.trim());
    const isOrigin = (part: string): boolean =>
      /^https?:/.test(part) && URL.canParse(part) && new URL(part).origin === part;
    if (!listed.every(isOrigin)) throw new BadValue('holds something else');
    return listed;
  },
};

/** The URL of a mail server. */
export const smtpUrl: Reader<string> = {
  expects: 'a URL that begins with smtp:// or smtps://, as smtp://user:password@mail.example.org:587',
  read: (value) => {
    url('smtp', 'smtps').read(value);
    if (!URL.canParse(value) || new URL(value).hostname === '')
      throw new BadValue('is not a URL with a host');
    const { username, password } = new URL(value);
    // Such characters have to be written as %.. in a URL; a lone % is none of them.
    if (/%(?![\da-f]{2})/i.test(username + password)) throw new BadValue('has a % that stands for nothing');
    return value;
  },
};

/** One bare e-mail address. */
export const emailAddress: Reader<string> = {
  expects: 'an e-mail address, as ann@example.org',
  read: (value) => {
    const address = readEmailAddress(value);
    if (!address.ok) throw new BadValue(address.problem);
    return address.to;
  },
};

/** An e-mail address, with a name or without. */
export const mailbox: Reader<Mailbox> = {
  expects: 'an e-mail address, or a name with one in brackets, as Punctual <punctual@example.org>',
  read: (value) => {
    const read = readMailbox(value);
    if (!read.ok) throw new BadValue(read.problem);
    return { name: read.name, address: read.address };
  },
};

/** One or more, separated by commas. The same twice counts once. */
export function listOf<T>({ expects, read }: Reader<T>): Reader<readonly T[]> {
  return {
    expects: `${expects}; several are separated by commas`,
    read: (value) => [...new Set(value.split(',').map((part) => read(part.trim())))],
  };
}

/** A signing secret in the form of Standard Webhooks, or two of them for a rotation. */
export const webhookSecrets: Reader<readonly string[]> = {
  expects: '"whsec_" and the base64 of 24 to 64 random bytes, or two of these separated by a blank',
  read: (value) => {
    const secrets = value.trim().split(/\s+/);
    if (secrets.length > 2) throw new BadValue(`holds ${secrets.length} secrets`);
    for (const secret of secrets) {
      const bytes = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
      if (bytes === undefined) throw new BadValue('has another form');
      const length = Buffer.from(bytes, 'base64').length;
      if (length < 24 || length > 64) throw new BadValue(`holds ${length} bytes`);
    }
    return secrets;
  },
};

/** A shared virtual clock, all in ms since the epoch; `speed` is virtual time over real time. */
export interface VirtualClock {
  readonly virtualStart: number;
  readonly realStart: number;
  readonly speed: number;
}

/** `VIRTUAL_START,REAL_START,SPEED`: two ISO instants with their offsets and a factor. */
export const virtualClock: Reader<VirtualClock> = {
  expects:
    'VIRTUAL_START,REAL_START,SPEED: two ISO instants and a factor up to 100000, as 2026-11-23T00:29:00Z,2026-11-22T10:00:00Z,60',
  read: (value) => {
    const [virtualText, realText, speedText, ...more] = value.split(',').map((part) => part.trim());
    if (virtualText === undefined || realText === undefined || speedText === undefined || more.length > 0) {
      throw new BadValue('has not three parts');
    }
    const virtualStart = instant(virtualText, 'VIRTUAL_START');
    const realStart = instant(realText, 'REAL_START');
    const speed = /^\d{1,6}(\.\d{1,6})?$/.test(speedText) ? Number(speedText) : 0;
    if (!(speed > 0 && speed <= 100_000))
      throw new BadValue('has a SPEED that is not above 0 and up to 100000');
    return { virtualStart, realStart, speed };
  },
};

function instant(value: string, part: string): number {
  const at = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw new BadValue(`has a ${part} that is not an ISO instant with its offset`);
  return at;
}

function within(value: number, min: number, max: number, kind: string): number {
  if (Number.isNaN(value)) throw new BadValue(`is not ${kind}`);
  if (value < min) throw new BadValue(`is below ${min}`);
  if (value > max) throw new BadValue(`is above ${max}`);
  return value;
}

/** Runs one of the core's parsers. Its message repeats the value, which may be a secret: ours does not. */
function fromCore<T>(parse: () => T, problem: string): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof PunctualError) throw new BadValue(problem, { cause: error });
    throw error;
  }
}

function inWords(ms: number): string {
  if (ms === 0) return '0';
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
    [1000, 's'],
  ] as const;
  const unit = units.find(([size]) => ms % size === 0);
  return unit ? `${ms / unit[0]}${unit[1]}` : `${ms}ms`;
}

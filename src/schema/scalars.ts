import 'reflect-metadata';
import { type GraphQLScalarLiteralParser, GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql';
import { DateTime as Luxon } from 'luxon';
import { type ErrorCode, PunctualError } from '../core/index.js';

/*
 * On the way in, the text scalars check no more than that they are a short string: what it means is read by the
 * resolver (`readDateTime`, core's `parseDuration` and `checkZone`), so that a bad value is a coded error with a
 * path (API-2), and in bulk one refused item and not a refused request (API-5). Their TypeScript type is string,
 * so none can be forgotten.
 */

const LONGEST_TEXT = 64;

const LONGEST_RRULE = 2_000;

const MAX_JSON_DEPTH = 8;
const MAX_JSON_KEYS = 500;
const MAX_JSON_CHARACTERS = 32_768;

function shortText(name: string, longest = LONGEST_TEXT): (value: unknown) => string {
  return (value) => {
    if (typeof value !== 'string' || value.length > longest) {
      throw new PunctualError(
        'VALIDATION_ERROR',
        `${name} must be a string of at most ${longest} characters`,
      );
    }
    return value;
  };
}

function shortLiteral(name: string, longest = LONGEST_TEXT): GraphQLScalarLiteralParser<string> {
  const check = shortText(name, longest);
  return (node) => check(node.kind === Kind.STRING ? node.value : undefined);
}

/** An instant: ISO 8601 with an offset in, UTC with milliseconds out. */
export const DateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  description:
    'An instant in ISO 8601. In: the offset is required, as `2026-11-24T06:00:00+05:30` or `...Z`. Out: always UTC with milliseconds, as `2026-11-24T00:30:00.000Z`.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize: (value) => {
    if (value instanceof Date) return value.toISOString();
    throw new TypeError('DateTime cannot represent this value');
  },
  parseValue: shortText('DateTime'),
  parseLiteral: shortLiteral('DateTime'),
});

/** A length of time. */
export const Duration = new GraphQLScalarType<string, string>({
  name: 'Duration',
  description:
    'A positive length of time: `250ms`, `45s`, `30m`, `1h`, `2d`, or ISO 8601 without months and years, as `PT30M`.',
  serialize: String,
  parseValue: shortText('Duration'),
  parseLiteral: shortLiteral('Duration'),
});

/** An IANA time zone. */
export const TimeZone = new GraphQLScalarType<string, string>({
  name: 'TimeZone',
  description:
    'A time zone by its IANA name, as `Asia/Kolkata` or `UTC`. An unknown one is INVALID_TIMEZONE.',
  serialize: String,
  parseValue: shortText('TimeZone'),
  parseLiteral: shortLiteral('TimeZone'),
});

/** A recurrence rule of RFC 5545. */
export const RRule = new GraphQLScalarType<string, string>({
  name: 'RRule',
  description:
    'A recurrence rule of RFC 5545, as `FREQ=WEEKLY;BYDAY=MO,WE`, with or without `RRULE:`, and on further lines `EXDATE:` with what it leaves out: days, local times or UTC instants. It repeats wall times, at most once a minute; its beginning and its zone are said beside it, never in it. A day that a month lacks is left out, as the RFC has it: `BYMONTHDAY=-1` is the last day of each.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10',
  serialize: String,
  parseValue: shortText('RRule', LONGEST_RRULE),
  parseLiteral: shortLiteral('RRule', LONGEST_RRULE),
});

/** A JSON object within bounds. */
export const JSONObject = new GraphQLScalarType<Record<string, unknown>, Record<string, unknown>>({
  name: 'JSONObject',
  description: `A JSON object: at most ${MAX_JSON_DEPTH} levels deep, ${MAX_JSON_KEYS} values and ${MAX_JSON_CHARACTERS} characters; keys may not begin with \`$\` or contain a dot.`,
  serialize: (value) => {
    if (isRecord(value)) return value;
    throw new TypeError('JSONObject cannot represent this value');
  },
  parseValue: checkJson,
  parseLiteral: (node, variables) => checkJson(valueFromASTUntyped(node, variables)),
});

/**
 * Reads a DateTime that came in.
 * @throws PunctualError, by default INVALID_SCHEDULED_TIME, for what is no date or has no offset
 */
export function readDateTime(text: string, path: string, code: ErrorCode = 'INVALID_SCHEDULED_TIME'): Date {
  const match = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:\d\d)$/.test(text);
  const instant = match ? Luxon.fromISO(text.toUpperCase()) : null;
  if (!instant?.isValid) {
    throw new PunctualError(
      code,
      `${JSON.stringify(text)} is not an instant with an offset, like "2026-11-24T06:00:00+05:30"`,
      { path },
    );
  }
  return instant.toJSDate();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkJson(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw new PunctualError('VALIDATION_ERROR', 'JSONObject must be an object');
  let values = 0;
  let characters = 0;
  // Level by level and not by recursion: what is too deep must not exhaust the stack that refuses it.
  let level: unknown[] = [value];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > MAX_JSON_DEPTH + 1)
      throw new PunctualError('VALIDATION_ERROR', `JSONObject may be at most ${MAX_JSON_DEPTH} levels deep`);
    const next: unknown[] = [];
    for (const item of level) {
      values += 1;
      if (typeof item === 'string') characters += item.length;
      if (typeof item !== 'object' || item === null) continue;
      for (const [key, child] of Object.entries(item)) {
        checkKey(key);
        characters += key.length;
        next.push(child);
      }
    }
    if (values > MAX_JSON_KEYS || characters > MAX_JSON_CHARACTERS) {
      throw new PunctualError(
        'VALIDATION_ERROR',
        `JSONObject may hold at most ${MAX_JSON_KEYS} values and ${MAX_JSON_CHARACTERS} characters`,
      );
    }
    level = next;
  }
  return value;
}

/** Keys that MongoDB or JavaScript would take for something else (SEC-6). */
function checkKey(key: string): void {
  if (key.startsWith('$') || key.includes('.') || key.includes('\0') || key === '__proto__') {
    throw new PunctualError(
      'VALIDATION_ERROR',
      'JSONObject keys may not begin with "$", contain a dot, or be "__proto__"',
    );
  }
}

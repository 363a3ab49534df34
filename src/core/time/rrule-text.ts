import { PunctualError } from '../errors.js';
import { readDate } from './wall-clock.js';

/** A place in time as RFC 5545 writes it: a whole day and a local time, as `wallMsOf` counts, or an instant. */
export type Moment =
  | { readonly kind: 'DAY'; readonly dayMs: number }
  | { readonly kind: 'LOCAL'; readonly wallMs: number }
  | { readonly kind: 'INSTANT'; readonly at: number };

/** A recurrence rule of RFC 5545, taken apart. */
export interface RRule {
  readonly kind: 'RRULE';
  /** The rule without its ends, as `FREQ=WEEKLY;BYDAY=MO`. */
  readonly rule: string;
  readonly count: number | null;
  readonly until: Moment | null;
  /** EXDATE: what is left out. */
  readonly excluded: readonly Moment[];
}

const LONGEST_TEXT = 2_000;
const WEEKDAY = '(MO|TU|WE|TH|FR|SA|SU)';

const oneOf = (pattern: string) => new RegExp(`^${pattern}$`);
const listOf = (pattern: string) => new RegExp(`^${pattern}(,${pattern})*$`);
const numbers =
  (low: number, high: number, signed = false) =>
  (value: string): boolean =>
    value.split(',').every((item) => {
      if (!(signed ? /^[+-]?\d{1,3}$/ : /^\d{1,2}$/).test(item)) return false;
      const size = Math.abs(Number(item));
      return size >= low && size <= high;
    });
const matches =
  (pattern: RegExp) =>
  (value: string): boolean =>
    pattern.test(value);

/** The parts of a rule and what each may hold. The library passes over what it does not know; we refuse it. */
const PARTS: Readonly<Record<string, (value: string) => boolean>> = {
  FREQ: matches(oneOf('(YEARLY|MONTHLY|WEEKLY|DAILY|HOURLY|MINUTELY)')),
  INTERVAL: matches(oneOf('0*[1-9]\\d{0,3}')),
  COUNT: matches(oneOf('0*[1-9]\\d{0,6}')),
  UNTIL: (value) => readMoment(value) !== null,
  BYMINUTE: numbers(0, 59),
  BYHOUR: numbers(0, 23),
  BYDAY: matches(listOf(`([+-]?\\d{1,2})?${WEEKDAY}`)),
  BYMONTHDAY: numbers(1, 31, true),
  BYYEARDAY: numbers(1, 366, true),
  BYWEEKNO: numbers(1, 53, true),
  BYMONTH: numbers(1, 12),
  BYSETPOS: numbers(1, 366, true),
  WKST: matches(oneOf(WEEKDAY)),
};

/**
 * Reads `FREQ=...` with or without `RRULE:` before it, and lines of `EXDATE` (CORE-12). When it begins and in which
 * zone is said outside of it. @throws VALIDATION_ERROR
 */
export function readRRuleText(text: string, path: string): RRule {
  const refuse = (problem: string): never => {
    throw new PunctualError('VALIDATION_ERROR', problem, { path });
  };
  if (text.length > LONGEST_TEXT) refuse(`may have ${LONGEST_TEXT} characters`);
  let parts: ReadonlyMap<string, string> | null = null;
  const excluded: Moment[] = [];
  // RFC 5545 folds long lines: a line that begins with a space goes on with the one before.
  for (const line of text.replaceAll(/\r?\n[ \t]/g, '').split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const [, name = 'RRULE', value = ''] = /^(?:([A-Za-z-]+)(?:;[^:]*)?:)?(.*)$/.exec(line.trim()) ?? [];
    switch (name.toUpperCase()) {
      case 'RRULE':
        if (parts) refuse('holds more than one RRULE');
        parts = readParts(value.toUpperCase(), refuse);
        break;
      case 'EXDATE':
        for (const item of value.split(','))
          excluded.push(readMoment(item) ?? refuse(`EXDATE ${shown(item)} is no date or time`));
        break;
      case 'DTSTART':
        refuse('DTSTART is given by the time and the zone beside the rule, not in it');
        break;
      default:
        refuse(`${shown(name)} is not known here: RRULE and EXDATE are`);
    }
  }
  return ruleOf(parts ?? refuse('holds no RRULE'), excluded, refuse);
}

type Refuse = (problem: string) => never;

function readParts(text: string, refuse: Refuse): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const part of text.split(';')) {
    const [name = '', value = ''] = part.split('=', 2);
    const check = PARTS[name];
    if (!check || !Object.hasOwn(PARTS, name)) refuse(`${shown(name)} is not a part of a rule`);
    else if (!check(value)) refuse(`${name}=${value.slice(0, 32)} is not possible`);
    if (parts.has(name)) refuse(`${name} stands twice`);
    parts.set(name, value);
  }
  if (!parts.has('FREQ')) refuse('a rule needs FREQ');
  return parts;
}

function ruleOf(parts: ReadonlyMap<string, string>, excluded: readonly Moment[], refuse: Refuse): RRule {
  const count = parts.get('COUNT');
  const until = parts.get('UNTIL');
  if (count !== undefined && until !== undefined) refuse('COUNT and UNTIL exclude each other');
  return {
    kind: 'RRULE',
    rule: [...parts]
      .filter(([name]) => name !== 'COUNT' && name !== 'UNTIL')
      .map(([name, value]) => `${name}=${value}`)
      .join(';'),
    count: count === undefined ? null : Number(count),
    until: until === undefined ? null : readMoment(until),
    excluded,
  };
}

/** Reads `20260531`, `20260531T090000` or `20260531T090000Z`; null when it is none of them. */
function readMoment(text: string): Moment | null {
  const match = /^(\d{4})(\d\d)(\d\d)(?:T([01]\d|2[0-3])([0-5]\d)([0-5]\d)(Z?))?$/.exec(text.trim());
  if (!match) return null;
  const [, year, month, day, hour, minute, second, utc] = match;
  const dayMs = readDate(`${year}-${month}-${day}`);
  if (dayMs === null) return null;
  if (hour === undefined) return { kind: 'DAY', dayMs };
  const ms = dayMs + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000;
  return utc === 'Z' ? { kind: 'INSTANT', at: ms } : { kind: 'LOCAL', wallMs: ms };
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 32));
}

import { PunctualError } from '../../core/index.js';

/**
 * Reads CSV (RFC 4180) line by line, so that one broken line costs that line and no other.
 *
 * CSV libraries go on behind a bad quote until they find the next one, and take the good lines between for its
 * field. Here a record that cannot be read is refused under the number of its first line, and reading goes on at the
 * line below. (What a failed reading had passed over inside quotes holds an even number of them on each line, so a
 * second reading that starts there ends there: the time stays linear, whatever the file.)
 */

/** One record: the number of its first line in the file (from 1), and its values by column, untrimmed. */
export interface CsvRow {
  readonly line: number;
  readonly values: ReadonlyMap<string, string>;
}

/** A line that is no record. */
export interface CsvFault {
  readonly line: number;
  /** The column's name where the problem lies in one. */
  readonly column: string | null;
  /** What is wrong, as a clause: `the quote is not closed`. */
  readonly problem: string;
}

/** The columns of a kind of file. A file may have them in any order, and no others. */
export interface CsvColumns {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

/** A record as it stands in the file; with a problem, `fields` are those before the one that it lies in. */
interface RawRecord {
  readonly line: number;
  readonly fields: readonly string[];
  readonly problem: string | null;
}

/**
 * The records under the header. Empty lines, and lines of commas alone as spreadsheets leave them, are passed over.
 * @throws VALIDATION_ERROR (at the first step) when the header does not fit: no line of such a file can be understood
 */
export function* readCsvRows(
  text: string,
  columns: CsvColumns,
): Generator<CsvRow | CsvFault, void, undefined> {
  const records = readRecords(text);
  const first = records.next();
  const header = first.done ? [] : first.value.fields.map((name) => name.trim());
  const misfit = first.done ? 'the file is empty' : (first.value.problem ?? headerProblem(header, columns));
  if (misfit !== null) {
    const line = first.done ? 1 : first.value.line;
    throw new PunctualError('VALIDATION_ERROR', `line ${line}, the header: ${misfit}`, { path: 'csv' });
  }
  for (const { line, fields, problem } of records) {
    if (problem !== null) {
      yield { line, column: header[fields.length] ?? null, problem };
    } else if (fields.length !== header.length) {
      yield { line, column: null, problem: `has ${fields.length} fields, the header ${header.length}` };
    } else {
      yield { line, values: new Map(header.map((name, index) => [name, fields[index] ?? ''])) };
    }
  }
}

/** True for what could not be read. */
export function isCsvFault(row: CsvRow | CsvFault): row is CsvFault {
  return 'problem' in row;
}

function headerProblem(header: readonly string[], { required, optional }: CsvColumns): string | null {
  const missing = required.filter((name) => !header.includes(name));
  const unknown = header.filter((name) => !required.includes(name) && !optional.includes(name));
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (missing.length > 0) {
    return `it lacks ${missing.join(', ')}; it holds ${JSON.stringify(header.join(',').slice(0, 200))}`;
  }
  if (unknown.length > 0) {
    const known = [...required, ...optional].join(', ');
    return `it holds ${JSON.stringify(unknown.join(',').slice(0, 200))}; the known columns are ${known}`;
  }
  return twice === undefined ? null : `it holds ${twice} twice`;
}

function* readRecords(text: string): Generator<RawRecord, void, undefined> {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const { fields, problem, end } = readRecord(text, at);
    if (problem !== null || fields.some((field) => field.trim() !== '')) yield { line, fields, problem };
    const next = nextLine(text, problem === null ? end : at);
    line += problem === null ? lineBreaks(text.slice(at, end)) + 1 : 1;
    at = next;
  }
}

/** The record that starts at `start`; `end` is the line break behind it, or the end of the text. */
function readRecord(text: string, start: number): { fields: string[]; problem: string | null; end: number } {
  const fields: string[] = [];
  for (let at = start; ; at++) {
    const field = text[at] === '"' ? readQuoted(text, at) : readPlain(text, at);
    if (typeof field === 'string') return { fields, problem: field, end: start };
    fields.push(field.value);
    at = field.end;
    if (text[at] !== ',') return { fields, problem: null, end: at };
  }
}

/** A field, and where the comma or the line break behind it stands; or what is wrong with it. */
type Field = { readonly value: string; readonly end: number } | string;

function readPlain(text: string, start: number): Field {
  PLAIN_END.lastIndex = start;
  const end = PLAIN_END.exec(text)?.index ?? text.length;
  return text[end] === '"' ? 'a quote stands in an unquoted field' : { value: text.slice(start, end), end };
}

function readQuoted(text: string, open: number): Field {
  const pieces: string[] = [];
  for (let from = open + 1; ;) {
    const quote = text.indexOf('"', from);
    if (quote === -1) return 'the quote is not closed';
    pieces.push(text.slice(from, quote));
    const after = text[quote + 1];
    if (after === undefined || after === ',' || after === '\n' || after === '\r') {
      return { value: pieces.join('"'), end: quote + 1 };
    }
    if (after !== '"') return 'text follows the closing quote';
    from = quote + 2;
  }
}

const PLAIN_END = /[,"\r\n]/g;
const LINE_BREAK = /\r\n|\r|\n/g;

/** Where the line below the one at `from` begins. */
function nextLine(text: string, from: number): number {
  LINE_BREAK.lastIndex = from;
  return LINE_BREAK.test(text) ? LINE_BREAK.lastIndex : text.length;
}

function lineBreaks(text: string): number {
  return text.match(LINE_BREAK)?.length ?? 0;
}

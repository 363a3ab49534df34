import { PunctualError } from '../../core/index.js';
import type { AdvisorInput, Advisors } from './advisors.js';
import type { Upsert, UpsertCounts } from './bulk-upsert.js';
import type { ContentInput, Contents } from './contents.js';
import { type CsvColumns, isCsvFault, readCsvRows } from './csv-rows.js';
import { invalid } from './fields.js';

/** Largest file, in bytes. Larger ones are refused whole, before a line is read. */
const LARGEST_FILE = 10_000_000;
/** Lines that are stored in one round trip. */
const BATCH = 1_000;
/** Refused lines that a report lists; all are counted. */
const LISTED = 100;

/** What became of a file. */
export interface ImportReport extends UpsertCounts {
  /** Lines that were not stored. */
  readonly refused: number;
  /** The first hundred of them, in the file's order: path `line[7].phone`, message `line 7, column phone: ...`. */
  readonly errors: readonly PunctualError[];
}

const ADVISOR_COLUMNS: CsvColumns = {
  required: ['externalId', 'name', 'phone'],
  optional: ['tier', 'language', 'timezone', 'sms', 'email', 'active', 'optedOut'],
};

const CONTENT_COLUMNS: CsvColumns = {
  required: ['externalId', 'template', 'language', 'components'],
  optional: ['text'],
};

/**
 * Imports advisors: good lines are stored, each bad one is one error, and nothing of it is stored. An empty cell, like a
 * missing column, leaves what is stored. @throws PAYLOAD_TOO_LARGE, VALIDATION_ERROR for a header that does not fit
 */
export function importAdvisors(advisors: Advisors, owner: string, csv: string): Promise<ImportReport> {
  return importRows(
    csv,
    ADVISOR_COLUMNS,
    (cells) => advisors.check(advisorOf(cells)),
    (batch) => advisors.store(owner, batch),
  );
}

/** Imports contents; `components` is JSON. The rest is as with advisors. */
export function importContents(contents: Contents, owner: string, csv: string): Promise<ImportReport> {
  return importRows(
    csv,
    CONTENT_COLUMNS,
    (cells) => contents.check(contentOf(cells)),
    (batch) => contents.store(owner, batch),
  );
}

async function importRows<D extends { owner: string; externalId: string }>(
  csv: string,
  columns: CsvColumns,
  check: (cells: ReadonlyMap<string, string>) => Upsert<D>,
  store: (batch: readonly Upsert<D>[]) => Promise<UpsertCounts>,
): Promise<ImportReport> {
  const size = Buffer.byteLength(csv);
  if (size > LARGEST_FILE) {
    throw new PunctualError(
      'PAYLOAD_TOO_LARGE',
      `the file has ${size} bytes; at most ${LARGEST_FILE} are allowed`,
      {
        path: 'csv',
      },
    );
  }
  const report = { inserted: 0, updated: 0, unchanged: 0, refused: 0, errors: [] as PunctualError[] };
  const refuse = (line: number, error: PunctualError): void => {
    report.refused += 1;
    if (report.errors.length < LISTED) report.errors.push(inLine(line, error));
  };
  const lines = new Map<string, number>();
  let batch: Upsert<D>[] = [];
  const flush = async (): Promise<void> => {
    const counts = await store(batch);
    report.inserted += counts.inserted;
    report.updated += counts.updated;
    report.unchanged += counts.unchanged;
    batch = [];
  };
  for (const row of readCsvRows(csv, columns)) {
    if (isCsvFault(row)) {
      const path = row.column === null ? {} : { path: row.column };
      refuse(row.line, new PunctualError('VALIDATION_ERROR', row.problem, path));
      continue;
    }
    try {
      const item = check(row.values);
      const first = lines.get(item.externalId);
      if (first !== undefined) throw invalid('externalId', `is that of line ${first} too`);
      lines.set(item.externalId, row.line);
      batch.push(item);
    } catch (error) {
      if (!(error instanceof PunctualError)) throw error;
      refuse(row.line, error);
    }
    if (batch.length === BATCH) await flush();
  }
  await flush();
  return report;
}

/** The same error, told of a line. */
function inLine(line: number, error: PunctualError): PunctualError {
  const [where, path] =
    error.path === undefined
      ? [`line ${line}`, `line[${line}]`]
      : [`line ${line}, column ${error.path}`, `line[${line}].${error.path}`];
  return new PunctualError(error.code, `${where}: ${error.message}`, { path });
}

function advisorOf(cells: ReadonlyMap<string, string>): AdvisorInput {
  return {
    externalId: cells.get('externalId') ?? '',
    name: cells.get('name') ?? '',
    phone: cells.get('phone') ?? '',
    ...given(cells, ['tier', 'language', 'timezone', 'sms', 'email']),
    ...yesOrNo(cells, 'active'),
    ...yesOrNo(cells, 'optedOut'),
  };
}

function contentOf(cells: ReadonlyMap<string, string>): ContentInput {
  return {
    externalId: cells.get('externalId') ?? '',
    template: cells.get('template') ?? '',
    language: cells.get('language') ?? '',
    components: cells.get('components') ?? '',
    ...given(cells, ['text']),
  };
}

/** The cells that hold something. */
function given<K extends string>(
  cells: ReadonlyMap<string, string>,
  names: readonly K[],
): { [N in K]?: string } {
  const found: { [N in K]?: string } = {};
  for (const name of names) {
    const cell = cells.get(name);
    if (cell !== undefined && cell.trim() !== '') found[name] = cell;
  }
  return found;
}

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['0', false],
]);

function yesOrNo<K extends string>(cells: ReadonlyMap<string, string>, name: K): { [N in K]?: boolean } {
  const word = cells.get(name)?.trim().toLowerCase() ?? '';
  if (word === '') return {};
  const value = WORDS.get(word);
  if (value === undefined) throw invalid(name, `is not one of ${[...WORDS.keys()].join(', ')}`);
  const found: { [N in K]?: boolean } = {};
  found[name] = value;
  return found;
}

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type CsvColumns,
  type CsvFault,
  type CsvRow,
  readCsvRows,
} from '../../src/programs/daily-content/csv-rows.js';

const COLUMNS: CsvColumns = { required: ['id', 'name'], optional: ['note'] };

/** A row as [line, values...], a fault as [line, column, problem]. */
function read(text: string, columns = COLUMNS): unknown[] {
  return [...readCsvRows(text, columns)].map((row: CsvRow | CsvFault) =>
    'problem' in row ? [row.line, row.column, row.problem] : [row.line, ...row.values.values()],
  );
}

describe('reading CSV', () => {
  it('DC-1 reads rows by the header, in any order of columns, with and without the optional ones', () => {
    expect(read('id,name\n1,Asha\n2,Ravi\n')).toEqual([
      [2, '1', 'Asha'],
      [3, '2', 'Ravi'],
    ]);
    const [row] = readCsvRows('note,name,id\nx,Asha,1', COLUMNS);
    expect(row).toEqual({
      line: 2,
      values: new Map([
        ['note', 'x'],
        ['name', 'Asha'],
        ['id', '1'],
      ]),
    });
  });

  it('DC-1 takes a byte order mark, any line ending, and passes over lines with nothing in them', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      expect(read(['\uFEFFid,name', '1,Asha', '', ',', '  ', '2,Ravi'].join(end))).toEqual([
        [2, '1', 'Asha'],
        [6, '2', 'Ravi'],
      ]);
    }
  });

  it('DC-1 reads quoted commas, quotes and line breaks, and counts the lines of the file', () => {
    expect(read('id,name\r\n1,"Rao, ""Asha""\r\nMs"\r\n2,Ravi\r\n')).toEqual([
      [2, '1', 'Rao, "Asha"\r\nMs'],
      [4, '2', 'Ravi'],
    ]);
  });

  it.each([
    ['a quote that is not closed', '2,"Ravi', 'name', 'the quote is not closed'],
    ['text behind a closing quote', '2,"Ra"vi', 'name', 'text follows the closing quote'],
    ['a quote in an unquoted field', '2,Ra"vi"', 'name', 'a quote stands in an unquoted field'],
    ['too few fields', '2', null, 'has 1 fields, the header 2'],
    ['too many fields', '2,Ravi,x', null, 'has 3 fields, the header 2'],
  ])('API-2 %s costs its own line, and the good lines around it are read', (_, bad, column, problem) => {
    expect(read(`id,name\n1,Asha\n${bad}\n3,Meera\n4,Dev\n`)).toEqual([
      [2, '1', 'Asha'],
      [3, column, problem],
      [4, '3', 'Meera'],
      [5, '4', 'Dev'],
    ]);
  });

  it.each([
    ['', 'the file is empty'],
    ['\uFEFF\n\n', 'the file is empty'],
    ['id\n1\n', 'lacks name'],
    ['id;name\n1;Asha\n', 'lacks id, name; it holds "id;name"'],
    ['id,name,nmae\n', 'holds "nmae"; the known columns are id, name, note'],
    ['id,name,id\n', 'holds id twice'],
    ['id,"name\n1,Asha\n', 'the quote is not closed'],
  ])('API-2 the header of %j does not fit: nothing is read', (text, problem) => {
    const thrown = expect.objectContaining({
      code: 'VALIDATION_ERROR',
      path: 'csv',
      message: expect.stringContaining(problem),
    });
    expect(() => read(text)).toThrow(thrown);
  });

  const field = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r', ' ', '😀', '0') });
  const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;

  it('DC-1 reads back whatever was written, quoted or not', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(field, field)), fc.constantFrom('\n', '\r\n', '\r'), (rows, end) => {
        const full = rows.filter((row) => row.some((cell) => cell.trim() !== ''));
        const text = [['id', 'name'], ...full]
          .map((cells) => cells.map((cell) => (/^[^",\r\n]*$/.test(cell) ? cell : quote(cell))).join(','))
          .join(end);
        expect(read(text).map((row) => (row as unknown[]).slice(1))).toEqual(full);
      }),
    );
  });

  it('API-2 a broken line never takes a good one with it, whatever it holds', () => {
    fc.assert(
      // Nothing that could close a quote stands in the good lines.
      fc.property(fc.string({ unit: fc.constantFrom('a', '"', ',', ' ') }), (bad) => {
        const rows = read(`id,name\n1,Asha\n${bad}\n3,Meera`);
        expect(rows[0]).toEqual([2, '1', 'Asha']);
        expect(rows.at(-1)).toEqual([4, '3', 'Meera']);
        expect(rows.length).toBeLessThanOrEqual(3);
      }),
    );
  });
});

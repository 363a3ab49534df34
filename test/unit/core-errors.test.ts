import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { MongoBulkWriteError, MongoServerError } from 'mongodb';
import { ERROR_CODES, isDuplicateKey, PunctualError } from '../../src/core/errors.js';

const ROOT = join(import.meta.dirname, '../..');
const TABLE = join('src', 'core', 'errors.ts');

const page = await readFile(join(ROOT, 'docs/errors.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => /^\| [A-Z_]+ +\|/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

/** Every source file but the table itself, as one text. */
async function sources(): Promise<string> {
  const files = (await readdir(join(ROOT, 'src'), { recursive: true }))
    .map((file) => join('src', file))
    .filter((file) => file.endsWith('.ts') && file !== TABLE);
  return (await Promise.all(files.map((file) => readFile(join(ROOT, file), 'utf8')))).join('\n');
}

describe('API-2 docs/errors.md', () => {
  it('API-2 is the table of the codes: the same ones, in the same order, with the same meaning', () => {
    expect(rows.map(([code, meaning]) => [code, meaning])).toEqual(Object.entries(ERROR_CODES));
  });

  it('API-2 says of each where it can come from', () => {
    for (const [code, , where] of rows)
      expect({ code, where }).toEqual({
        code,
        where: expect.stringMatching(/^(payload|top level|route|start)/),
      });
  });

  it('API-2 says of what stops a start that it does, and of nothing else', () => {
    const starts = rows.filter(([, , where]) => where?.startsWith('start')).map(([code]) => code);
    const named = Object.keys(ERROR_CODES).filter((code) => /^START_|^CONFIG_/.test(code));
    expect(starts).toEqual(named);
  });

  it('API-2 promises no code that nothing answers with', async () => {
    const text = await sources();
    expect(Object.keys(ERROR_CODES).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
  });
});

describe('API-2 PunctualError', () => {
  it('API-2 has a code, one sentence, and the path of the field where there is one', () => {
    const plain = new PunctualError('NOT_FOUND', 'there is no such thing');
    expect(plain).toMatchObject({
      name: 'PunctualError',
      code: 'NOT_FOUND',
      message: 'there is no such thing',
    });
    expect(plain.path).toBeUndefined();
    expect(plain.cause).toBeUndefined();
    const cause = new Error('why');
    const full = new PunctualError('VALIDATION_ERROR', 'no', { path: 'items[3].to', cause });
    expect(full).toMatchObject({ path: 'items[3].to', cause });
  });
});

describe('isDuplicateKey', () => {
  it('knows it from a single write and from a bulk write', () => {
    expect(isDuplicateKey(new MongoServerError({ message: 'E11000', code: 11000 }))).toBe(true);
    const inBulk = { message: 'E11000', code: 11000, writeErrors: [] };
    expect(isDuplicateKey(new MongoBulkWriteError(inBulk, {} as never))).toBe(true);
  });

  it.each([null, undefined, 11000, 'E11000', new Error('E11000'), { code: '11000' }, { code: 112 }])(
    'does not take %p for it',
    (error) => expect(isDuplicateKey(error)).toBe(false),
  );
});

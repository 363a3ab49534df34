import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { Advisor, type AdvisorDoc } from '../../src/programs/daily-content/advisor.entity.js';
import { type ContentDoc, DailyContent } from '../../src/programs/daily-content/content.entity.js';
import {
  importAdvisors,
  importContents,
  type ImportReport,
} from '../../src/programs/daily-content/import-csv.js';
import { DailyContentRuntime } from '../../src/programs/daily-content/runtime.js';
import { startSystem } from '../support/system.js';

let system: Awaited<ReturnType<typeof startSystem>>;
let program: DailyContentRuntime;

beforeAll(async () => {
  system = await startSystem({});
  const running = system.programs.get('daily-content');
  if (!(running instanceof DailyContentRuntime)) throw new Error('daily-content is not running');
  program = running;
});

afterAll(() => system.stop());

const HEADER = 'externalId,name,phone,tier,language,timezone,sms,email,active,optedOut';

function advisorsOf(owner: string): Promise<AdvisorDoc[]> {
  return system.core.database.collection(Advisor).find({ owner }).sort({ externalId: 1 }).toArray();
}

function contentsOf(owner: string): Promise<ContentDoc[]> {
  return system.core.database.collection(DailyContent).find({ owner }).sort({ externalId: 1 }).toArray();
}

/** A report's errors as `code path: message`. */
function told(report: ImportReport): string[] {
  return report.errors.map((error) => `${error.code} ${error.path ?? ''}: ${error.message}`);
}

describe('importing advisors', () => {
  it('DC-1 stores the good lines, and again changes only what the file changes', async () => {
    const owner = 'import-again';
    const csv = `${HEADER}\na1,Asha Rao,+1 202 555 0101,PRO,en_IN,Asia/Kolkata,+12025550102,asha@example.com,yes,no\na2,Ravi,+12025550103,,,,,,,\n`;
    expect(await importAdvisors(program.advisors, owner, csv)).toEqual({
      inserted: 2,
      updated: 0,
      unchanged: 0,
      refused: 0,
      errors: [],
    });
    const stored = await advisorsOf(owner);
    expect(stored).toMatchObject([
      {
        externalId: 'a1',
        phone: '+12025550101',
        tier: 'PRO',
        language: 'en_IN',
        timezone: 'Asia/Kolkata',
        sms: '+12025550102',
        email: 'asha@example.com',
        active: true,
        optedOut: false,
      },
      {
        externalId: 'a2',
        phone: '+12025550103',
        tier: 'STANDARD',
        language: 'en',
        timezone: null,
        sms: null,
        email: null,
        active: true,
        optedOut: false,
      },
    ]);
    expect(await importAdvisors(program.advisors, owner, csv)).toMatchObject({
      inserted: 0,
      updated: 0,
      unchanged: 2,
    });
    expect(await advisorsOf(owner)).toEqual(stored);
    const changed = csv.replace('Asha Rao', 'Asha Iyer');
    expect(await importAdvisors(program.advisors, owner, changed)).toMatchObject({
      inserted: 0,
      updated: 1,
      unchanged: 1,
    });
  });

  it('CORE-52 a file that says nothing of opt-outs takes none back', async () => {
    const owner = 'import-opt-out';
    await importAdvisors(
      program.advisors,
      owner,
      'externalId,name,phone,optedOut\na1,Asha,+12025550101,true\n',
    );
    await importAdvisors(program.advisors, owner, 'externalId,name,phone\na1,Asha Rao,+12025550101\n');
    await importAdvisors(
      program.advisors,
      owner,
      'externalId,name,phone,optedOut\na1,Asha Rao,+12025550101,\n',
    );
    expect(await advisorsOf(owner)).toMatchObject([{ name: 'Asha Rao', optedOut: true }]);
  });

  it('API-2 each broken line is one error that names line, column and problem, and nothing of it is stored', async () => {
    const owner = 'import-broken';
    const csv = [
      HEADER,
      'a1,Asha,+12025550101,PRO,,,,,,',
      'a2,Ravi,12345,PRO,,,,,,',
      'a3,Dev,+12025550102,GOLD,,,,,,',
      'a4,Mira,+12025550103,,,Asia/Calcuta,,,,',
      'a5,"Open,+12025550104,,,,,,,',
      ',No id,+12025550105,,,,,,,',
      'a1,Asha again,+12025550106,,,,,,,',
      'a6,Too few',
      `a7,${'x'.repeat(101)},+12025550107,,,,,,,`,
      'a8,"Two\nlines",+12025550108,,,,,,,',
      'a9,Lang,+12025550109,,english,,,,,',
      'b1,Mail,+12025550110,,,,,not-an-address,,',
      'b2,Flag,+12025550111,,,,,,maybe,',
      'b3,Caf\uFFFD,+12025550112,,,,,,,',
      'b4,Last,+12025550113,FREE,,,,,,',
    ].join('\r\n');
    const report = await importAdvisors(program.advisors, owner, `\uFEFF${csv}`);
    expect(report).toMatchObject({ inserted: 2, updated: 0, unchanged: 0, refused: 13 });
    expect(told(report)).toEqual([
      'VALIDATION_ERROR line[3].phone: line 3, column phone: phone is not a phone number in international form, like +919876543210',
      'VALIDATION_ERROR line[4].tier: line 4, column tier: tier is not one of PRO, STANDARD, FREE',
      'INVALID_TIMEZONE line[5].timezone: line 5, column timezone: "Asia/Calcuta" is not an IANA time zone',
      'VALIDATION_ERROR line[6].name: line 6, column name: text follows the closing quote',
      'VALIDATION_ERROR line[7].externalId: line 7, column externalId: externalId is empty',
      'VALIDATION_ERROR line[8].externalId: line 8, column externalId: externalId is that of line 2 too',
      'VALIDATION_ERROR line[9]: line 9: has 2 fields, the header 10',
      'VALIDATION_ERROR line[10].name: line 10, column name: name has 101 characters; at most 100 are allowed',
      'VALIDATION_ERROR line[11].name: line 11, column name: name holds a line break or another control character',
      'VALIDATION_ERROR line[13].language: line 13, column language: language is not a language code like en or en_US',
      'VALIDATION_ERROR line[14].email: line 14, column email: email is not an e-mail address',
      'VALIDATION_ERROR line[15].active: line 15, column active: active is not one of true, yes, 1, false, no, 0',
      'VALIDATION_ERROR line[16].name: line 16, column name: name holds bytes that are not UTF-8',
    ]);
    expect((await advisorsOf(owner)).map(({ externalId, name }) => [externalId, name])).toEqual([
      ['a1', 'Asha'],
      ['b4', 'Last'],
    ]);
  });

  it('API-2 of a file that does not fit at all nothing is stored', async () => {
    const owner = 'import-misfit';
    await expect(importAdvisors(program.advisors, owner, '')).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      path: 'csv',
    });
    await expect(
      importAdvisors(program.advisors, owner, 'externalId;name;phone\na1;Asha;+12025550101'),
    ).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      message: 'line 1, the header: it lacks externalId, name, phone; it holds "externalId;name;phone"',
    });
    const large = `externalId,name,phone\na1,Asha,+12025550101\n${'\n'.repeat(10_000_000)}`;
    await expect(importAdvisors(program.advisors, owner, large)).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      path: 'csv',
    });
    expect(await advisorsOf(owner)).toEqual([]);
  });

  it('DC-2 thousands of lines are stored in batches; of thousands of broken ones all are counted and a hundred told', async () => {
    const owner = 'import-many';
    const good = Array.from({ length: 2_500 }, (_, i) => `g${i},Good ${i},+12025550100`);
    const bad = Array.from({ length: 1_500 }, (_, i) => `b${i},Bad ${i},no number`);
    const report = await importAdvisors(
      program.advisors,
      owner,
      ['externalId,name,phone', ...good, ...bad].join('\n'),
    );
    expect(report).toMatchObject({ inserted: 2_500, refused: 1_500 });
    expect(report.errors).toHaveLength(100);
    expect(report.errors[0]?.path).toBe('line[2502].phone');
  });

  it('CORE-5 the same ids of two owners are two people', async () => {
    const csv = (name: string): string => `externalId,name,phone\na1,${name},+12025550101\n`;
    await importAdvisors(program.advisors, 'import-one', csv('One'));
    await importAdvisors(program.advisors, 'import-two', csv('Two'));
    expect(await advisorsOf('import-one')).toMatchObject([{ name: 'One' }]);
    expect(await advisorsOf('import-two')).toMatchObject([{ name: 'Two' }]);
  });
});

describe('importing contents', () => {
  const line = (id: string, components: unknown, rest = ''): string =>
    `${id},daily_tip,en,"${JSON.stringify(components).replaceAll('"', '""')}",${rest}`;
  const body = (text: string): unknown => [{ type: 'body', parameters: [{ type: 'text', text }] }];

  it('DC-1 stores templates with their variables; the text may have several lines', async () => {
    const owner = 'contents';
    const csv = [
      'externalId,template,language,components,text',
      line('c1', body('{{name}}'), '"Good morning\n{{ name }}"'),
    ].join('\n');
    expect(await importContents(program.contents, owner, csv)).toMatchObject({
      inserted: 1,
      refused: 0,
      errors: [],
    });
    expect(await contentsOf(owner)).toMatchObject([
      { externalId: 'c1', components: body('{{name}}'), text: 'Good morning\n{{ name }}' },
    ]);
    expect(await importContents(program.contents, owner, csv)).toMatchObject({ inserted: 0, unchanged: 1 });
  });

  it('API-2 SEC-6 broken components and unknown variables are refused, each with its line', async () => {
    const owner = 'contents-broken';
    const deep = JSON.parse('[{"a":'.repeat(12) + '[]' + '}]'.repeat(12)) as unknown;
    const csv = [
      'externalId,template,language,components,text',
      'c1,daily_tip,en,not json,',
      'c2,daily_tip,en,{},',
      line('c3', body('{{nmae}}')),
      line('c4', [{ $where: '1' }]),
      line('c5', deep),
      'c6,Daily Tip,en,[],',
      line('c7', body('fine'), '{{constructor}}'),
      line('c8', body('fine')),
    ].join('\n');
    const report = await importContents(program.contents, owner, csv);
    expect(told(report)).toEqual([
      'VALIDATION_ERROR line[2].components: line 2, column components: components is not JSON',
      'VALIDATION_ERROR line[3].components: line 3, column components: components is not a JSON list',
      'VALIDATION_ERROR line[4].components: line 4, column components: components holds {{nmae}}, which is no variable; there are name, externalId, tier, language, date',
      'VALIDATION_ERROR line[5].components: line 5, column components: components holds a key that begins with "$", contains a dot, or is "__proto__"',
      'VALIDATION_ERROR line[6].components: line 6, column components: components is nested more than 8 levels deep',
      'VALIDATION_ERROR line[7].template: line 7, column template: template is not a template name of lower-case letters, digits and underscores',
      'VALIDATION_ERROR line[8].text: line 8, column text: text holds {{constructor}}, which is no variable; there are name, externalId, tier, language, date',
    ]);
    expect((await contentsOf(owner)).map(({ externalId }) => externalId)).toEqual(['c8']);
  });
});

describe('the sample files', () => {
  it('DC-1 are imported without an error', async () => {
    const read = (name: string): Promise<string> =>
      readFile(new URL(`../../examples/daily-content/${name}`, import.meta.url), 'utf8');
    expect(await importAdvisors(program.advisors, 'samples', await read('advisors.csv'))).toMatchObject({
      inserted: 20,
      refused: 0,
      errors: [],
    });
    const contents = await importContents(program.contents, 'samples', await read('content.csv'));
    expect(contents).toMatchObject({ refused: 0, errors: [] });
    expect(contents.inserted).toBeGreaterThanOrEqual(3);
  });
});

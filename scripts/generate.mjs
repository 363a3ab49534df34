/**
 * Writes schema.graphql from the sources, and the client's types from it by codegen.yml. Both are committed; with
 * --check nothing is written, and what is not current is named.
 */
import './typescript.mjs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generate, loadCodegenConfig } from '@graphql-codegen/cli';
import { isInputObjectType } from 'graphql';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const GENERATED = 'sdk/src/generated';

// Not at the top: ./typescript.mjs has to run first.
const { createSchema, printSchemaSDL } = await import('../src/graphql/schema.ts');
const { PROGRAMS } = await import('../src/programs/registry.ts');

const schema = createSchema(PROGRAMS.flatMap((program) => program.resolvers));
const sdl = printSchemaSDL(schema);
const files = new Map([['schema.graphql', sdl], ...(await clientFiles(sdl)), keyedInputs(schema)]);
const stale = [];
for (const [name, content] of files) {
  const current = await readFile(resolve(ROOT, name), 'utf8').catch(() => null);
  if (current !== content) stale.push(name);
}
const left = (await readdir(resolve(ROOT, GENERATED)).catch(() => []))
  .map((name) => `${GENERATED}/${name}`)
  .filter((name) => !files.has(name));

if (!process.argv.includes('--check')) {
  for (const name of left) await rm(resolve(ROOT, name));
  for (const name of stale) {
    await mkdir(dirname(resolve(ROOT, name)), { recursive: true });
    await writeFile(resolve(ROOT, name), files.get(name));
  }
} else if (stale.length + left.length > 0) {
  console.error(
    `not current: ${[...stale, ...left].join(', ')}. Run npm run generate, and commit what it writes.`,
  );
  process.exitCode = 1;
}

/** What codegen.yml makes of this schema, as [path, content] from the root. */
async function clientFiles(sdl) {
  const { config } = await loadCodegenConfig({ configFilePath: resolve(ROOT, 'codegen.yml') });
  // Without the file that may be stale, and without a word when all is well.
  const outputs = await generate(
    { ...config, schema: sdl, cwd: ROOT, silent: true, noSilentErrors: true },
    false,
  );
  return (
    outputs
      .map(({ filename, content }) => [filename.replace(`${ROOT}`, ''), content])
      // The preset also writes a tag for queries in the midst of code, with every document in it once more.
      .filter(([name]) => name === `${GENERATED}/graphql.ts`)
      // What a bundle does not use, it need not carry. (The preset does not pass `pureMagicComment` on.)
      .map(([name, content]) => [
        name,
        content.replaceAll('= new TypedDocumentString', '= /*#__PURE__*/ new TypedDocumentString'),
      ])
  );
}

/** Which inputs take an idempotency key: types are gone at run time, and the client gives keys then. */
function keyedInputs(schema) {
  const names = Object.values(schema.getTypeMap())
    .filter((type) => isInputObjectType(type) && 'idempotencyKey' in type.getFields())
    .map(({ name }) => name)
    .sort();
  const lines = names.map((name) => `  '${name}',\n`).join('');
  const comment = '/** Inputs that take an idempotency key. */';
  const content = `${comment}\nexport const KEYED_INPUTS: ReadonlySet<string> = new Set([\n${lines}]);\n`;
  return [`${GENERATED}/keyed-inputs.ts`, content];
}

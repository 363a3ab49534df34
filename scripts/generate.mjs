/**
 * Writes schema.graphql from the built server, and the client's types from it by codegen.yml. Both are committed;
 * with --check nothing is written, and what is not current is named. Run `npm run build:server` first.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generate, loadCodegenConfig } from '@graphql-codegen/cli';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const GENERATED = 'sdk/src/generated';

const { createSchema, printSchemaSDL } = await import('../dist/graphql/index.js').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error('the server is not built: run npm run build:server');
  process.exit(1);
});
const { PROGRAMS } = await import('../dist/programs/registry.js');

const sdl = printSchemaSDL(createSchema(PROGRAMS.flatMap((program) => program.resolvers)));
const files = new Map([['schema.graphql', sdl], ...(await clientFiles(sdl))]);
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
async function clientFiles(schema) {
  const { config } = await loadCodegenConfig({ configFilePath: resolve(ROOT, 'codegen.yml') });
  // Without the file that may be stale, and without a word when all is well.
  const outputs = await generate({ ...config, schema, cwd: ROOT, silent: true, noSilentErrors: true }, false);
  return outputs.map(({ filename, content }) => [filename.replace(`${ROOT}`, ''), content]);
}

/**
 * Lets Node run this repository's TypeScript without a build: `node --import ./scripts/typescript.mjs FILE.ts`.
 * For benchmarks and generators. Node's own type stripping knows neither decorators nor that `./x.js` means
 * `./x.ts`, so both are done here, by the same compiler and settings as the build.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const ROOT = new URL('../', import.meta.url);
const OPTIONS = JSON.parse(readFileSync(new URL('.swcrc', ROOT), 'utf8'));
delete OPTIONS.$schema;

registerHooks({
  resolve(specifier, context, nextResolve) {
    // The SDK from its sources, as tsc and jest see it; package.json names the built one.
    if (specifier === '#sdk') return nextResolve(new URL('sdk/src/index.ts', ROOT).href, context);
    const isOurs =
      specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts');
    return nextResolve(isOurs ? `${specifier.slice(0, -3)}.ts` : specifier, context);
  },
  load(url, context, nextLoad) {
    if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
    const filename = fileURLToPath(url);
    const source = readFileSync(filename, 'utf8');
    const { code } = transformSync(source, { ...OPTIONS, filename, swcrc: false, sourceMaps: 'inline' });
    return { format: 'module', source: code, shortCircuit: true };
  },
});

/** Writes `.env.example` from the schema; with --check, says whether it is current. */
import './typescript.mjs';
import { readFile, writeFile } from 'node:fs/promises';

// Not at the top: ./typescript.mjs has to run first.
const { SECTIONS } = await import('../src/config-schema.ts');

const FILE = new URL('../.env.example', import.meta.url);

function example() {
  const lines = [
    '# Every variable that Punctual reads, with its default. Generated from src/config-schema.ts: npm run generate.',
    '# Copy it to .env and take the # away from what you change. The environment wins over .env.',
  ];
  for (const [title, variables] of Object.entries(SECTIONS)) {
    lines.push('', `# --- ${title} ---`);
    for (const [name, variable] of Object.entries(variables)) {
      const { expects } = variable.reader;
      lines.push('', `# ${variable.about}`);
      if (expects !== 'text') lines.push(`# ${expects.charAt(0).toUpperCase()}${expects.slice(1)}.`);
      lines.push(`#${name}=${variable.default ?? ''}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

if (process.argv.includes('--check')) {
  const current = await readFile(FILE, 'utf8').catch(() => '');
  if (current !== example()) {
    console.error('.env.example is not current: run npm run generate');
    process.exitCode = 1;
  }
} else {
  await writeFile(FILE, example());
}

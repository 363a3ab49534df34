import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { BadValue } from './config-readers.js';
import { OUR_PREFIXES, VARIABLES } from './config-schema.js';
import type { Values, Variable, VariableName } from './config-schema.js';
import { PunctualError } from './core/errors.js';

/** Texts by name, and where they come from, for people. The environment itself needs no saying and has `null`. */
export interface Source {
  readonly from: string | null;
  readonly texts: Readonly<Record<string, string | undefined>>;
}

/** `.env` of the working folder; empty when there is none. @throws CONFIG_INVALID */
export function dotEnv(): Source {
  const text = readText('.env', '.env');
  return { from: '.env', texts: text === null ? {} : parseEnv(text) };
}

/**
 * A JSON file with the same names as the environment. Nothing else reads it, so an unknown name is an error here.
 * @throws CONFIG_INVALID
 */
export function configFile(path: string): Source {
  const text = readText(path, 'PUNCTUAL_CONFIG');
  if (text === null)
    throw invalid(`PUNCTUAL_CONFIG: there is no file ${path}; expected the path of a JSON file`);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    // The parser's own message quotes the file, and secrets may stand there.
    throw invalid(`PUNCTUAL_CONFIG: ${path} is not JSON; expected one object of names and values`, cause);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw invalid(`PUNCTUAL_CONFIG: ${path} is not an object; expected one object of names and values`);
  }
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(content)) {
    if (!isKnown(name)) throw invalid(`${name}: ${path} has this unknown name${suggestion(name)}`);
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      throw invalid(
        `${name}: ${path} holds neither text, nor a number, nor true or false; expected ${VARIABLES[name].reader.expects}`,
      );
    }
    texts[name] = String(value);
  }
  return { from: path, texts };
}

/** Reads every variable from the first source that has it. @throws CONFIG_INVALID for the first bad value */
export function readValues(sources: readonly Source[]): Values {
  const read = (name: VariableName): [string, unknown] => [name, readValue(name, sources)];
  // Each value comes from its own variable's reader, which is what Values says; fromEntries cannot know that.
  return Object.fromEntries((Object.keys(VARIABLES) as VariableName[]).map(read)) as Values;
}

function readValue(name: VariableName, sources: readonly Source[]): unknown {
  const variable: Variable<unknown> = VARIABLES[name];
  const source = sources.find(({ texts }) => isSet(texts[name]));
  const text = source?.texts[name]?.trim() ?? variable.default;
  if (text === null) return null;
  try {
    return variable.reader.read(text);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    const where = source?.from == null ? '' : ` (in ${source.from})`;
    const shown = variable.secret ? 'the value (not shown)' : JSON.stringify(text.slice(0, 100));
    throw invalid(`${name}${where}: ${shown} ${error.message}; expected ${variable.reader.expects}`);
  }
}

/** Empty counts as absent: container tools pass variables on that way. */
export function isSet(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== '';
}

/** One warning for each name that looks like ours and is not. */
export function unknownNames(sources: readonly Source[]): string[] {
  const names = new Set(sources.flatMap(({ texts }) => Object.keys(texts)));
  return [...names]
    .filter((name) => !isKnown(name) && OUR_PREFIXES.some((prefix) => name.startsWith(prefix)))
    .map((name) => `${name} is not a variable of Punctual${suggestion(name)}`);
}

function isKnown(name: string): name is VariableName {
  return Object.hasOwn(VARIABLES, name);
}

function suggestion(name: string): string {
  const [nearest] = Object.keys(VARIABLES)
    .map((known) => ({ known, distance: editDistance(name.toUpperCase(), known) }))
    .sort((a, b) => a.distance - b.distance);
  return nearest !== undefined && nearest.distance <= Math.max(2, name.length / 5)
    ? `; did you mean ${nearest.known}?`
    : '';
}

/** Levenshtein's distance: how many letters to insert, remove or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      const [above = 0, diagonal = 0, left = 0] = [row[j + 1], row[j], next[j]];
      next.push(Math.min(above + 1, left + 1, diagonal + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function readText(path: string, name: string): string | null {
  try {
    return readFileSync(resolve(path), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw invalid(`${name}: ${path} cannot be read (${code ?? 'unknown error'})`, error);
  }
}

/** The one line that a bad variable ends the start with. */
export function invalid(message: string, cause?: unknown): PunctualError {
  return new PunctualError('CONFIG_INVALID', message, { cause });
}

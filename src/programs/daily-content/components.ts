import { invalid } from './fields.js';

/** Bounds of a template's components. WhatsApp's own are narrower; these keep nonsense out of the database. */
const MOST_COMPONENTS = 16;
const DEEPEST = 8;
const LONGEST_JSON = 16_384;

/**
 * Checks a template's components: a list of JSON objects that MongoDB can store as they are. What they mean is the
 * channel's to check. @param value a list, or the JSON of one
 * @throws VALIDATION_ERROR with path `components`
 */
export function checkComponents(value: unknown): Record<string, unknown>[] {
  const list = typeof value === 'string' ? parse(value) : value;
  if (!Array.isArray(list)) throw invalid('components', 'is not a JSON list');
  if (list.length > MOST_COMPONENTS) {
    throw invalid('components', `has ${list.length} entries; at most ${MOST_COMPONENTS} are allowed`);
  }
  checkDepth(list);
  const size = JSON.stringify(list).length;
  if (size > LONGEST_JSON)
    throw invalid('components', `has ${size} characters; at most ${LONGEST_JSON} are allowed`);
  return list.map((entry: unknown) => {
    if (!isRecord(entry)) throw invalid('components', 'holds an entry that is not a JSON object');
    return entry;
  });
}

function parse(text: string): unknown {
  if (text.length > LONGEST_JSON) {
    throw invalid('components', `has ${text.length} characters; at most ${LONGEST_JSON} are allowed`);
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text; ours does not.
    throw invalid('components', 'is not JSON');
  }
}

/** Level by level, so that what is too deep cannot exhaust the stack of what refuses it. */
function checkDepth(list: readonly unknown[]): void {
  let level: unknown[] = [...list];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) throw invalid('components', `is nested more than ${DEEPEST} levels deep`);
    level = level.flatMap((item) => {
      if (Array.isArray(item)) return item as unknown[];
      if (!isRecord(item)) return [];
      for (const key of Object.keys(item)) checkKey(key);
      return Object.values(item);
    });
  }
}

/** Keys that MongoDB or JavaScript would take for something else (SEC-6). */
function checkKey(key: string): void {
  if (key.startsWith('$') || key.includes('.') || key.includes('\0') || key === '__proto__') {
    throw invalid('components', 'holds a key that begins with "$", contains a dot, or is "__proto__"');
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

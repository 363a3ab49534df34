/** Reads JSON that somebody else wrote, of which nothing may be taken for granted. */

/** The text parsed, or undefined where it is not JSON (which itself has no undefined). */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What lies below `path`: names of fields, and places in lists; undefined where the way breaks off. */
export function fieldOf(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = Reflect.get(found, step) as unknown;
  }
  return found;
}

/** The text below `path`; null where there is none, or an empty one. */
export function textOf(value: unknown, ...path: readonly (string | number)[]): string | null {
  const found = fieldOf(value, ...path);
  return typeof found === 'string' && found !== '' ? found : null;
}

/** The list below `path`; empty where there is none. */
export function listOf(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = fieldOf(value, ...path);
  return Array.isArray(found) ? found : [];
}

import type { ExecutionResult } from 'graphql';

const TEXTS = new WeakMap<ExecutionResult, string>();

/**
 * Writes a result as JSON once for all who are told of it. What it is made from can go then: thousands may be kept for
 * those who lag behind. One with errors stays as it is: each transport masks those itself.
 */
export function shared(result: ExecutionResult): ExecutionResult {
  if (result.errors) return result;
  const token: ExecutionResult = {};
  TEXTS.set(token, JSON.stringify({ data: result.data }));
  return token;
}

/** The JSON of a result that is shared; undefined for any other. */
export function textOf(result: ExecutionResult): string | undefined {
  return TEXTS.get(result);
}

import { KEYED_INPUTS } from './generated/keyed-inputs.js';
import type { Operation } from './operation.js';

/** The values of an operation's variables. */
export type Variables = Readonly<Record<string, unknown>>;

/**
 * Gives each input that takes an idempotency key, and has none, a fresh one (CORE-3). Done once for each call of the
 * caller's, so that all its tries carry the same key. In bulk the key of the list is enough: the server gives each item
 * without a key of its own `KEY:POSITION`.
 */
export function withKeys({ kind, variableTypes }: Operation, variables: Variables): Variables {
  if (kind !== 'mutation') return variables;
  const keyed: Record<string, unknown> = {};
  for (const [name, type] of variableTypes) {
    const input = variables[name];
    if (KEYED_INPUTS.has(type) && lacksKey(input)) keyed[name] = { ...input, idempotencyKey: newKey() };
  }
  return { ...variables, ...keyed };
}

/**
 * Mutations that leave the same behind and answer without an error, however often they are repeated: they say how
 * something is to be, and not what is to be done. Left out, among others: `cancel`, whose second answer is that a
 * cancelled delivery cannot be cancelled; `createApiKey`, which makes a second key; `reschedule` and `scheduleDaily`,
 * whose `after` counts from each request anew.
 */
export const REPEATABLE: ReadonlySet<string> = new Set([
  'acknowledgeAlert',
  'assignContent',
  'importAdvisors',
  'importContents',
  'pauseQueue',
  'resolveAlert',
  'resumeChannel',
  'resumeQueue',
  'revokeApiKey',
  'upsertAdvisor',
  'upsertAdvisors',
  'upsertContent',
]);

/**
 * Whether doing it twice is no worse than doing it once. Queries and subscriptions change nothing. A mutation may be
 * repeated if each of its root fields has a key, under which the server finds what the first try made, or is one of
 * REPEATABLE. What this client does not know is not repeated.
 */
export function isRepeatable({ kind, rootFields, variableTypes }: Operation, variables: Variables): boolean {
  if (kind !== 'mutation') return true;
  const keyed = new Set(
    [...variableTypes]
      .filter(([name, type]) => KEYED_INPUTS.has(type) && hasKey(variables[name]))
      .map(([, type]) => type),
  );
  // `sendNow` takes a SendNowInput (API-1).
  const inputOf = (field: string): string => `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
  return (
    rootFields.length > 0 && rootFields.every((field) => REPEATABLE.has(field) || keyed.has(inputOf(field)))
  );
}

function hasKey(input: unknown): boolean {
  return (
    typeof input === 'object' && input !== null && 'idempotencyKey' in input && input.idempotencyKey != null
  );
}

function lacksKey(input: unknown): input is object {
  return typeof input === 'object' && input !== null && !Array.isArray(input) && !hasKey(input);
}

/** A random UUID. Not by `crypto.randomUUID`, which browsers keep from pages that came over plain HTTP. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

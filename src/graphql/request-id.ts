import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

const current = new AsyncLocalStorage<string>();

/** Runs `work` as the request `id`: errors that it ends in, and lines that it logs, carry the id. */
export function withRequestId<T>(id: string, work: () => T): T {
  return current.run(id, work);
}

/** The id of the request under way; a fresh one outside of any, so that an answer never lacks one. */
export function requestId(): string {
  return current.getStore() ?? randomUUID();
}

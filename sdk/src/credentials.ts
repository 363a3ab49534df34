import { unlessAborted } from './abort.js';
import { PunctualClientError } from './errors.js';

/** An API key, or a token; or what gives one, asked before each request and connection, which may renew it. */
export type ApiKey = string | (() => string | Promise<string>);

/** Gives the key to use now. @throws PunctualClientError NO_CREDENTIALS */
export type Credentials = (signal: AbortSignal | undefined) => Promise<string>;

export function credentialsOf(apiKey: ApiKey): Credentials {
  if (typeof apiKey === 'string') return () => Promise.resolve(apiKey);
  return (signal) => unlessAborted(ask(apiKey), signal);
}

async function ask(apiKey: () => string | Promise<string>): Promise<string> {
  try {
    return await apiKey();
  } catch (cause) {
    // One that says itself what is wrong, such as UNAUTHENTICATED for "sign in again", is taken at its word.
    if (cause instanceof PunctualClientError) throw cause;
    throw new PunctualClientError('NO_CREDENTIALS', 'the function that gives the API key failed', { cause });
  }
}

/**
 * Uses the key; if it is refused, asks once for a renewed one. A refused request was not carried out, so that
 * nothing is done twice.
 */
export async function withKey<T>(
  credentials: Credentials,
  signal: AbortSignal | undefined,
  use: (key: string) => Promise<T>,
): Promise<T> {
  const key = await credentials(signal);
  try {
    return await use(key);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const renewed = await credentials(signal);
    if (renewed === key) throw error;
    return use(renewed);
  }
}

/** Whether the server took the key for none that is good now. */
export function isRefusal(error: unknown): boolean {
  return error instanceof PunctualClientError && error.code === 'UNAUTHENTICATED';
}

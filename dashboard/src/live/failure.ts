import { PunctualClientError } from '#sdk';
import type { CombinedError } from 'urql';

/** The code of what failed as a whole. */
export function codeOf({ networkError }: CombinedError): PunctualClientError['code'] | null {
  return networkError instanceof PunctualClientError ? networkError.code : null;
}

/** What went wrong with a request as a whole, in a sentence; null when nothing did. */
export function failureInWords(error: CombinedError | undefined): string | null {
  if (!error) return null;
  const code = codeOf(error);
  if (code === 'NETWORK_ERROR') return 'The server cannot be reached.';
  const message = error.networkError?.message ?? error.message;
  return code === null ? message : `${message} (${code})`;
}

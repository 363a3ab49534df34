import type { TypedDocumentString } from '#sdk';
import { useEffect } from 'react';
import { type AnyVariables, type CombinedError, useQuery } from 'urql';

/** What is known of a question. */
export interface Asked<Data> {
  /** The newest answer; null until there is one. */
  readonly data: Data | null;
  /** Why the newest try failed; null when it did not. */
  readonly error: CombinedError | null;
  readonly again: () => void;
}

/** Asks once, and again every so often while somebody can see the page. */
export function usePolled<Data, Variables extends AnyVariables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  everyMs: number,
): Asked<Data> {
  const [{ data, error }, execute] = useQuery<Data, Variables>({ query: document.toString(), variables });
  useEffect(() => {
    const timer = setInterval(() => {
      if (window.document.visibilityState === 'visible') execute();
    }, everyMs);
    return () => clearInterval(timer);
  }, [execute, everyMs]);
  return { data: data ?? null, error: error ?? null, again: execute };
}

import type { TypedDocumentString } from '#sdk';
import { useEffect } from 'react';
import { type AnyVariables, useQuery, useSubscription } from 'urql';
import { failureInWords } from './failure.js';

/** What is known of a question. */
export interface Asked<Data> {
  /** The newest answer; null until there is one. */
  readonly data: Data | null;
  /** Why the newest try failed, in words; null when it did not. */
  readonly error: string | null;
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
  return { data: data ?? null, error: failureInWords(error), again: execute };
}

/** What is known of a subscription. */
export interface Heard<Known> {
  /** What its events add up to; null until the first. */
  readonly known: Known | null;
  /** Why it was cut off last, in words; null when it was not. */
  readonly error: string | null;
}

/**
 * Follows a subscription.
 * @param add folds an event into what is known; null at the first
 * @param pause true: do not subscribe
 */
export function useLive<Data, Variables extends AnyVariables, Known>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  add: (known: Known | null, event: Data) => Known | null,
  pause = false,
): Heard<Known> {
  const [{ data, error }] = useSubscription<Data, Known | null, Variables>(
    { query: document.toString(), variables, pause },
    (known, event) => add(known ?? null, event),
  );
  return { known: data ?? null, error: failureInWords(error) };
}

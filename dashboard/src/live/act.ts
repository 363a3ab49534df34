import type { ErrorCode, TypedDocumentString } from '#sdk';
import { useCallback, useState } from 'react';
import { type AnyVariables, useMutation } from 'urql';
import { failureInWords } from './failure.js';

/** Every mutation answers one payload with its errors. */
type Answer = Readonly<Record<string, { readonly errors: readonly { code: ErrorCode; message: string }[] }>>;

/** Something that a person can do on this page. */
export interface Action<Data, Variables> {
  readonly busy: boolean;
  /** Why the newest try did nothing, for the person who tried; null: it did, or there was none. */
  readonly problem: string | null;
  /** @returns the answer, or null when it did nothing */
  readonly run: (variables: Variables) => Promise<Data | null>;
}

/** A mutation with its outcome in words. */
export function useAction<Data extends Answer, Variables extends AnyVariables>(
  document: TypedDocumentString<Data, Variables>,
): Action<Data, Variables> {
  const [{ fetching }, execute] = useMutation<Data, Variables>(document.toString());
  const [problem, setProblem] = useState<string | null>(null);
  const run = useCallback(
    async (variables: Variables): Promise<Data | null> => {
      const { data, error } = await execute(variables);
      const [refusal] = Object.values(data ?? {}).flatMap(({ errors }) => errors);
      setProblem(refusal ? refusalInWords(refusal) : failureInWords(error));
      return refusal || error ? null : (data ?? null);
    },
    [execute],
  );
  return { busy: fetching, problem, run };
}

function refusalInWords({ code, message }: { code: ErrorCode; message: string }): string {
  return code === 'FORBIDDEN' ? `Your key may not do this: ${message}.` : `${message} (${code})`;
}

import { fromServer, PunctualClientError, type ServerError } from './errors.js';

/** What `fetch` has to do for us. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** One operation over HTTP. @throws PunctualClientError */
export async function post(
  fetch: Fetch,
  url: string,
  apiKey: string,
  body: { readonly query: string; readonly variables: unknown },
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const response = await send(fetch, url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      authorization: `Bearer ${apiKey}`,
    },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
  const answer = await readAnswer(response);
  if (answer.errors && answer.errors.length > 0) throw fromServer(answer.errors);
  if (answer.data == null) throw notOurs(response);
  return answer.data;
}

async function send(fetch: Fetch, url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause;
    throw new PunctualClientError('NETWORK_ERROR', `${url} cannot be reached`, { cause });
  }
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly ServerError[];
}

async function readAnswer(response: Response): Promise<Answer> {
  let answer: unknown;
  try {
    answer = await response.json();
  } catch (cause) {
    throw notOurs(response, cause);
  }
  if (typeof answer !== 'object' || answer === null) throw notOurs(response);
  return answer;
}

function notOurs(response: Response, cause?: unknown): PunctualClientError {
  return new PunctualClientError(
    'BAD_RESPONSE',
    `${response.url} answered ${response.status}, and not in GraphQL's form`,
    {
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

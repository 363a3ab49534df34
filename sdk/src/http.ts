import { fromServer, PunctualClientError, type ServerError } from './errors.js';

/** What `fetch` has to do for us. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What an operation is sent as. */
export interface OperationBody {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Where and how requests are sent. */
export interface Endpoint {
  readonly fetch: Fetch;
  readonly url: string;
}

/** One operation over HTTP, once. @throws PunctualClientError; the signal's reason when it aborts */
export async function post(
  endpoint: Endpoint,
  key: string,
  body: OperationBody,
  signal: AbortSignal | undefined,
  timeoutMs: number,
): Promise<unknown> {
  const overdue = AbortSignal.timeout(timeoutMs);
  const either = signal ? AbortSignal.any([signal, overdue]) : overdue;
  const response = await send(endpoint, key, body, 'application/json', either, signal);
  const answer = await readAnswer(response, signal);
  if (answer.errors && answer.errors.length > 0) throw fromServer(answer.errors);
  if (answer.data == null) throw notOurs(response);
  return answer.data;
}

/**
 * @param signal ends the request
 * @param callers the part of it that is the caller's: its reason is thrown as it is
 */
export async function send(
  { fetch, url }: Endpoint,
  key: string,
  body: OperationBody,
  accept: string,
  signal: AbortSignal,
  callers: AbortSignal | undefined,
): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
      signal,
    });
  } catch (cause) {
    callers?.throwIfAborted();
    throw networkError(url, cause);
  }
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly ServerError[];
}

async function readAnswer(response: Response, callers: AbortSignal | undefined): Promise<Answer> {
  let text: string;
  try {
    text = await response.text();
  } catch (cause) {
    callers?.throwIfAborted();
    throw networkError(response.url, cause);
  }
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (cause) {
    throw notOurs(response, cause);
  }
  if (typeof answer !== 'object' || answer === null) throw notOurs(response);
  return answer;
}

/** What an answer that is no success says. @throws PunctualClientError */
export async function refusalOf(
  response: Response,
  callers: AbortSignal | undefined,
): Promise<PunctualClientError> {
  const { errors } = await readAnswer(response, callers);
  return errors && errors.length > 0 ? fromServer(errors) : notOurs(response);
}

export function networkError(url: string, cause: unknown): PunctualClientError {
  const late =
    typeof cause === 'object' && cause !== null && 'name' in cause && cause.name === 'TimeoutError';
  const problem = late ? 'did not answer in time' : 'cannot be reached, or the connection broke';
  return new PunctualClientError('NETWORK_ERROR', `${url} ${problem}`, { cause });
}

/** Statuses with which what stands between us and the server says that the server is away. */
const GATEWAY_FAILED = new Set([502, 503, 504]);

function notOurs(response: Response, cause?: unknown): PunctualClientError {
  const { url, status } = response;
  const because = cause === undefined ? {} : { cause };
  if (GATEWAY_FAILED.has(status)) {
    return new PunctualClientError('UNAVAILABLE', `${url} answered ${status}`, because);
  }
  if (status === 429) {
    const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
    return new PunctualClientError('RATE_LIMITED', `${url} answered 429`, {
      ...because,
      ...(Number.isNaN(retryAfter) ? {} : { retryAfter }),
    });
  }
  return new PunctualClientError(
    'BAD_RESPONSE',
    `${url} answered ${status}, and not in GraphQL's form`,
    because,
  );
}

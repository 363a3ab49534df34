import { type Client, createClient } from '#sdk';
import type { Core } from '../../src/core/index.js';

/** What a raw request was answered with. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of the first error; undefined when there is none. */
  readonly code: unknown;
  readonly body: {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[];
  };
}

/** Sends what no client would: for tests of the edge itself. */
export async function postRaw(
  url: string,
  body: string,
  {
    key,
    path = '/graphql',
    headers = {},
  }: { key?: string; path?: string; headers?: Record<string, string> } = {},
): Promise<RawAnswer> {
  const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...authorization, ...headers },
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  const parsed = (isJson ? JSON.parse(text) : {}) as RawAnswer['body'];
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: parsed,
    code: parsed.errors?.[0]?.extensions?.['code'],
  };
}

/** The same for a query, as JSON. */
export function query(url: string, key: string, text: string, variables: object = {}): Promise<RawAnswer> {
  return postRaw(url, JSON.stringify({ query: text, variables }), { key });
}

/** A client of one user, with its key. */
export interface User extends Client {
  readonly key: string;
}

/** Makes clients of users with a role, and closes them all. */
export class Users {
  readonly #clients: Client[] = [];

  constructor(
    private readonly url: string,
    private readonly core: Core,
  ) {}

  async make(owner: string, role: 'VIEWER' | 'MANAGER' | 'OPERATOR' | 'ADMIN' = 'MANAGER'): Promise<User> {
    const { key } = await this.core.access.createKey({ name: `${owner} ${role}`, owner, role });
    const client = createClient({ url: this.url, apiKey: key });
    this.#clients.push(client);
    return { ...client, key };
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}

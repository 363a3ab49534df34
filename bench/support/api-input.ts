/** The file of an API process. Apart from it, because to import that file is to be one. */
export const API_PROCESS = new URL('./api-process.ts', import.meta.url);
/** The file of the process that asks. */
export const API_CLIENTS = new URL('./api-clients.ts', import.meta.url);

/** What an API process is made of. */
export interface ApiInput {
  readonly uri: string;
  readonly database: string;
  /** So many keys of one owner are made, in each of two roles. */
  readonly keys: number;
}

/** Whose key: an owner's own, or one that sees all owners. */
export type KeyRole = 'MANAGER' | 'OPERATOR';

/** What an API process says when it is up. */
export interface ApiSaid {
  readonly pid: number;
  readonly url: string;
  readonly keys: Readonly<Record<KeyRole, readonly string[]>>;
}

/** One operation that all clients ask again and again. */
export interface Step {
  readonly name: string;
  readonly url: string;
  /** One for each client. */
  readonly keys: readonly string[];
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Each request's `input` gets an idempotency key of its own. */
  readonly unique: boolean;
}

/** What the clients are told. */
export interface ClientsInput {
  readonly steps: readonly Step[];
  /** Each step runs so long, after a tenth of it that does not count. */
  readonly seconds: number;
}

/** What they say after each step, in order. */
export interface ClientsSaid {
  /** How long each request took, in ms. */
  readonly latencies: readonly number[];
  /** All requests of the step, with those that do not count. */
  readonly asked: number;
}

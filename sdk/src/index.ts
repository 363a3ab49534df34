/** Punctual's typed client. The operations are in `operations/`; the types are generated from the server's schema. */
export { type Client, createClient, type RequestOptions, type SubscribeOptions } from './client.js';
export type { Connection, ConnectionState } from './connection.js';
export type { ApiKey } from './credentials.js';
export { type ClientErrorCode, PunctualClientError } from './errors.js';
export * from './generated/graphql.js';
export type { Fetch } from './http.js';
export type { ClientOptions } from './options.js';
export type { NodeOf, Page } from './paging.js';
export type { Retry, RetryOptions } from './retry.js';
export { orThrow, PunctualUserError, type UserErrorData } from './user-error.js';

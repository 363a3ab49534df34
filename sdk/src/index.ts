/** Punctual's typed client. The operations are in `operations/`; the types are generated from the server's schema. */
export { type CallOptions, type Client, type ClientOptions, createClient } from './client.js';
export { type ClientErrorCode, PunctualClientError } from './errors.js';
export * from './generated/graphql.js';

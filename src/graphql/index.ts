/** What app.ts uses of the edge. */
export type { Readiness } from './health.js';
export { type Api, type ApiOptions, startApi, type StartedProgram } from './server.js';
export { createSchema, printSchemaSDL } from './schema.js';

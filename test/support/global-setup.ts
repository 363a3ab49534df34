import { registerHooks } from 'node:module';

import type * as servers from './servers.js';

declare global {
  /** Jest runs set-up and tear-down in one process but shares nothing else between them. */
  var punctualTestServers: servers.TestServers | undefined;
}

/** Jest wants a default export here. Workers inherit the environment that this sets. */
export default async function globalSetup(): Promise<void> {
  const { startTestServers } = await importTypescript();
  const started = await startTestServers();
  globalThis.punctualTestServers = started;
  process.env['PUNCTUAL_TEST_MONGODB_URI'] = started.mongod.uri;
  process.env['PUNCTUAL_TEST_REDIS_URL'] = started.redis.url;
}

/** Jest compiles what this file imports but looks for it without its moduleNameMapper: `./x.js` is `./x.ts`. */
async function importTypescript(): Promise<typeof servers> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts') === true
        ? next(`${specifier.slice(0, -3)}.ts`, context)
        : next(specifier, context),
  });
  try {
    return await import('./servers.js');
  } finally {
    hooks.deregister();
  }
}

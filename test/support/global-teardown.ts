import type {} from './global-setup.js';

/** Jest wants a default export here. */
export default async function globalTeardown(): Promise<void> {
  await globalThis.punctualTestServers?.stop();
  globalThis.punctualTestServers = undefined;
}

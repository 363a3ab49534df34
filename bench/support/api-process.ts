import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import { createLog } from '../../src/log.js';
import type { ApiInput, ApiSaid, KeyRole } from './api-input.js';
import { OWNER } from './history.js';
import { serveParent } from './parent.js';

/** The API as `punctual api` runs it, in production's mode. */
serveParent(async (told, parent) => {
  const { uri, database, keys } = told as ApiInput;
  const dataDir = await mkdtemp(join(tmpdir(), 'punctual-bench-api-'));
  const config = loadConfig({
    NODE_ENV: 'production',
    PORT: '0',
    MONGODB_URI: uri,
    MONGODB_DB: database,
    REDIS_URL: 'none',
    PUNCTUAL_DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
  });
  const app = await createApp(config, { api: true, worker: false, sandbox: false }, createLog(config));
  await app.start();
  const { core, urls } = app;
  if (!core || urls.api === undefined) throw new Error('an API without an address');
  const make = async (role: KeyRole): Promise<string[]> => {
    const names = Array.from({ length: keys }, (_, i) => `bench ${role} ${i}`);
    const made = await Promise.all(names.map((name) => core.access.createKey({ name, owner: OWNER, role })));
    return made.map(({ key }) => key);
  };
  const made = { MANAGER: await make('MANAGER'), OPERATOR: await make('OPERATOR') };
  parent.say({ pid: process.pid, url: urls.api, keys: made } satisfies ApiSaid);
  return async () => {
    await app.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
});

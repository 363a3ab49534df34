import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, createApp, type Parts } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import type { Core } from '../../src/core/index.js';
import { createLog } from '../../src/log.js';
import { dropTestDatabase, testDatabase, testRedis } from './servers.js';

/** What a test may set. */
export interface SystemOptions {
  /** All three when omitted. */
  readonly parts?: Partial<Parts>;
  /** Environment variables on top of those that make it the test's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** The database and Redis of a system that is already up, to run a second process's parts beside it. */
  readonly beside?: System;
}

/** A whole Punctual of the test's own: the real app on the run's MongoDB and Redis, with a database and ports of its own. */
export interface System {
  /** Of the API; empty without one. */
  readonly url: string;
  readonly sandboxUrl: string;
  /** An ADMIN key; empty without an API. */
  readonly adminKey: string;
  readonly core: Core;
  /** The started programs, by name. */
  readonly programs: ReadonlyMap<string, object>;
  /** The environment that it runs with: a process with the same one is another part of it. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts it; everything that it made is gone after `stop`. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const parts: Parts = { api: true, worker: true, sandbox: true, ...options.parts };
  const dataDir = await mkdtemp(join(tmpdir(), 'punctual-system-'));
  const database = testDatabase();
  const redis = testRedis();
  const env: Record<string, string> = {
    PORT: '0',
    SANDBOX_PORT: '0',
    SANDBOX_SMTP_PORT: '0',
    MONGODB_URI: database.uri,
    MONGODB_DB: database.name,
    REDIS_URL: redis.url,
    REDIS_PREFIX: redis.prefix,
    LOG_LEVEL: 'error',
    // The process is jest's, which has run many tests by now: its size says nothing about this system's.
    MEMORY_LIMIT_MB: '65536',
    ...options.beside?.env,
    PUNCTUAL_DATA_DIR: dataDir,
    ...options.env,
  };
  const config = loadConfig(env);
  const app: App = await createApp(config, parts, createLog(config));
  const stop = async (): Promise<void> => {
    await app.stop();
    if (!options.beside) await dropTestDatabase(database);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await app.start();
  } catch (error) {
    await stop();
    throw error;
  }
  if (!app.core) throw new Error('a system without a core');
  const sandboxUrl = app.urls.sandbox ?? '';
  return {
    url: app.urls.api ?? '',
    sandboxUrl,
    adminKey: app.devKeyFile === undefined ? '' : (await readFile(app.devKeyFile, 'utf8')).trim(),
    core: app.core,
    programs: app.programs,
    env: { ...env, ...sandboxPorts(app.urls) },
    stop,
  };
}

/** By which another process finds the sandbox, where this one has it. */
function sandboxPorts({ sandbox, smtp }: App['urls']): Record<string, string> {
  if (sandbox === undefined || smtp === undefined) return {};
  return { SANDBOX_PORT: new URL(sandbox).port, SANDBOX_SMTP_PORT: new URL(smtp).port };
}

import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { ChannelsDocument, createClient, PunctualClientError } from '#sdk';
import { createApp } from '../app.js';
import type { Config } from '../config.js';
import { loadConfig } from '../config.js';
import { PunctualError } from '../core/errors.js';
import { createLog } from '../log.js';
import { FetchProgressBars } from './fetch-progress.js';
import { knownServer, readKey } from './known-server.js';

/** A server that the demo runs against. */
export interface DemoServer {
  readonly url: string;
  readonly sandboxUrl: string;
  readonly apiKey: string;
  /** Ends it if it was started here. */
  stop(): Promise<void>;
}

/**
 * The server at PUNCTUAL_URL if one answers, else the local one if it takes our key, else one of our own.
 * @throws PunctualError UNAUTHENTICATED when the server at PUNCTUAL_URL refuses the key; START_... of the own one
 */
export async function demoServer(config: Config, say: (line: string) => void): Promise<DemoServer> {
  const sandboxUrl = `http://127.0.0.1:${config.sandbox.port}`;
  const { url, apiKey } = await knownServer(config);
  const state = await stateOf(url, apiKey ?? '');
  if (state === 'ours' && apiKey !== null) {
    say(`Using the server at ${url}.`);
    return { url, sandboxUrl, apiKey, stop: () => Promise.resolve() };
  }
  if (config.cli.url !== null && state === 'refused') {
    throw new PunctualError(
      'UNAUTHENTICATED',
      `${url} refuses the key: set PUNCTUAL_API_KEY, or PUNCTUAL_DATA_DIR to the folder of its dev-key`,
    );
  }
  say(`No server of ours answers at ${url}: starting one for the time of the demo.`);
  return startOwn(config);
}

async function stateOf(url: string, apiKey: string): Promise<'ours' | 'refused' | 'silent'> {
  const client = createClient({ url, apiKey });
  try {
    // To find out whether one answers, one try is enough.
    await client.request(ChannelsDocument, {}, { signal: AbortSignal.timeout(5000), retry: false });
    return 'ours';
  } catch (error) {
    return error instanceof PunctualClientError && error.code === 'UNAUTHENTICATED' ? 'refused' : 'silent';
  } finally {
    await client.close();
  }
}

/** Everything in this process: on free ports, on data of its own, with the sandbox as the only provider. */
async function startOwn(config: Config): Promise<DemoServer> {
  const isDataDirSet = config.dataDir !== resolve('.punctual');
  const dataDir = isDataDirSet ? config.dataDir : await temporaryFolder(config.dataDir);
  const cleanUp = async (): Promise<void> => {
    if (!isDataDirSet) await rm(dataDir, { recursive: true, force: true });
  };
  const own = loadConfig(undefined, {
    overrides: {
      PUNCTUAL_DATA_DIR: dataDir,
      ...{ HOST: '127.0.0.1', PORT: '0', SANDBOX_PORT: '0', SANDBOX_SMTP_PORT: '0' },
      // A database and tokens of its own, where servers are shared with an installation.
      ...{ MONGODB_DB: `punctual_demo_${process.pid}`, REDIS_PREFIX: `punctual-demo-${process.pid}:` },
      LOG_LEVEL: 'warn',
    },
  });
  const fetching = new FetchProgressBars();
  const parts = { api: true, worker: true, sandbox: true };
  const app = await createApp(own, parts, createLog(own), { onFetchProgress: fetching.update });
  const stop = async (): Promise<void> => {
    try {
      await app.stop();
    } finally {
      await cleanUp();
    }
  };
  try {
    await app.start();
    const apiKey = app.devKeyFile === undefined ? null : await readKey(app.devKeyFile);
    const { api: url, sandbox: sandboxUrl } = app.urls;
    if (url === undefined || sandboxUrl === undefined || apiKey === null) {
      throw new PunctualError('INTERNAL_ERROR', 'the server started without an API, a sandbox or a key');
    }
    return { url, sandboxUrl, apiKey, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    fetching.end();
  }
}

/** Data goes away with the demo, but programs that were fetched stay where every start finds them. */
async function temporaryFolder(usual: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'punctual-demo-'));
  const programs = join(usual, 'bin');
  try {
    await mkdir(programs, { recursive: true });
    await symlink(programs, join(folder, 'bin'));
  } catch (error) {
    // Where we may not write, they are fetched for this once.
    if (
      (error as NodeJS.ErrnoException).code !== 'EACCES' &&
      (error as NodeJS.ErrnoException).code !== 'EROFS'
    )
      throw error;
  }
  return folder;
}

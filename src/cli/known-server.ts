import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.js';

/** The server that a command talks to, and the key that it uses there; null where none is known. */
export async function knownServer(config: Config): Promise<{ url: string; apiKey: string | null }> {
  const host = config.host === '0.0.0.0' ? '127.0.0.1' : config.host;
  return {
    url: config.cli.url ?? `http://${host}:${config.port}`,
    apiKey: config.cli.apiKey ?? (await readKey(join(config.dataDir, 'dev-key'))),
  };
}

/** @returns the key in a file; null where there is no such file */
export async function readKey(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

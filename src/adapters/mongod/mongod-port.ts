import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The port stands in the replica set's configuration and in the addresses that people noted, so each start
 * takes the one of the start before. It is kept in a file because mongod must be told before it can be asked.
 */
const portFile = (dataDir: string) => join(dataDir, 'mongodb-port');

/** The port in the stored configuration; undefined when there is none or it is not known. */
export async function lastPort(dataDir: string): Promise<number | undefined> {
  const text = await readFile(portFile(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

export async function rememberPort(dataDir: string, port: number): Promise<void> {
  await writeFile(portFile(dataDir), `${port}\n`);
}

export async function forgetPort(dataDir: string): Promise<void> {
  await rm(portFile(dataDir), { force: true });
}

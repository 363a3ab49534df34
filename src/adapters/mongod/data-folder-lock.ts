import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { PunctualError } from '../../core/errors.js';
import { processStart } from './child/process-identity.js';
import { ensureDataFolder, notWritable } from './data-folder.js';

/** The right to use a data folder, held by one process at a time. */
export interface DataFolderLock {
  /** Gives the folder back. A lock that is not given back is taken over once its process is dead. */
  release(): Promise<void>;
}

/** What stands in the lock file. `start` tells a process from a later one that got the same pid. */
interface Holder {
  readonly pid: number;
  readonly start: string;
  readonly since: string;
}

/** How long to wait for another process that is just taking over the same dead lock. */
const TAKEOVER_MS = 5000;

/**
 * Takes `<dataDir>/lock`. Throws START_DATA_FOLDER_IN_USE when a living process (this one too) holds it, and
 * START_DATA_FOLDER_NOT_WRITABLE when it cannot be written.
 */
export async function lockDataFolder(dataDir: string): Promise<DataFolderLock> {
  await ensureDataFolder(dataDir);
  const path = join(dataDir, 'lock');
  const start = await processStart(process.pid);
  const mine = `${JSON.stringify({ pid: process.pid, start, since: new Date().toISOString() })}\n`;
  let holder: Holder | undefined;
  try {
    holder = await take(path, mine);
  } catch (error) {
    throw notWritable(dataDir, error);
  }
  if (holder !== undefined) {
    throw new PunctualError(
      'START_DATA_FOLDER_IN_USE',
      `Another Punctual (pid ${holder.pid}, since ${holder.since}) runs on the data folder ${dataDir}: stop it, or set PUNCTUAL_DATA_DIR to another folder.`,
    );
  }
  return {
    release: async () => {
      // Only what is ours: somebody may have removed the file by hand and started anew.
      if ((await readIfThere(path)) === mine) await rm(path, { force: true });
    },
  };
}

/**
 * Makes the file ours and returns undefined, or returns who holds it.
 *
 * The content is written beside and linked into place, so the lock never exists without its holder's name. A
 * dead holder's lock is replaced only under a second lock of the same kind, and only if it is still the one
 * that was found dead: otherwise two processes could both find it dead, and the second would remove the lock
 * that the first has just taken.
 */
async function take(path: string, mine: string): Promise<Holder | undefined> {
  const beside = `${path}.${randomUUID()}`;
  await writeFile(beside, mine, { mode: 0o600 });
  const until = performance.now() + TAKEOVER_MS;
  try {
    for (;;) {
      if (await linked(beside, path)) return undefined;
      const found = await readIfThere(path);
      if (found === undefined) continue;
      const holder = parse(found);
      if (holder !== undefined && (await processStart(holder.pid)) === holder.start) return holder;
      const takeover = `${path}.takeover`;
      const rival = await take(takeover, mine);
      if (rival === undefined) {
        try {
          if ((await readIfThere(path)) === found) {
            await rename(beside, path);
            return undefined;
          }
        } finally {
          await rm(takeover, { force: true });
        }
      } else if (performance.now() > until) {
        return rival;
      } else {
        await delay(10);
      }
    }
  } finally {
    await rm(beside, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined for a torn file, as a machine that lost power leaves it: nobody alive wrote that. */
function parse(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, start, since } = value as Record<string, unknown>;
    if (typeof pid !== 'number' || typeof start !== 'string') return undefined;
    return { pid, start, since: String(since) };
  } catch {
    return undefined;
  }
}

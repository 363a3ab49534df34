import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { MongoClient } from 'mongodb';
import type { EmbeddedMongod } from '../../src/adapters/mongod/embedded-mongod.js';
import { startEmbeddedMongod } from '../../src/adapters/mongod/embedded-mongod.js';
import { findMongod } from '../../src/adapters/mongod/find-mongod.js';
import type { EmbeddedRedis } from '../../src/adapters/redis-server/embedded-redis.js';
import { startEmbeddedRedis } from '../../src/adapters/redis-server/embedded-redis.js';
import { findRedisServer } from '../../src/adapters/redis-server/find-redis-server.js';

/** Where the programs of the tests' servers are kept, so that each machine fetches them once. */
export const SERVER_CACHE = resolve('.cache/punctual');

/** The one MongoDB and the one Redis of a test run. */
export interface TestServers {
  readonly mongod: EmbeddedMongod;
  readonly redis: EmbeddedRedis;
  /** Stops both and removes what they wrote. */
  stop(): Promise<void>;
}

/**
 * Starts both on a data folder of their own. When this process is killed, the watchdogs end them and remove the
 * folder. Redis is optional for Punctual but not for its tests: without it this throws.
 */
export async function startTestServers(): Promise<TestServers> {
  const onProgress = fetchReporter();
  const found = await findMongod({ dataDir: SERVER_CACHE, onProgress });
  const foundRedis = await findRedisServer({ dataDir: SERVER_CACHE, onProgress });
  if (!foundRedis.available) throw new Error(`No Redis for the tests: ${foundRedis.reasons.join('; ')}`);

  const dataDir = await mkdtemp(join(tmpdir(), 'punctual-test-'));
  const removeFolder = () => rm(dataDir, { recursive: true, force: true });
  let mongod: EmbeddedMongod | undefined;
  try {
    // A small cache and oplog: a test run holds little, and the machine has other work.
    mongod = await startEmbeddedMongod({
      dataDir,
      binary: found.path,
      cacheSizeGb: 0.5,
      oplogSizeMb: 256,
      ephemeral: true,
    });
    const redis = await startEmbeddedRedis({ dataDir, binary: foundRedis.path });
    if (!redis.available) throw new Error(`No Redis for the tests: ${redis.reasons.join('; ')}`);
    const started = mongod;
    return {
      mongod,
      redis,
      stop: async () => {
        await Promise.all([started.stop(), redis.stop()]);
        await removeFolder();
      },
    };
  } catch (error) {
    await mongod?.stop();
    await removeFolder();
    throw error;
  }
}

/** A database of the caller's own on the run's MongoDB; one for each test file keeps files apart. */
export function testDatabase(): { uri: string; name: string } {
  return {
    uri: fromGlobalSetup('PUNCTUAL_TEST_MONGODB_URI'),
    name: `test_${randomUUID().replaceAll('-', '')}`,
  };
}

/** Removes a database when the test is done with it. */
export async function dropTestDatabase({ uri, name }: { uri: string; name: string }): Promise<void> {
  const client = await MongoClient.connect(uri);
  try {
    await client.db(name).dropDatabase();
  } finally {
    await client.close();
  }
}

/** A key prefix of the caller's own on the run's Redis. */
export function testRedis(): { url: string; prefix: string } {
  return { url: fromGlobalSetup('PUNCTUAL_TEST_REDIS_URL'), prefix: `test:${randomUUID()}:` };
}

function fromGlobalSetup(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} is not set: jest's globalSetup (test/support/global-setup.ts) sets it`);
  return value;
}

/** A line on stderr for each tenth of a fetch: without it a first run looks as if it hung. */
function fetchReporter(): (progress: { what: string; receivedBytes: number; totalBytes?: number }) => void {
  let shown = -1;
  return ({ what, receivedBytes, totalBytes }) => {
    if (totalBytes === undefined) return;
    const tenths = Math.min(10, Math.floor((receivedBytes / totalBytes) * 10));
    if (tenths === shown) return;
    shown = tenths;
    process.stderr.write(
      `Fetching ${what} for the tests: ${tenths * 10} % of ${Math.round(totalBytes / 1e6)} MB\n`,
    );
  };
}

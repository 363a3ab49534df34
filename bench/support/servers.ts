import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { MongoClient } from 'mongodb';
import { startEmbeddedMongod } from '../../src/adapters/mongod/embedded-mongod.js';
import { findMongod } from '../../src/adapters/mongod/find-mongod.js';
import { startEmbeddedRedis } from '../../src/adapters/redis-server/embedded-redis.js';
import { findRedisServer } from '../../src/adapters/redis-server/find-redis-server.js';
import type { Defer } from './endings.js';

/** Where fetched servers are kept: the tests use the same folder. */
const CACHE = resolve('.cache/punctual');

/** The servers of one run, each started when it is first asked for. */
export interface BenchServers {
  mongod(): Promise<MongoServer>;
  redis(): Promise<string>;
}

/** A mongod that was started for this run. */
export interface MongoServer {
  readonly uri: string;
  readonly version: string;
  readonly pid: number;
  /** A client of this process, for what is not measured. */
  readonly client: MongoClient;
  /** Writes everything to disk now, so that the disk work of what came before does not fall into a measured part. */
  settle(): Promise<void>;
}

/**
 * Servers on a folder of their own, with the settings that Punctual starts them with. They end, and the folder goes,
 * with `defer`; when this process is killed, by their watchdogs.
 * @param keptFolder where the data is, and stays, for what takes long to prepare; null: in a folder of this run
 */
export function benchServers(defer: Defer, keptFolder: string | null): BenchServers {
  const once = <T>(start: () => Promise<T>): (() => Promise<T>) => {
    let started: Promise<T> | undefined;
    return () => (started ??= start());
  };
  const folder = once(async () => {
    if (keptFolder !== null) return resolve(keptFolder);
    const made = await mkdtemp(join(tmpdir(), 'punctual-bench-'));
    defer(() => rm(made, { recursive: true, force: true }));
    return made;
  });
  return {
    mongod: once(async () => {
      const { path, version } = await findMongod({ dataDir: CACHE });
      const mongod = await startEmbeddedMongod({
        dataDir: await folder(),
        binary: path,
        ephemeral: keptFolder === null,
      });
      defer(() => mongod.stop());
      const client = await MongoClient.connect(mongod.uri, { writeConcern: { w: 'majority' } });
      defer(() => client.close());
      return {
        uri: mongod.uri,
        version,
        pid: mongod.pid,
        client,
        settle: async () => {
          await client.db('admin').command({ fsync: 1 });
        },
      };
    }),
    redis: once(async () => {
      const found = await findRedisServer({ dataDir: CACHE });
      if (!found.available) throw new Error(`no Redis: ${found.reasons.join('; ')}`);
      const redis = await startEmbeddedRedis({ dataDir: await folder(), binary: found.path });
      if (!redis.available) throw new Error(`no Redis: ${redis.reasons.join('; ')}`);
      defer(() => redis.stop());
      return redis.url;
    }),
  };
}

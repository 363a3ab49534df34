import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedRedis } from '../../src/adapters/redis-server/embedded-redis.js';
import { findRedisServer } from '../../src/adapters/redis-server/find-redis-server.js';
import { SERVER_CACHE } from './servers.js';

/** A Redis of a test's own, to be stopped, frozen and flushed. */
export interface OwnRedis {
  readonly url: string;
  /** Stops it in the middle of whatever it does, without ending its connections (SIGSTOP). */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

export async function startOwnRedis(): Promise<OwnRedis> {
  const found = await findRedisServer({ dataDir: SERVER_CACHE });
  if (!found.available) throw new Error(`no Redis for the tests: ${found.reasons.join('; ')}`);
  const dataDir = await mkdtemp(join(tmpdir(), 'punctual-redis-'));
  const redis = await startEmbeddedRedis({ dataDir, binary: found.path });
  if (!redis.available) throw new Error(`no Redis for the tests: ${redis.reasons.join('; ')}`);
  return {
    url: redis.url,
    freeze: () => void process.kill(redis.pid, 'SIGSTOP'),
    thaw: () => void process.kill(redis.pid, 'SIGCONT'),
    async stop() {
      await redis.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

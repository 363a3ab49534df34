import { connect } from 'node:net';
import { findMongod } from '../adapters/mongod/find-mongod.js';
import { startEmbeddedMongod } from '../adapters/mongod/embedded-mongod.js';
import type { OnFetchProgress } from '../adapters/mongod/child/fetch-program.js';
import { startEmbeddedRedis } from '../adapters/redis-server/embedded-redis.js';
import { findRedisServer } from '../adapters/redis-server/find-redis-server.js';
import type { Config } from '../config.js';
import type { Log } from '../log.js';

/** A server to be used, and how to let go of it. */
export interface Server {
  readonly url: string;
  /** Ends it where it is a child of this process; else does nothing. */
  stop(): Promise<void>;
}

/** Where Redis is looked for before one is started. */
const USUAL_REDIS = { host: '127.0.0.1', port: 6379 };
const ANSWER_MS = 500;

const notOurs = (): Promise<void> => Promise.resolve();

/** MONGODB_URI, or a mongod of our own in the data folder. @throws the START_ codes */
export async function mongodb(config: Config, onFetchProgress: OnFetchProgress | undefined): Promise<Server> {
  if (config.mongodb.uri !== null) return { url: config.mongodb.uri, stop: notOurs };
  const { path } = await findMongod({
    dataDir: config.dataDir,
    ...(onFetchProgress ? { onProgress: onFetchProgress } : {}),
  });
  const mongod = await startEmbeddedMongod({ dataDir: config.dataDir, binary: path });
  return { url: mongod.uri, stop: () => mongod.stop() };
}

/** REDIS_URL, or the Redis on its usual port, or one of our own; null: tokens come from this process's memory. */
export async function redis(
  config: Config,
  onFetchProgress: OnFetchProgress | undefined,
  log: Log,
): Promise<Server | null> {
  if (config.redis.url === 'none') return null;
  if (config.redis.url !== null) return { url: config.redis.url, stop: notOurs };
  if (await answersAsRedis())
    return { url: `redis://${USUAL_REDIS.host}:${USUAL_REDIS.port}`, stop: notOurs };
  const found = await findRedisServer({
    dataDir: config.dataDir,
    ...(onFetchProgress ? { onProgress: onFetchProgress } : {}),
  });
  const started = found.available
    ? await startEmbeddedRedis({ dataDir: config.dataDir, binary: found.path })
    : found;
  if (started.available) return { url: started.url, stop: () => started.stop() };
  log.warn(
    { reasons: started.reasons },
    'no Redis: send tokens come from memory, and limits are shared out among the workers',
  );
  return null;
}

/** True when what listens on the usual port speaks Redis and lets us in without a password. */
function answersAsRedis(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(USUAL_REDIS);
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_MS, () => end(false));
    socket.once('error', () => end(false));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => end(data.toString('latin1').startsWith('+PONG')));
  });
}

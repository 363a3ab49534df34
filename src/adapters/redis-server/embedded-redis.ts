import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { Redis } from 'ioredis';

import type { ChildExit, GuardedChild } from '../mongod/child/guarded-child.js';
import { spawnGuarded } from '../mongod/child/guarded-child.js';
import { freePort, LOOPBACK, untilListening } from '../mongod/child/loopback-port.js';
import { firstLine } from '../mongod/child/server-binary.js';
import type { RedisNotAvailable } from './find-redis-server.js';

export interface EmbeddedRedisOptions {
  /** The log goes to `<dataDir>/redis.log`. Nothing else is written: what Redis holds may be lost. */
  readonly dataDir: string;
  /** The path of redis-server, from `findRedisServer`. */
  readonly binary: string;
  /** How long it may take until it answers. Omitted: 10,000 ms. */
  readonly startTimeoutMs?: number;
}

/** A running Redis without persistence. */
export interface EmbeddedRedis {
  readonly available: true;
  readonly url: string;
  readonly pid: number;
  /** Resolves when it has ended, wanted or not. */
  readonly exited: Promise<ChildExit>;
  stop(): Promise<void>;
}

const STOP_GRACE_MS = 5000;
const PORT_ATTEMPTS = 3;

/**
 * Starts redis-server on a free port of 127.0.0.1. Redis is optional, so a failure is an answer with its
 * reasons and not an exception.
 */
export async function startEmbeddedRedis(
  options: EmbeddedRedisOptions,
): Promise<EmbeddedRedis | RedisNotAvailable> {
  const dataDir = resolve(options.dataDir);
  const reasons: string[] = [];
  // Again only for the case that somebody takes the port between our look and Redis's.
  for (let attempt = 1; attempt <= PORT_ATTEMPTS; attempt += 1) {
    try {
      await mkdir(dataDir, { recursive: true });
      const port = await freePort();
      const child = await startOn(port, dataDir, options);
      return {
        available: true,
        url: `redis://${LOOPBACK}:${port}`,
        pid: child.pid,
        exited: child.exited,
        stop: async () => {
          await child.stop(STOP_GRACE_MS);
        },
      };
    } catch (error) {
      reasons.push(firstLine(error));
      if (!(error instanceof PortTakenError)) break;
    }
  }
  return { available: false, reasons };
}

/** Redis ended because its port was taken: worth another port. */
class PortTakenError extends Error {}

async function startOn(port: number, dataDir: string, options: EmbeddedRedisOptions): Promise<GuardedChild> {
  const logPath = join(dataDir, 'redis.log');
  const child = await spawnGuarded(
    options.binary,
    [
      ...['--port', String(port), '--bind', LOOPBACK, '--daemonize', 'no', '--dir', dataDir],
      ...['--save', '', '--appendonly', 'no'],
    ],
    { logPath },
  );
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), options.startTimeoutMs ?? 10_000);
  const ready = (async () => {
    await untilListening(port, giveUp.signal);
    await checkIdentity(port, child.pid);
    return 'ready' as const;
  })();
  try {
    const first = await Promise.race([ready, child.exited]);
    if (first === 'ready') return child;
    const log = await readFile(logPath, 'utf8');
    if (log.includes('Address already in use')) throw new PortTakenError(`port ${port} is taken`);
    throw new Error(`${options.binary} ended with ${first.signal ?? first.code} (its log: ${logPath})`);
  } catch (error) {
    await child.stop(STOP_GRACE_MS);
    if (giveUp.signal.aborted)
      throw new Error(`${options.binary} did not answer in time (its log: ${logPath})`);
    throw error;
  } finally {
    clearTimeout(timer);
    giveUp.abort();
  }
}

/** The port was free a moment ago; a server that came first must not be taken for ours. */
async function checkIdentity(port: number, pid: number): Promise<void> {
  const redis = new Redis({
    host: LOOPBACK,
    port,
    lazyConnect: true,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
  });
  try {
    await redis.connect();
    if (!(await redis.info('server')).includes(`process_id:${pid}\r\n`)) {
      throw new PortTakenError(`another Redis answers on port ${port}`);
    }
  } finally {
    redis.disconnect();
  }
}

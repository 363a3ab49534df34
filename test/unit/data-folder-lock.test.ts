import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { lockDataFolder } from '../../src/adapters/mongod/data-folder-lock.js';
import { startTypescript } from '../support/typescript-process.js';

const LOCK_MODULE = join(import.meta.dirname, '../../src/adapters/mongod/data-folder-lock.ts');

/** Takes the lock, says so, and keeps it; or says the code of the error. */
const TAKE = `
import { lockDataFolder } from ${JSON.stringify(LOCK_MODULE)};
try {
  await lockDataFolder(process.env.FOLDER);
  console.log('locked');
  setInterval(() => undefined, 1000);
} catch (error) {
  console.log(error.code);
}
`;

describe('the lock of a data folder', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'punctual-lock-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('is held by one, and free again after release', async () => {
    const lock = await lockDataFolder(folder);
    await expect(lockDataFolder(folder)).rejects.toMatchObject({
      code: 'START_DATA_FOLDER_IN_USE',
      message: expect.stringMatching(new RegExp(`pid ${process.pid}, since .* ${folder}: stop it, or set`)),
    });
    await lock.release();
    await (await lockDataFolder(folder)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('names the process and its start', async () => {
    const lock = await lockDataFolder(folder);
    const content = JSON.parse(await readFile(join(folder, 'lock'), 'utf8')) as unknown;
    expect(content).toMatchObject({ pid: process.pid, start: expect.stringMatching(/./) });
    await lock.release();
  });

  it('is refused while another process holds it, and taken over once that was killed', async () => {
    const other = startTypescript(TAKE, { env: { FOLDER: folder } });
    expect(await other.line()).toBe('locked');
    await expect(lockDataFolder(folder)).rejects.toMatchObject({
      message: expect.stringContaining(`(pid ${other.process.pid},`),
    });
    other.process.kill('SIGKILL');
    await other.ended();
    await (await lockDataFolder(folder)).release();
  });

  it('is taken over from a dead process whose pid another process has now', async () => {
    await writeFile(
      join(folder, 'lock'),
      JSON.stringify({ pid: process.pid, start: 'boot/1', since: 'then' }),
    );
    await (await lockDataFolder(folder)).release();
  });

  it.each(['', '{"pid":', '17', '{"pid":"1"}'])(
    'is taken over when the file is torn: %j',
    async (content) => {
      await writeFile(join(folder, 'lock'), content);
      await (await lockDataFolder(folder)).release();
    },
  );

  it('goes to exactly one of many that find the same dead lock, even if a former take-over died half-way', async () => {
    for (let round = 0; round < 25; round += 1) {
      const dead = JSON.stringify({ pid: process.pid, start: `boot/${round}`, since: 'then' });
      await writeFile(join(folder, 'lock'), dead);
      if (round % 2 === 1) await writeFile(join(folder, 'lock.takeover'), dead);
      const takes = await Promise.allSettled(Array.from({ length: 12 }, () => lockDataFolder(folder)));
      const locks = takes.filter((take) => take.status === 'fulfilled');
      const refusals = takes.filter((take) => take.status === 'rejected');
      expect(locks).toHaveLength(1);
      for (const refusal of refusals)
        expect(refusal.reason).toMatchObject({ code: 'START_DATA_FOLDER_IN_USE' });
      await locks[0]?.value.release();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it('goes to exactly one of several processes', async () => {
    await writeFile(
      join(folder, 'lock'),
      JSON.stringify({ pid: process.pid, start: 'boot/1', since: 'then' }),
    );
    const rivals = Array.from({ length: 4 }, () => startTypescript(TAKE, { env: { FOLDER: folder } }));
    const answers = await Promise.all(rivals.map((rival) => rival.line()));
    for (const rival of rivals) rival.process.kill('SIGKILL');
    await Promise.all(rivals.map((rival) => rival.ended()));
    const refused = 'START_DATA_FOLDER_IN_USE';
    expect(answers.sort()).toEqual([refused, refused, refused, 'locked']);
  });

  it('says in one line that the folder cannot be written: it lies under a file', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(lockDataFolder(join(folder, 'file', 'data'))).rejects.toMatchObject({
      code: 'START_DATA_FOLDER_NOT_WRITABLE',
      message: expect.stringMatching(/^The data folder \S+ cannot be written \(ENOTDIR\): .*$/),
    });
  });

  // Root may write everywhere, so as root another user tries it.
  it('says in one line that the folder cannot be written: it is read-only', async () => {
    await chmod(folder, 0o555);
    const demote = process.getuid?.() === 0 ? 'process.setgid(65534); process.setuid(65534);' : '';
    const source = `const { lockDataFolder } = await import(${JSON.stringify(LOCK_MODULE)}); ${demote}
      console.log((await lockDataFolder(process.env.FOLDER).catch((error) => error)).message);`;
    const other = startTypescript(source, { env: { FOLDER: folder } });
    expect(await other.line()).toBe(
      `The data folder ${folder} cannot be written (EACCES): make it writable, or set PUNCTUAL_DATA_DIR to another folder.`,
    );
    await other.ended();
  });
});

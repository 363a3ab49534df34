import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Access } from '../core/index.js';

/**
 * Makes sure that the data folder holds a key that works, so that the first minutes with Punctual need no set-up. Only
 * its owner can read the file; a production process does not make one.
 * @returns the file's path
 */
export async function ensureDevKey(dataDir: string, access: Access, owner: string): Promise<string> {
  const file = join(dataDir, 'dev-key');
  const kept = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  if ((await access.authenticate(kept.trim())) === null) {
    const { key } = await access.createKey({ name: 'development', owner, role: 'ADMIN' });
    await writeFile(file, `${key}\n`, { mode: 0o600 });
  }
  return file;
}

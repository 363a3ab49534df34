import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const run = promisify(execFile);

/** Names under which distributions install it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
/** How long a download or an installation may take, in ms. */
export const FETCH_MS = 300_000;

/** What a page under test needs nothing of: the browser's own errands, which go out to the network. */
const QUIET = [
  ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
];

/**
 * Starts a real Chromium without a window. The caller closes it. The first call on a machine without one may take
 * FETCH_MS.
 */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = await findBrowser();
  // Chromium refuses to run its sandbox as root, which is who tests run as in a container.
  return chromium.launch({ executablePath, args: QUIET, chromiumSandbox: process.getuid?.() !== 0 });
}

/** The one on PATH, else Playwright's own, else Debian's. @throws with one line that says what is missing */
async function findBrowser(): Promise<string> {
  const found = await onPath();
  if (found !== null) return found;
  const reasons: string[] = [];
  for (const way of [playwrights, debians]) {
    try {
      return await way();
    } catch (error) {
      // Its first line; the others are what the command said. (Jest's Error is not the one that Node throws.)
      reasons.push(String(error).split('\n', 1).join());
    }
  }
  throw new Error(`No browser for the tests: install chromium. Tried in vain: ${reasons.join('; ')}`);
}

async function onPath(): Promise<string | null> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of NAMES) {
    for (const folder of folders) {
      if (await isExecutable(join(folder, name))) return join(folder, name);
    }
  }
  return null;
}

async function playwrights(): Promise<string> {
  const path = chromium.executablePath();
  if (await isExecutable(path)) return path;
  const folder = dirname(createRequire(import.meta.url).resolve('playwright-core/package.json'));
  await run(process.execPath, [join(folder, 'cli.js'), 'install', 'chromium'], { timeout: FETCH_MS });
  return path;
}

async function debians(): Promise<string> {
  if (process.getuid?.() !== 0) throw new Error('apt-get needs root');
  const options = { timeout: FETCH_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  // Two test files may ask at the same time.
  const apt = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300'];
  await run('apt-get', [...apt, 'update'], options);
  await run('apt-get', [...apt, 'install', '--no-install-recommends', 'chromium'], options);
  const path = await onPath();
  if (path === null) throw new Error('apt-get has installed chromium, but it is not on PATH');
  return path;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

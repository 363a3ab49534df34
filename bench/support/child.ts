import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BenchmarkContext } from './benchmark.js';
import type { ToChild } from './parent.js';

/** After this long a child that was asked to end is killed, in ms. */
const END_MS = 15_000;

const TYPESCRIPT = fileURLToPath(new URL('../../scripts/typescript.mjs', import.meta.url));

/** A process of a benchmark's own, so that what is measured shares no event loop with what measures. */
export interface Child<Said> {
  /** The next thing that it says. @throws when it ends instead, or says nothing for `withinMs` */
  next(withinMs: number): Promise<Said>;
  /** Lets it go on from where it waits. */
  go(): void;
  /** Asks it to end; resolves when it has. */
  end(): Promise<void>;
}

/**
 * Starts a file of `bench/support` that calls `serveParent`.
 * @param url the file; @param input what it is told at its start
 */
export function startChild<Said>(
  url: URL,
  input: unknown,
  context: Pick<BenchmarkContext, 'defer' | 'profileFolder'>,
): Child<Said> {
  const profile =
    context.profileFolder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${context.profileFolder}`];
  const child = fork(url, {
    execArgv: ['--import', TYPESCRIPT, ...profile],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const started = new StartedChild<Said>(child);
  context.defer(() => started.end());
  child.send({ input } satisfies ToChild);
  return started;
}

class StartedChild<Said> implements Child<Said> {
  readonly #exited: Promise<unknown>;
  readonly #said: Said[] = [];
  /** Ends the wait of `next`, which looks again. */
  #wakeUp: () => void = () => undefined;
  #exit: string | null = null;

  constructor(private readonly child: ChildProcess) {
    child.on('message', (message) => {
      this.#said.push(message as Said);
      this.#wakeUp();
    });
    this.#exited = once(child, 'exit').then(([code, signal]: (number | string | null)[]) => {
      this.#exit = `ended with ${signal ?? code}`;
      this.#wakeUp();
    });
  }

  async next(withinMs: number): Promise<Said> {
    const late = AbortSignal.timeout(withinMs);
    late.addEventListener('abort', () => this.#wakeUp(), { once: true });
    for (;;) {
      const said = this.#said.shift();
      if (said !== undefined) return said;
      if (this.#exit !== null) throw new Error(`a process of the benchmark ${this.#exit}`);
      if (late.aborted) throw new Error(`no word from a process within ${withinMs} ms`);
      await new Promise<void>((resolve) => (this.#wakeUp = resolve));
    }
  }

  go(): void {
    this.child.send({ go: true } satisfies ToChild);
  }

  async end(): Promise<void> {
    if (this.#exit === null && this.child.connected) this.child.send({ end: true } satisfies ToChild);
    const kill = setTimeout(() => this.child.kill('SIGKILL'), END_MS);
    await this.#exited;
    clearTimeout(kill);
  }
}

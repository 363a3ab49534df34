import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { Socket } from 'node:net';

/** How a child ended: by its own exit code, or by a signal. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child that does not outlive this process, however this process ends. */
export interface GuardedChild {
  readonly pid: number;
  /** Resolves when the child has ended, wanted or not. Never rejects. */
  readonly exited: Promise<ChildExit>;
  /** SIGTERM, and SIGKILL after `graceMs`; resolves when child and watchdog are gone. May be called often. */
  stop(graceMs: number): Promise<ChildExit>;
}

export interface GuardOptions {
  /** Takes the child's stdout and stderr; truncated at the start. A file, not a pipe: nobody need read it. */
  readonly logPath: string;
  readonly cwd?: string;
  /** A folder that the watchdog removes once it had to end the child. Omitted: nothing is removed. */
  readonly removeWhenOrphaned?: string;
}

/** How long the watchdog waits between SIGTERM and SIGKILL, in tenths of a second. */
const ORPHAN_GRACE_TENTHS = 200;

/**
 * The watchdog reads a pipe that only this process holds open. "done" means that the child ended in order; an
 * end of file without it means that this process is dead (the kernel closes the pipe even on SIGKILL), so the
 * child is ended. It is a shell and not Node because it must cost nothing while it waits.
 */
const WATCHDOG = `
read -r word
[ "$word" = done ] && exit 0
kill -TERM "$1" 2>/dev/null
tenths=0
while kill -0 "$1" 2>/dev/null && [ "$tenths" -lt ${ORPHAN_GRACE_TENTHS} ]; do
  sleep 0.1
  tenths=$((tenths + 1))
done
kill -KILL "$1" 2>/dev/null
[ -n "$2" ] && rm -rf -- "$2"
exit 0
`;

/**
 * Starts a program with a watchdog beside it. Both get a session of their own, so that Ctrl-C in the terminal,
 * which signals the whole foreground group, reaches this process only: it still has to write to its database
 * while it drains. Neither keeps this process alive. Rejects when the program cannot be started.
 */
export async function spawnGuarded(
  program: string,
  args: readonly string[],
  options: GuardOptions,
): Promise<GuardedChild> {
  const log = openSync(options.logPath, 'w');
  let child: ChildProcess;
  try {
    child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', log, log],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
  } finally {
    closeSync(log);
  }
  const ended = Promise.withResolvers<ChildExit>();
  child.once('exit', (code, signal) => ended.resolve({ code, signal }));
  // Nothing is awaited between the two spawns: every wait here is a moment in which nobody watches the child.
  const { pid } = child;
  const watchdog = pid === undefined ? undefined : startWatchdog(pid, options.removeWhenOrphaned ?? '');
  await once(child, 'spawn');
  if (pid === undefined || watchdog === undefined) throw new Error(`${program} has no process id`);
  try {
    await watchdog.started;
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`no watchdog could be started for ${program}`, { cause: error });
  }
  child.unref();
  const exited = ended.promise.then((exit) => {
    watchdog.dismiss();
    return exit;
  });

  let stopping: Promise<ChildExit> | undefined;
  const stop = async (graceMs: number): Promise<ChildExit> => {
    child.ref();
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), graceMs);
    const exit = await exited;
    clearTimeout(hard);
    await watchdog.gone();
    return exit;
  };
  return { pid, exited, stop: (graceMs) => (stopping ??= stop(graceMs)) };
}

interface Watchdog {
  readonly started: Promise<unknown>;
  dismiss(): void;
  gone(): Promise<void>;
}

function startWatchdog(pid: number, folder: string): Watchdog {
  const shell = spawn('/bin/sh', ['-c', WATCHDOG, 'punctual-watchdog', String(pid), folder], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => {
    shell.once('exit', () => resolve());
  });
  // Killed from outside (EPIPE on "done"): the child has ended by then, so there is nothing left to guard.
  shell.stdin.on('error', () => undefined);
  shell.unref();
  // A pipe is a socket to Node, which its types do not say.
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return {
    started: once(shell, 'spawn'),
    dismiss: () => shell.stdin.end('done\n'),
    gone: () => {
      shell.ref();
      return ended;
    },
  };
}

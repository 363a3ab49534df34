import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * What tells one process from another that later gets the same pid: its start time, as the kernel keeps it.
 * Undefined when no such process lives. A zombie does not live: it holds no file, port or lock any more, but
 * keeps its pid until its parent asks for its exit code, which in a container may be never.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return startFromPs(pid);
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(absent);
  if (stat === undefined) return undefined;
  // The second field is the command's name in brackets and may hold blanks, so count from the last bracket:
  // then the state is the first field and the start time (field 22 of the whole line) the twentieth.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  // The start counts from the boot, so after another boot the same pid could have the same one.
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  return `${boot}/${fields[19] ?? ''}`;
}

/** The command line of a process with blanks between its parts; undefined when it does not live. */
export async function processCommand(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return ps(pid, 'command=');
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(absent);
  return command?.replaceAll('\0', ' ').trim();
}

async function startFromPs(pid: number): Promise<string | undefined> {
  const line = await ps(pid, 'state=,lstart=');
  return line === undefined || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
}

async function ps(pid: number, columns: string): Promise<string | undefined> {
  try {
    return (await run('ps', ['-o', columns, '-p', String(pid)])).stdout.trim();
  } catch (error) {
    // ps ends with 1 when there is no such process; anything else (no ps at all) is a fault worth seeing.
    if ((error as { code?: unknown }).code === 1) return undefined;
    throw error;
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  // ESRCH: the process ended between opening its file and reading it.
  if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
  throw error;
}

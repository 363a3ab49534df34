import { readFileSync } from 'node:fs';

/** Ticks of the kernel's clock in a second, and bytes of a page of memory, as Linux tells them to programs. */
const TICKS = 100;
const PAGE = 4096;

/**
 * Processor time that a process has used, in ms, by Linux's own count; NaN elsewhere. Unlike a latency it does not depend
 * on what else the machine does.
 */
export function cpuMs(pid: number): number {
  // After the name, which may hold anything: user and system time are the 12th and 13th.
  const fields = of(pid, 'stat').split(') ').at(-1)?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS;
}

/** Memory that a process has from the machine, in MB, by Linux's own count; NaN elsewhere. */
export function rssMb(pid: number): number {
  return Math.round((Number(of(pid, 'statm').split(' ')[1]) * PAGE) / 2 ** 20);
}

function of(pid: number, file: 'stat' | 'statm'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

import { performance } from 'node:perf_hooks';

let origin = performance.timeOrigin;

/**
 * Real time in milliseconds since 1970, with microseconds after the point.
 *
 * The fraction comes from the monotonic clock, the whole milliseconds are held to the system's clock: without
 * that, a system clock that is slewed or stepped during a long run would make the ledger look early or late
 * against the instants that other processes on the machine have noted with `Date.now()`.
 */
export function arrivalTime(): number {
  const wall = Date.now();
  let now = origin + performance.now();
  if (now < wall) {
    origin += wall - now;
    now = wall;
  } else if (now >= wall + 1.5) {
    // 1.5, not 1: the process may be paused for a moment between the two readings.
    origin -= now - wall - 0.999;
    now = wall + 0.999;
  }
  return Math.round(now * 1000) / 1000;
}

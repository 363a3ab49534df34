import { performance } from 'node:perf_hooks';

/**
 * The engine's only source of "now". Three kinds of time, kept apart:
 *
 * - engine time: instants at which people are to be reached (due, ready, expires). It is real time, or, with
 *   PUNCTUAL_CLOCK, a virtual time that all processes with the same value share.
 * - real time: what providers and rate limits go by. `toReal` and `delayUntil` translate.
 * - MongoDB's server time: what leases go by, so that a worker whose clock is off cannot keep or steal one.
 *
 * Real time here is the machine's clock plus the offset to the database server's that `setOffset` was last
 * told, so that a worker whose clock is two minutes off still sends at the right instant.
 */
export class Clock {
  #offsetMs = 0;

  /** @param virtual where virtual time started, in virtual and in real ms since the epoch, and how fast it goes. */
  constructor(private readonly virtual?: { virtualStart: number; realStart: number; speed: number }) {}

  /** Milliseconds by which this machine's clock is behind the database server's; 0 until measured. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Takes over a measured offset to the database server's clock, in ms (positive: this machine is behind). */
  setOffset(ms: number): void {
    this.#offsetMs = ms;
  }

  /** Engine time, in ms since the epoch. */
  now(): number {
    return this.toEngine(this.realNow());
  }

  /** Engine time as a Date (whole milliseconds, rounded down, so that it never runs ahead). */
  date(): Date {
    return new Date(Math.floor(this.now()));
  }

  /** Real time, in ms since the epoch: whole milliseconds, rounded down, so that it never runs ahead. */
  realNow(): number {
    return Date.now() + this.#offsetMs;
  }

  /** The real instant, in ms, at which engine time will be `engineMs`. */
  toReal(engineMs: number): number {
    const v = this.virtual;
    return v ? v.realStart + (engineMs - v.virtualStart) / v.speed : engineMs;
  }

  /** The engine instant, in ms, at the real instant `realMs`. */
  toEngine(realMs: number): number {
    const v = this.virtual;
    return v ? v.virtualStart + (realMs - v.realStart) * v.speed : realMs;
  }

  /** Real milliseconds from now until engine time `engineMs`; zero or negative when it has come. */
  delayUntil(engineMs: number): number {
    return this.toReal(engineMs) - this.realNow();
  }
}

/** Milliseconds on this process's monotonic clock: for durations and leases, never for instants. */
export function monotonicMs(): number {
  return performance.now();
}

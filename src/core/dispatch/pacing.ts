import type { Crew } from './rate-limiter.js';

/**
 * How much of a provider's limit is used. Sends are strictly spaced, so that one too many in a sliding second of the
 * provider would have to be squeezed by 1000 / 0.9625 - 1000 = 39 ms, at whatever limit: that is what timers, event
 * loops and networks may add up to. 95 % of the limit is promised (CORE-21); the rest is for late starts.
 */
export const PACE_SHARE = 0.9625;

/** The time between two sends, in ms, for a limit in a sliding second. */
export function intervalMs(perSecond: number): number {
  return 1000 / (perSecond * PACE_SHARE);
}

/**
 * The generic cell rate algorithm without a burst: each send instant lies at least an interval behind the one before.
 * Pure: instants are numbers in ms on any clock. `adapters/redis/scripts.ts` has the same for Redis.
 */
export class Pace {
  #next: number;

  /** @param from no instant before this one */
  constructor(from = Number.NEGATIVE_INFINITY) {
    this.#next = from;
  }

  /** The earliest instant that is free. */
  next(now: number): number {
    return Math.max(now, this.#next);
  }

  /** Reserves the earliest free instant if it is no further than `horizon` ms from now; null leaves all as it is. */
  reserve(now: number, interval: number, horizon: number): number | null {
    const at = this.next(now);
    if (at - now > horizon) return null;
    this.#next = at + interval;
    return at;
  }

  /** Frees the newest `count` reservations. */
  giveBack(count: number, interval: number): void {
    this.#next -= count * interval;
  }
}

/**
 * One worker's part of a limit, so that the parts of all workers add up to no more than it. In whole sends, for each
 * worker keeps to its part on its own: fifty workers at 1.6 a second each could still meet, two each, in one second.
 */
export function shareOf(limit: number, { workers, place }: Crew): number {
  const size = Math.max(1, Math.floor(workers));
  if (size === 1) return limit;
  // Less than one a second cannot be parted: the first has it.
  if (limit < 1) return place === 0 ? limit : 0;
  const whole = Math.floor(limit);
  return Math.floor(whole / size) + (place < whole % size ? 1 : 0);
}

import type { DelayCause, Delays } from '../delivery/delay.js';

/** Changes of cause that are kept: some minutes of a lane that waits for a token eighty times a second. */
const KEPT = 8_192;

/** From `at` on (engine ms) the lane was held up by `cause`; null: by nothing. */
interface Holdup {
  readonly at: number;
  readonly cause: DelayCause | null;
  /** How long each cause had lasted by then, since the lane began, in ms. */
  readonly before: Delays;
}

/**
 * What has held a lane up, and when. The lane notes each change of cause once, so that it can be told of each delivery
 * what it waited for, at the cost of two look-ups and without a note for each.
 */
export class Holdups {
  #noted: Holdup[] = [];

  /** From now on (engine ms) the lane is held up by `cause`, or by nothing. */
  note(cause: DelayCause | null, now: number): void {
    const last = this.#noted.at(-1);
    if (last?.cause === cause || (!last && cause === null)) return;
    // A clock that is set back would make intervals of negative length.
    const at = Math.max(now, last?.at ?? now);
    this.#noted.push({ at, cause, before: last ? until(last, at) : {} });
    if (this.#noted.length > KEPT) this.#noted = this.#noted.slice(KEPT / 2);
  }

  /** Ends what this lane was closed by, if it was. */
  reopen(now: number): void {
    const { cause } = this.#noted.at(-1) ?? { cause: null };
    if (cause === 'PAUSED' || cause === 'BREAKER' || cause === 'STOPPED') this.note(null, now);
  }

  /** How long each cause lasted between two engine instants, in ms. What is older than what is kept counts for nothing. */
  between(from: number, to: number): Delays {
    const start = this.#until(from);
    const sums: Partial<Record<DelayCause, number>> = {};
    for (const [cause, ms] of Object.entries(this.#until(to)) as [DelayCause, number][]) {
      const lasted = ms - (start[cause] ?? 0);
      if (lasted > 0) sums[cause] = lasted;
    }
    return sums;
  }

  #until(instant: number): Delays {
    const last = this.#noted[this.#countUntil(instant) - 1];
    return last ? until(last, instant) : (this.#noted[0]?.before ?? {});
  }

  /** How many changes came at or before an instant. */
  #countUntil(instant: number): number {
    let low = 0;
    let high = this.#noted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#noted[middle]?.at ?? 0) <= instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** How long each cause had lasted at an instant that comes after a change and before the next one. */
function until({ at, cause, before }: Holdup, instant: number): Delays {
  return cause === null ? before : { ...before, [cause]: (before[cause] ?? 0) + Math.max(0, instant - at) };
}

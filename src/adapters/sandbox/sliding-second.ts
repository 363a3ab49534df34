const WINDOW_MS = 1000;

/**
 * How long accepted arrivals are remembered. A request counts at its arrival but is decided when its body is there,
 * so a slow one may be decided after later ones; as no body may take longer than 30 s (`REQUEST_TIMEOUT_MS`), the
 * count stays exact for it too.
 */
const HISTORY_MS = 32_000;

/** Counts accepted arrivals so that no half-open second `[t, t + 1000)`, wherever it starts, holds more than a limit. */
export class SlidingSecond {
  /** Arrivals in milliseconds, ascending; those before `head` have been forgotten. */
  readonly #times: number[] = [];
  #head = 0;

  /** Takes a place for an arrival at `at`, or returns false where a second would then hold more than `limit`; 0 is no limit. */
  take(at: number, limit: number): boolean {
    this.#forgetBefore(at - HISTORY_MS);
    const times = this.#times;
    let place = times.length;
    while (place > this.#head && (times[place - 1] as number) > at) place -= 1;
    if (limit > 0 && !this.#fits(at, place, limit)) return false;
    if (place === times.length) times.push(at);
    else times.splice(place, 0, at);
    return true;
  }

  /** Whether any `limit + 1` neighbours would span less than a second, were `at` put in at `place`. */
  #fits(at: number, place: number, limit: number): boolean {
    const times = this.#times;
    const after = (index: number): number =>
      index === place ? at : (times[index < place ? index : index - 1] as number);
    for (let first = Math.max(this.#head, place - limit); first <= place; first += 1) {
      if (first + limit > times.length) break;
      if (after(first + limit) - after(first) < WINDOW_MS) return false;
    }
    return true;
  }

  #forgetBefore(instant: number): void {
    const times = this.#times;
    while (this.#head < times.length && (times[this.#head] as number) < instant) this.#head += 1;
    if (this.#head > 4096 && this.#head * 2 > times.length) {
      times.splice(0, this.#head);
      this.#head = 0;
    }
  }
}

/** How much a sample is worth less for each ms of its age: two clocks that are both slewed part by this at most. */
const DRIFT = 0.001;

/** A difference that no error of measurement explains, in ms: a clock was set, or another node answers. */
const STEP_MS = 20;

/**
 * What Redis's clock says on this process's monotonic one. A reservation is an instant by Redis's clock; were it
 * counted from when the answer came, a slow answer would move it behind those that others reserved after it. The
 * quickest answer tells the difference best, to within half of its round trip.
 */
export class RedisClock {
  #sample: { readonly offset: number; readonly error: number; readonly takenAt: number } | null = null;

  /** Learns from an answer: asked and answered in monotonic ms, Redis's time in ms since 1970. */
  learn(asked: number, answered: number, redisMs: number): void {
    const offset = redisMs - (asked + answered) / 2;
    const error = (answered - asked) / 2;
    const known = this.#sample;
    if (known) {
      const worth = known.error + (answered - known.takenAt) * DRIFT;
      const stepped = Math.abs(offset - known.offset) > error + worth + STEP_MS;
      if (error > worth && !stepped) return;
    }
    this.#sample = { offset, error, takenAt: answered };
  }

  /** The monotonic instant, in ms, at which Redis's clock shows `redisMs`. Something must have been learnt before. */
  toMonotonic(redisMs: number): number {
    return redisMs - (this.#sample?.offset ?? 0);
  }
}

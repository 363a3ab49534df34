/** Timers of one sandbox, so that stopping it leaves none behind. */
export class Pauses {
  readonly #timers = new Set<NodeJS.Timeout>();

  /** Runs `task` after `ms` milliseconds, unless the pauses are cleared first. */
  after(ms: number, task: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, ms);
    this.#timers.add(timer);
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

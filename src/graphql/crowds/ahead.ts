/** An iterator that can be waited for with a time limit, and loses nothing when the limit comes first. */
export class Ahead<T> {
  #pending: Promise<IteratorResult<T, unknown>> | null = null;

  constructor(private readonly source: AsyncIterator<T, unknown>) {}

  async next(): Promise<IteratorResult<T, unknown>> {
    const step = await (this.#pending ??= this.source.next());
    this.#pending = null;
    return step;
  }

  /** The next one if it comes within so many ms, or is there already; else null. What `next` would give at the end is left for it. */
  async within(ms: number): Promise<IteratorResult<T, unknown> | null> {
    this.#pending ??= this.source.next();
    const { promise: timeUp, resolve } = Promise.withResolvers<null>();
    const timer = ms > 1 ? setTimeout(resolve, ms, null) : setImmediate(resolve, null);
    const step = await Promise.race([this.#pending, timeUp]);
    if (ms > 1) clearTimeout(timer as NodeJS.Timeout);
    if (step !== null && step.done !== true) this.#pending = null;
    return step;
  }
}

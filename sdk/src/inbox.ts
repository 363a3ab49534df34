/** What callbacks put in, and one iterator takes out, in order. What is in it when it ends is still given. */
export class Inbox<T> implements AsyncIterableIterator<T, undefined> {
  readonly #items: T[] = [];
  #end: { readonly error?: Error } | null = null;
  #arrived = Promise.withResolvers<undefined>();

  /** @param onEnd called once, whichever side ends it */
  constructor(private readonly onEnd: () => void) {}

  /** How many wait to be taken out. */
  get size(): number {
    return this.#items.length;
  }

  put(item: T): void {
    if (this.#end) return;
    this.#items.push(item);
    this.#arrived.resolve(undefined);
  }

  /** Nothing more comes. The first end counts. */
  complete(): void {
    this.#close({});
  }

  /** Nothing more comes, because of this. */
  fail(error: Error): void {
    this.#close({ error });
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const [item] = this.#items.splice(0, 1);
      if (item !== undefined) return { done: false, value: item };
      if (this.#end) {
        const { error } = this.#end;
        this.#end = {};
        if (error !== undefined) throw error;
        return { done: true, value: undefined };
      }
      await this.#arrived.promise;
      this.#arrived = Promise.withResolvers<undefined>();
    }
  }

  /** The reader leaves. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.#items.length = 0;
    this.complete();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #close(end: { readonly error?: Error }): void {
    if (this.#end) return;
    this.#end = end;
    this.#arrived.resolve(undefined);
    this.onEnd();
  }
}

/**
 * Gathers the keys that one tick's resolvers ask for and loads them at once, so that a list of two hundred
 * costs one query and not two hundred. It remembers nothing: a subscription's next event reads afresh.
 */
export class Batch<K, V> {
  #waiting: { key: K; resolve: (value: V) => void; reject: (reason: unknown) => void }[] = [];

  /** @param loadAll the values in the order of their keys */
  constructor(private readonly loadAll: (keys: readonly K[]) => Promise<readonly V[]>) {}

  /** The value of one key, loaded together with those asked for in the same tick. */
  load(key: K): Promise<V> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ key, resolve, reject }) === 1) setImmediate(() => void this.#flush());
    });
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      const values = await this.loadAll(batch.map((entry) => entry.key));
      if (values.length !== batch.length) throw new Error('a batch must answer every key');
      for (const [index, entry] of batch.entries()) entry.resolve(values[index] as V);
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    }
  }
}

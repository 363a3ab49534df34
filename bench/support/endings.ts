/** Says how something is to be ended after the run, however that goes: the last one first. */
export type Defer = (end: () => Promise<void>) => void;

/** What has to be ended after a run, from the last begun to the first. */
export class Endings {
  readonly #ends: (() => Promise<void>)[] = [];
  #isOver = false;

  /** Once it is over, a latecomer ends at once. */
  readonly add: Defer = (end) => {
    if (this.#isOver) void this.#end(end);
    else this.#ends.push(end);
  };

  /** Ends everything, whatever happens to single parts. */
  async run(): Promise<void> {
    for (let end = this.#ends.pop(); end; end = this.#ends.pop()) await this.#end(end);
    this.#isOver = true;
  }

  async #end(end: () => Promise<void>): Promise<void> {
    try {
      await end();
    } catch (error) {
      process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}

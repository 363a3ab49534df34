/** The process that started this one, as a child of a benchmark sees it. */
export interface Parent {
  say(message: unknown): void;
  /** Resolves when the parent says go; ask for it before the parent can. */
  go(): Promise<void>;
  /** Ends this process with the error on stderr: the parent is told by that. */
  fail(this: void, error: unknown): never;
}

/**
 * The life of a child: gets its input, works, and ends when the parent lets go of it, also by dying.
 * @param work makes ready what is to run, and returns how it is ended
 */
export function serveParent<Input>(
  work: (input: Input, parent: Parent) => Promise<() => Promise<void>>,
): void {
  // Ctrl-C reaches the whole group; the parent lets go of its children in order.
  process.on('SIGINT', () => undefined);
  const left = new Promise<void>((resolve) => process.once('disconnect', resolve));
  let goes: (() => void) | null = null;
  const parent: Parent = {
    say: (message) => {
      if (process.connected) process.send?.(message);
    },
    go: () => new Promise((resolve) => (goes = resolve)),
    fail: (error) => {
      console.error(error);
      process.exit(1);
    },
  };

  async function live(input: Input): Promise<void> {
    const end = await work(input, parent);
    await left;
    await end();
    process.exit(0);
  }

  process.on('message', (message: { readonly input: Input } | { readonly go: true }) => {
    if ('go' in message) goes?.();
    else live(message.input).catch(parent.fail);
  });
}

/** The process that started this one, as a child of a benchmark sees it. */
export interface Parent {
  say(message: unknown): void;
  /** Resolves when the parent says go; ask for it before the parent can. */
  go(): Promise<void>;
  /** Ends this process with the error on stderr: the parent is told by that. */
  readonly fail: (error: unknown) => never;
}

/** What a parent sends. */
export type ToChild = { readonly input: unknown } | { readonly go: true } | { readonly end: true };

/**
 * The life of a child: gets its input, works, and ends in order when it is told to, or at once when the parent has died.
 * @param work makes ready what is to run, and returns how it is ended
 */
export function serveParent(work: (input: unknown, parent: Parent) => Promise<() => Promise<void>>): void {
  // Ctrl-C reaches the whole group; the parent lets go of its children in order.
  process.on('SIGINT', () => undefined);
  process.once('disconnect', () => process.exit(1));
  let end = (): void => undefined;
  const told = new Promise<void>((resolve) => (end = resolve));
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

  async function live(input: unknown): Promise<void> {
    const finish = await work(input, parent);
    await told;
    await finish();
    process.exit(0);
  }

  process.on('message', (message: ToChild) => {
    if ('go' in message) goes?.();
    else if ('end' in message) end();
    else live(message.input).catch(parent.fail);
  });
}

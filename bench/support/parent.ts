/** The process that started this one, as a child of a benchmark sees it. */
export interface Parent {
  say(message: unknown): void;
  /** Resolves when the parent says go. */
  go(): Promise<void>;
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
    say: (message) => process.connected && process.send?.(message),
    go: () => new Promise((resolve) => (goes = resolve)),
  };
  process.on('message', (message: { readonly input?: Input; readonly go?: true }) => {
    if (message.go) goes?.();
    if (message.input !== undefined) void live(message.input);
  });

  async function live(input: Input): Promise<void> {
    let code = 0;
    try {
      const end = await work(input, parent);
      await left;
      await end();
    } catch (error) {
      console.error(error);
      code = 1;
    }
    process.exit(code);
  }
}

/**
 * Resolves with the name of the first SIGTERM or SIGINT, for an end in order. The second one ends the process at
 * once, with exit code 1.
 */
export function firstSignal(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (asked) {
        process.stderr.write('punctual: ended at once, at the second signal\n');
        process.exit(1);
      }
      asked = true;
      resolve(signal);
    });
  }
  return promise;
}

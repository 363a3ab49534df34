/**
 * Waits for a state: looks every few ms until `look` gives something other than false, null and undefined, and returns
 * it. There is no time limit of its own; the test's ends it.
 */
export async function until<Value>(
  look: () => Value | false | null | undefined | Promise<Value | false | null | undefined>,
): Promise<Value> {
  for (;;) {
    const value = await look();
    if (value !== false && value !== null && value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

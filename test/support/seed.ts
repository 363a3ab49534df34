import { randomInt } from 'node:crypto';

/**
 * A number to draw chance from, printed so that a run can be had again with TEST_SEED. It decides what the sandbox does
 * to which request and when a fault strikes; how processes interleave is the machine's own chance.
 */
export function newSeed(of: string): { readonly seed: number; readonly upTo: (most: number) => number } {
  const seed = Number(process.env['TEST_SEED'] ?? randomInt(2 ** 31));
  process.stderr.write(`${of}: TEST_SEED=${seed}\n`);
  let state = seed;
  return {
    seed,
    /** The next number from 0 to `most`. */
    upTo: (most) => {
      // Park and Miller's generator: 31 bits, no state but the last number.
      state = ((state || 1) * 48_271) % 0x7fffffff;
      return Math.floor((state / 0x7fffffff) * (most + 1));
    },
  };
}

import type { Clock, Database } from '../core/index.js';

/** How often the offset to the database server's clock is measured, in ms. */
const EVERY_MS = 10_000;

/** Keeps the engine's clock on the database server's, so that a machine whose clock is off still sends on time. */
export async function followServerClock(
  clock: Clock,
  database: Database,
  onOffset: (offsetMs: number) => void,
  onError: (error: unknown) => void,
): Promise<{ stop(): void }> {
  const measure = async (): Promise<void> => {
    const { least, most } = await database.measureClock();
    if (clock.offsetMs >= least && clock.offsetMs <= most) return;
    // Surely wrong: then the least that it can be, so that this clock never runs ahead and nothing is sent early.
    clock.setOffset(least);
    onOffset(least);
  };
  await measure();
  const timer = setInterval(() => void measure().catch(onError), EVERY_MS);
  return { stop: () => clearInterval(timer) };
}

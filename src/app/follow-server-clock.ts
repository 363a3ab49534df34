import type { Clock, Database } from '../core/index.js';

/** How often the offset to the database server's clock is measured, in ms. */
const EVERY_MS = 10_000;
/** Offsets below this are noise of the measurement, in ms: on one machine the clock must not be made to jitter. */
const NOISE_MS = 20;

/** Keeps the engine's clock on the database server's, so that a machine whose clock is off still sends on time. */
export async function followServerClock(
  clock: Clock,
  database: Database,
  onOffset: (offsetMs: number) => void,
  onError: (error: unknown) => void,
): Promise<{ stop(): void }> {
  const measure = async (): Promise<void> => {
    const { least, most } = await database.measureClock();
    // Moved only when it is surely wrong, and no further than it surely is: a slow answer must not move it at all.
    const wanted = Math.min(Math.max(clock.offsetMs, least), most);
    if (Math.abs(wanted - clock.offsetMs) < NOISE_MS) return;
    clock.setOffset(wanted);
    onOffset(wanted);
  };
  await measure();
  const timer = setInterval(() => void measure().catch(onError), EVERY_MS);
  return { stop: () => clearInterval(timer) };
}

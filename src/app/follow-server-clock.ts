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
    const { offsetMs } = await database.measureClock();
    const wanted = Math.abs(offsetMs) < NOISE_MS ? 0 : offsetMs;
    if (Math.abs(wanted - clock.offsetMs) < NOISE_MS) return;
    clock.setOffset(wanted);
    onOffset(wanted);
  };
  await measure();
  const timer = setInterval(() => void measure().catch(onError), EVERY_MS);
  return { stop: () => clearInterval(timer) };
}

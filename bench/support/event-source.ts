import { createEngine } from './engine.js';
import { OWNER, QUEUE } from './history.js';
import { createInstantChannel } from './instant-channel.js';
import { type Parent, serveParent } from './parent.js';
import type { SourceInput, SourceSaid } from './subscription-input.js';
import { unlimited } from './unlimited.js';
import { deliveryNumber } from './work.js';

const DAY_MS = 86_400_000;

/** Accepts deliveries one by one, at a steady pace: each is an event of its own. Begins when the parent says go. */
serveParent(async (told, parent) => {
  const { uri, database, perSecond } = told as SourceInput;
  const engine = await createEngine({
    uri,
    name: database,
    channel: createInstantChannel(),
    queues: [{ name: QUEUE, maxInFlight: 100 }],
    limiter: unlimited,
  });
  const ending = new AbortController();
  const running = run(engine, perSecond, parent, ending.signal).catch(parent.fail);
  return async () => {
    ending.abort();
    await running;
    await engine.database.close();
  };
});

async function run(
  { core }: Awaited<ReturnType<typeof createEngine>>,
  perSecond: number,
  parent: Parent,
  signal: AbortSignal,
): Promise<void> {
  await parent.go();
  const beganAt = performance.now();
  const dueAt = new Date(Date.now() + DAY_MS);
  for (let n = 0; !signal.aborted; n++) {
    if (n % perSecond === 0) parent.say({ made: n } satisfies SourceSaid);
    const wait = beganAt + (n * 1_000) / perSecond - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const [result] = await core.deliveries.accept(OWNER, [{ ...deliveryNumber(n, dueAt), queue: QUEUE }]);
    if (!result?.ok) throw result?.error ?? new Error('nothing was accepted');
  }
}

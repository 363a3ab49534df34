import { createWhatsAppChannel } from '../../src/adapters/channels/whatsapp.js';
import { SharedRateLimiter } from '../../src/adapters/redis/shared-rate-limiter.js';
import { Clock, type Channel, type Crew, type RateLimiter } from '../../src/core/index.js';
import { createEngine, type Engine } from './engine.js';
import type { EngineInput, EngineSaid, WhatsAppInput } from './engine-input.js';
import { createInstantChannel } from './instant-channel.js';
import { type Parent, serveParent } from './parent.js';
import { unlimited } from './unlimited.js';
import { OPERATOR, QUEUE } from './work.js';

serveParent(async (told, parent) => {
  const input = told as EngineInput;
  const engineOf: { current: Engine | null } = { current: null };
  const crew = (): Crew => {
    const lease = engineOf.current?.worker.lease;
    return { workers: lease?.aliveWorkers ?? 1, place: lease?.place ?? 0 };
  };
  const { channel, limiter } = outsideOf(input.whatsApp, crew);
  const engine = await createEngine({
    uri: input.uri,
    name: input.database,
    channel,
    queues: [QUEUE],
    limiter,
  });
  engineOf.current = engine;
  await channel.warmUp?.();
  await engine.start();
  const watched = watch(engine, input.count, parent).catch(parent.fail);
  void parent
    .go()
    .then(() => engine.core.queues.resume(OPERATOR, QUEUE.name))
    .catch(parent.fail);
  parent.say({ kind: 'ready' } satisfies EngineSaid);
  return async () => {
    await engine.stop();
    await watched;
    await channel.close();
  };
});

/** Follows the engine's own events: they cost the database nothing that the engine does not cost it anyway. */
async function watch(engine: Engine, count: number, parent: Parent): Promise<void> {
  let sent = 0;
  let startedAt = performance.now();
  for await (const { event } of engine.core.events.subscribe({ types: ['queue.changed', 'delivery.sent'] })) {
    if (event.type === 'queue.changed') {
      startedAt = performance.now();
      continue;
    }
    sent += event.deliveries.length;
    if (sent >= count)
      parent.say({ kind: 'drained', ms: performance.now() - startedAt } satisfies EngineSaid);
  }
}

function outsideOf(
  whatsApp: WhatsAppInput | null,
  crew: () => Crew,
): { channel: Channel; limiter: RateLimiter } {
  if (whatsApp === null) return { channel: createInstantChannel(), limiter: unlimited };
  const { baseUrl, redisUrl, perSecond } = whatsApp;
  return {
    channel: createWhatsAppChannel({
      baseUrl,
      accessToken: 'bench',
      phoneNumberId: '1',
      limits: { perSecond, perDay: 100_000, zone: 'UTC' },
      onUnknownOutcome: 'RETRY',
    }),
    limiter: new SharedRateLimiter({
      url: redisUrl,
      prefix: 'bench:',
      clock: new Clock(),
      crew,
      onChange: (source, reason) => console.error(`send tokens come from ${source}`, reason),
    }),
  };
}

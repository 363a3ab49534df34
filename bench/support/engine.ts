import { AlarmClock } from '../../src/adapters/agenda/alarm-clock.js';
import { openDatabase, type OpenDatabase } from '../../src/adapters/mongo/database.js';
import { loadConfig } from '../../src/config.js';
import {
  Alarms,
  type Channel,
  Clock,
  CORE_ENTITIES,
  type Core,
  createCore,
  type QueueDefinition,
  type RateLimiter,
  WorkerProcess,
} from '../../src/core/index.js';
import { POLICIES } from './work.js';

/** The engine without its edge: what a benchmark measures when it measures the engine. */
export interface Engine {
  readonly core: Core;
  readonly database: OpenDatabase;
  readonly worker: WorkerProcess;
  /** Takes up work. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What an engine is made of. */
export interface EngineOptions {
  readonly uri: string;
  readonly name: string;
  readonly channel: Channel;
  readonly queues: readonly QueueDefinition[];
  readonly limiter: RateLimiter;
}

/** Puts core and worker together as app.ts does, with one channel. */
export async function createEngine({ uri, name, channel, queues, limiter }: EngineOptions): Promise<Engine> {
  const database = await openDatabase(uri, name, CORE_ENTITIES);
  const clock = new Clock();
  const alarmClock = new AlarmClock(database.client.db(name), report);
  await alarmClock.open();
  const alarms = new Alarms(clock, alarmClock.set);
  const core = createCore({
    clock,
    database,
    channels: new Map([[channel.name, channel]]),
    queues,
    limiter,
    alarms,
    health: loadConfig({}).health,
    memoryTokensOnPurpose: true,
    policies: POLICIES,
    leaseMs: 15_000,
    onError: report,
  });
  const worker = new WorkerProcess({
    core,
    alarms,
    setAlarm: alarmClock.set,
    limiter,
    options: {
      concurrency: 50,
      attemptTimeoutMs: 10_000,
      drainMs: 5_000,
      leaseMs: 15_000,
      heartbeatMs: 3_000,
      sweepMs: 5_000,
      memoryLimitMb: null,
      memoryTokensOnPurpose: true,
    },
    log: { error: report, lost: (count) => count > 0 && report(new Error(`${count} deliveries lost`)) },
  });
  return {
    core,
    database,
    worker,
    start: async () => {
      await core.events.start();
      await worker.start();
      await alarmClock.start((kind, alarm) => worker.ring(kind, alarm));
    },
    stop: async () => {
      await alarmClock.stop();
      await worker.stop();
      await core.events.stop();
      await limiter.close();
      await database.close();
    },
  };
}

function report(error: unknown, doing = 'working'): void {
  process.stderr.write(
    `error while ${doing}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
}

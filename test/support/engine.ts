import type { Collection } from 'mongodb';
import { openDatabase, type OpenDatabase } from '../../src/adapters/mongo/database.js';
import type { Caller, Role } from '../../src/core/access/caller.js';
import type { Channel, ChannelName } from '../../src/core/channel/channel.js';
import { Clock } from '../../src/core/clock.js';
import { type Core, createCore } from '../../src/core/core.js';
import { Attempt, type AttemptDoc } from '../../src/core/delivery/attempt.entity.js';
import { Delivery, type DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import type { NewDelivery } from '../../src/core/delivery/new-delivery.js';
import { SlaPolicies } from '../../src/core/delivery/sla-policy.js';
import { Claimer } from '../../src/core/dispatch/claim.js';
import { MemoryRateLimiter } from '../../src/core/dispatch/memory-rate-limiter.js';
import { Rerouter } from '../../src/core/dispatch/reroute.js';
import { Worker } from '../../src/core/dispatch/worker.entity.js';
import { CORE_ENTITIES } from '../../src/core/entities.js';
import type { HealthLimits } from '../../src/core/health/limits.js';
import { OutcomeWriter } from '../../src/core/outcome/outcome-writer.js';
import { TakeBack } from '../../src/core/outcome/take-back.js';
import { Alarms, type SetAlarm } from '../../src/core/schedule/alarms.js';
import type { Job } from '../../src/core/schedule/jobs.js';
import { Ringer } from '../../src/core/schedule/ring.js';
import { Recorder } from '../../src/core/stats/recorder.js';
import type { RetentionRules } from '../../src/core/upkeep/retention.js';
import { WorkerProcess } from '../../src/core/worker.js';
import { dropTestDatabase, testDatabase } from './servers.js';
import { createTestChannel } from './test-channel.js';

/** Up to this lateness a delivery is on time in these tests, in ms. */
export const TARGET_LATENESS_MS = 60_000;
/** What a test's engine is judged by. */
export const HEALTH_LIMITS: HealthLimits = {
  pending: 5,
  failedPerHour: 3,
  idleMs: 7_200_000,
  errorRate: 0.05,
  errorRateSample: 10,
  runLimitMs: 3_600_000,
  runShare: 0.75,
  workerSilentMs: 10_000,
  memoryShare: 0.8,
  // Far above what a test's process uses.
  memoryLimitMb: 1_000_000,
};
/** One promise over everything. */
export const TEST_POLICIES = new SlaPolicies({
  name: 'default',
  targetLatenessMs: TARGET_LATENESS_MS,
  target: 0.99,
  windowMs: 300_000,
  warningBelow: 0.97,
  criticalBelow: 0.95,
});
/** The queues of a test's engine. */
export const QUEUES = ['q', 'other'] as const;

export interface TestEngineOptions {
  /** Another engine (or a place) on whose database this one works too, as a second process would. */
  readonly beside?: Pick<TestEngine, 'at'>;
  /** One that retries unknown outcomes, one that holds them, and one whose provider drops repetitions, when omitted. */
  readonly channels?: readonly Channel[];
  /** The core's own when omitted. */
  readonly retention?: RetentionRules;
}

/**
 * The parts of the engine on the run's MongoDB, each to be moved by hand: nothing runs by itself, alarms are collected
 * instead of set, and `clock.setOffset` (or `advance`) moves the time.
 */
export interface TestEngine {
  readonly database: OpenDatabase;
  readonly at: { readonly uri: string; readonly name: string };
  readonly clock: Clock;
  readonly core: Core;
  readonly alarms: Alarms;
  /** The alarms that were set, in order. */
  readonly set: Parameters<SetAlarm>[0][];
  readonly deliveries: Collection<DeliveryDoc>;
  readonly attempts: Collection<AttemptDoc>;
  readonly ringer: Ringer;
  readonly claimer: Claimer;
  readonly rerouter: Rerouter;
  readonly writer: OutcomeWriter;
  readonly takeBack: TakeBack;
  /** What was reported as an error. */
  readonly errors: unknown[];
  recorder(): Recorder;
  /** A worker that is not started: its `sweep` can be called. */
  worker(jobs?: readonly Job[]): WorkerProcess;
  /** Moves this engine's clock forward. */
  advance(ms: number): void;
  /** Accepts items for an owner. @throws what was wrong with the first that was refused */
  accept(owner: string, ...items: readonly Partial<NewDelivery>[]): Promise<DeliveryDoc[]>;
  /** A delivery as it stands now. */
  read(delivery: Pick<DeliveryDoc, '_id'>): Promise<DeliveryDoc>;
  /** A worker process that is alive, as far as the others can tell. */
  alive(worker: string): Promise<void>;
  /** Empties every collection and sets the clock right. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

/** Somebody with everything that the role permits. */
export function callerOf(owner: string, role: Role): Caller {
  return { owner, role, scopes: null, credential: `key:${owner}`, expiresAt: null };
}

export const ADMIN: Caller = callerOf('admin', 'ADMIN');

/** Somebody who sees and changes only what is theirs. */
export function managerOf(owner: string): Caller {
  return callerOf(owner, 'MANAGER');
}

/** A good item, due at once, but for what the test names. */
export function newDelivery(own: Partial<NewDelivery> = {}): NewDelivery {
  return {
    queue: 'q',
    channel: 'WHATSAPP',
    to: '+12025550101',
    content: { kind: 'TEXT', text: 'hello' },
    dueAt: null,
    ...own,
  };
}

function defaultChannels(): Channel[] {
  return [
    createTestChannel({ name: 'WHATSAPP', onUnknownOutcome: 'RETRY' }),
    createTestChannel({ name: 'SMS', onUnknownOutcome: 'HOLD' }),
    createTestChannel({ name: 'EMAIL', onUnknownOutcome: 'HOLD', idempotent: true }),
  ];
}

export async function createTestEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const at = options.beside?.at ?? testDatabase();
  const database = await openDatabase(at.uri, at.name, CORE_ENTITIES);
  const clock = new Clock();
  const channels = new Map<ChannelName, Channel>(
    (options.channels ?? defaultChannels()).map((channel) => [channel.name, channel]),
  );
  const limiter = new MemoryRateLimiter({ clock });
  const errors: unknown[] = [];
  const set: Parameters<SetAlarm>[0][] = [];
  const setAlarm: SetAlarm = (alarm) => {
    set.push(alarm);
    return Promise.resolve();
  };
  const alarms = new Alarms(clock, setAlarm);
  const recorder = (): Recorder => new Recorder(database, clock);
  const core = createCore({
    clock,
    database,
    channels,
    queues: QUEUES.map((name) => ({ name, maxInFlight: 100 })),
    limiter,
    alarms,
    health: HEALTH_LIMITS,
    memoryTokensOnPurpose: true,
    policies: TEST_POLICIES,
    ...(options.retention ? { retention: options.retention } : {}),
    leaseMs: 15_000,
    onError: (error) => errors.push(error),
  });
  const deliveries = database.collection(Delivery);
  const writer = new OutcomeWriter(database, clock, recorder());
  return {
    database,
    at,
    clock,
    core,
    alarms,
    set,
    deliveries,
    attempts: database.collection(Attempt),
    ringer: new Ringer(database, clock, alarms, recorder()),
    claimer: new Claimer(database, clock, recorder()),
    rerouter: new Rerouter(database, clock, recorder()),
    writer,
    takeBack: new TakeBack(database, clock, channels, writer),
    errors,
    recorder,
    worker: (jobs = []) => {
      core.jobs.add(jobs);
      return new WorkerProcess({
        core,
        alarms,
        setAlarm,
        limiter,
        options: {
          concurrency: 10,
          attemptTimeoutMs: 10_000,
          drainMs: 5_000,
          leaseMs: 15_000,
          heartbeatMs: 3_000,
          sweepMs: 5_000,
          memoryLimitMb: null,
          memoryTokensOnPurpose: true,
        },
        log: { error: (error) => errors.push(error), lost: () => undefined },
      });
    },
    advance: (ms) => clock.setOffset(clock.offsetMs + ms),
    accept: async (owner, ...items) => {
      const results = await core.deliveries.accept(owner, items.map(newDelivery));
      return results.map((result) => {
        if (!result.ok) throw result.error;
        return result.delivery;
      });
    },
    read: async ({ _id }) => {
      const found = await deliveries.findOne({ _id });
      if (!found) throw new Error(`no delivery ${_id.toHexString()}`);
      return found;
    },
    alive: async (worker) => {
      await database.collection(Worker).updateOne(
        { _id: worker },
        {
          $set: { host: 'host', pid: 1, status: 'ALIVE', startedAt: new Date() },
          $currentDate: { seenAt: true },
        },
        { upsert: true },
      );
    },
    clear: async () => {
      for (const entity of CORE_ENTITIES) await database.collection(entity).deleteMany({});
      clock.setOffset(0);
      set.length = 0;
      errors.length = 0;
    },
    stop: async () => {
      await limiter.close();
      await database.close();
      if (!options.beside) await dropTestDatabase(at);
    },
  };
}

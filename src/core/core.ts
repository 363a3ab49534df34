import { Access } from './access/access.js';
import type { VerifyToken } from './access/token.js';
import type { Channel, ChannelName } from './channel/channel.js';
import type { Clock } from './clock.js';
import type { Database } from './database.js';
import { ChannelStates } from './dispatch/channel-states.js';
import { type QueueDefinition, Queues } from './dispatch/queues.js';
import type { RateLimiter } from './dispatch/rate-limiter.js';
import { Workers } from './dispatch/workers.js';
import { EventStream } from './events/event-stream.js';
import { Health } from './health/health.js';
import type { HealthLimits } from './health/limits.js';
import { ReceiptBook } from './outcome/receipt-book.js';
import type { Alarms } from './schedule/alarms.js';
import { Deliveries } from './schedule/deliveries.js';
import { Ringer } from './schedule/ring.js';
import { Runs } from './schedule/runs.js';
import { Recorder } from './stats/recorder.js';
import { Statistics } from './stats/statistics.js';
import { Vitals } from './vitals.js';

/** The engine, as the edge, the programs and the worker see it. */
export interface Core {
  readonly clock: Clock;
  readonly database: Database;
  /** The configured channels. */
  readonly channels: ReadonlyMap<ChannelName, Channel>;
  readonly deliveries: Deliveries;
  readonly receipts: ReceiptBook;
  readonly queues: Queues;
  readonly channelStates: ChannelStates;
  readonly runs: Runs;
  readonly stats: Statistics;
  readonly events: EventStream;
  readonly access: Access;
  readonly workers: Workers;
  readonly health: Health;
}

/** What the core is made of. */
export interface CoreParts {
  readonly clock: Clock;
  readonly database: Database;
  readonly channels: ReadonlyMap<ChannelName, Channel>;
  readonly queues: readonly QueueDefinition[];
  readonly limiter: RateLimiter;
  readonly alarms: Alarms;
  readonly targetLatenessMs: number;
  /** Null or omitted: API keys are all that is taken. */
  readonly verifyToken?: VerifyToken | null;
  readonly health: HealthLimits;
  /** Send tokens come from memory because it was configured so. */
  readonly memoryTokensOnPurpose: boolean;
  readonly onError: (error: unknown, doing: string) => void;
}

/** Puts the core together. Each writer that works beside others has a recorder of its own: see Recorder. */
export function createCore(parts: CoreParts): Core {
  const { clock, database, channels, alarms, limiter } = parts;
  const recorder = (): Recorder => new Recorder(database, clock, parts.targetLatenessMs);
  const queues = new Queues(database, clock, recorder(), parts.queues);
  const ringer = new Ringer(database, clock, alarms, recorder());
  const channelStates = new ChannelStates(database, clock, channels, recorder(), (channel, limits) =>
    limiter.usedToday(channel, limits),
  );
  const workers = new Workers(database);
  return {
    clock,
    database,
    channels,
    queues,
    deliveries: new Deliveries(
      database,
      clock,
      channels,
      () => queues.names(),
      alarms,
      ringer,
      recorder(),
      recorder(),
    ),
    receipts: new ReceiptBook(database, clock, recorder()),
    channelStates,
    runs: new Runs(database, clock, recorder()),
    stats: new Statistics(database),
    events: new EventStream(database, (error) => parts.onError(error, 'following the events')),
    access: new Access(database, parts.verifyToken),
    workers,
    health: new Health(
      {
        database,
        clock,
        queues,
        channelStates,
        workers,
        vitals: new Vitals(parts.health.memoryLimitMb),
        ownTokens: () => ({ tokens: limiter.source, memoryOnPurpose: parts.memoryTokensOnPurpose }),
        idleMs: parts.health.idleMs,
      },
      parts.health,
      (error) => parts.onError(error, 'looking at the health'),
    ),
  };
}

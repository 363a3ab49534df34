import { Access } from './access/access.js';
import { Audit, AUDIT_RETENTION_MS } from './access/audit.js';
import type { VerifyToken } from './access/token.js';
import { Bulk } from './bulk/bulk.js';
import { Canceller } from './bulk/cancel.js';
import { Eraser } from './bulk/erase.js';
import { Reviver } from './bulk/revive.js';
import { Tasks } from './bulk/tasks.js';
import { Alerts } from './alerts/alerts.js';
import { NoticeSender } from './alerts/notice-sender.js';
import type { NoticeTarget } from './alerts/notices.js';
import type { Channel, ChannelName } from './channel/channel.js';
import type { Clock } from './clock.js';
import type { Database } from './database.js';
import type { SlaPolicies } from './delivery/sla-policy.js';
import { BREAKER_DEFAULTS, type BreakerSettings } from './dispatch/breaker.js';
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
import { JobBook } from './schedule/job-book.js';
import { Ringer } from './schedule/ring.js';
import { Runs } from './schedule/runs.js';
import { SlaMonitor } from './sla/monitor.js';
import { Offenders } from './sla/offenders.js';
import { Violations } from './sla/violations.js';
import { LaneStatistics } from './stats/lane-statistics.js';
import { Recorder } from './stats/recorder.js';
import { RollUp } from './stats/roll-up.js';
import { Statistics } from './stats/statistics.js';
import { Cleaner } from './upkeep/cleaner.js';
import { Orphans } from './upkeep/orphans.js';
import { RetentionRules } from './upkeep/retention.js';
import { Maintenance, Upkeep, UPKEEP_TIMES, type UpkeepTimes } from './upkeep/upkeep.js';
import { Watch } from './watch.js';
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
  readonly bulk: Bulk;
  readonly tasks: Tasks;
  readonly upkeep: Upkeep;
  readonly jobs: JobBook;
  readonly stats: Statistics;
  readonly rollUp: RollUp;
  readonly sla: SlaMonitor;
  readonly violations: Violations;
  readonly alerts: Alerts;
  /** Started by the processes that have a database: an API too keeps watch. */
  readonly watch: Watch;
  readonly events: EventStream;
  readonly access: Access;
  readonly audit: Audit;
  readonly laneStats: LaneStatistics;
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
  /** Null or omitted: API keys are all that is taken. */
  readonly verifyToken?: VerifyToken | null;
  /** AUDIT_RETENTION_MS when omitted. */
  readonly auditRetentionMs?: number;
  readonly health: HealthLimits;
  /** Send tokens come from memory because it was configured so. */
  readonly memoryTokensOnPurpose: boolean;
  /** What is promised (CORE-40). */
  readonly policies: SlaPolicies;
  /** Who is told of alerts, and how long a condition has to be gone, in real ms, to be over. */
  readonly alerts?: { readonly targets: readonly NoticeTarget[]; readonly clearAfterMs: number };
  /** A worker that has been silent for so long does no work; real ms. */
  readonly leaseMs: number;
  /** BREAKER_DEFAULTS when omitted. */
  readonly breaker?: BreakerSettings;
  /** How long what has ended is kept; RETENTION when omitted. */
  readonly retention?: RetentionRules;
  /** When the upkeep is done; UPKEEP_TIMES when omitted. */
  readonly upkeep?: UpkeepTimes;
  readonly onError: (error: unknown, doing: string) => void;
}

/** A condition that flickers is one alert. */
const ALERTS_CLEAR_AFTER_MS = 10_000;

/** Puts the core together. Each writer that works beside others has a recorder of its own: see Recorder. */
export function createCore(parts: CoreParts): Core {
  const { clock, database, channels, alarms, limiter } = parts;
  const recorder = (): Recorder => new Recorder(database, clock);
  const queues = new Queues(database, clock, recorder(), parts.queues);
  const rollUp = new RollUp(database, clock);
  const stats = new Statistics(database, clock, rollUp);
  const runs = new Runs(database, clock, recorder());
  const channelStates = new ChannelStates(
    database,
    clock,
    channels,
    recorder(),
    parts.breaker ?? BREAKER_DEFAULTS,
    (channel, limits) => limiter.usedToday(channel, limits),
  );
  const { policies, leaseMs } = parts;
  const workers = new Workers(database);
  const sla = new SlaMonitor({
    database,
    clock,
    policies,
    channels,
    queues,
    channelStates,
    runs,
    stats,
    rollUp,
    workers,
    leaseMs,
  });
  const ringer = new Ringer(database, clock, alarms, recorder());
  const jobs = new JobBook(database, clock, alarms);
  const cleaner = new Cleaner(database, clock, runs, recorder(), parts.retention ?? new RetentionRules());
  const orphans = new Orphans(database, clock, () => queues.names(), channels);
  const works = {
    REVIVE: new Reviver(database, clock, runs, recorder()),
    CANCEL: new Canceller(database, clock, runs, recorder()),
    ERASE: new Eraser(database, clock, runs, recorder()),
    CLEAN_UP: cleaner,
    MAINTAIN: new Maintenance(cleaner, orphans, rollUp, runs),
  };
  const tasks = new Tasks(runs, jobs, clock, works, parts.onError);
  const upkeep = new Upkeep(tasks, cleaner, parts.upkeep ?? UPKEEP_TIMES);
  jobs.add([tasks.job, upkeep.job]);
  const health = new Health(
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
  );
  const alerts = new Alerts(
    database,
    clock,
    recorder(),
    parts.alerts?.targets ?? [],
    parts.alerts?.clearAfterMs ?? ALERTS_CLEAR_AFTER_MS,
  );
  const notices = new NoticeSender({
    database,
    clock,
    channels,
    onRefused: ({ notice, code, message, again, cause }) =>
      parts.onError(
        cause ?? new Error(`${code}: ${message}`),
        `sending the notice ${notice}, ${again ? 'which is tried again' : 'which is given up'}`,
      ),
  });
  const violations = new Violations(database, clock, recorder(), new Offenders(database, clock, sla.overdue));
  const watch = new Watch({
    database,
    clock,
    sla,
    violations,
    alerts,
    health,
    notices,
    rollUp,
    onError: parts.onError,
  });
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
      parts.policies,
      alarms,
      ringer,
      recorder(),
      recorder(),
    ),
    receipts: new ReceiptBook(database, clock, recorder()),
    channelStates,
    runs,
    stats,
    rollUp,
    sla,
    bulk: new Bulk(database, clock, runs, tasks, (name) => queues.definition(name)),
    tasks,
    upkeep,
    jobs,
    violations,
    alerts,
    watch,
    events: new EventStream(database, (error) => parts.onError(error, 'following the events')),
    access: new Access(database, parts.verifyToken),
    audit: new Audit(database, parts.auditRetentionMs ?? AUDIT_RETENTION_MS, (error) =>
      parts.onError(error, 'writing how a mutation ended into the audit'),
    ),
    laneStats: new LaneStatistics(database),
    workers,
    health,
  };
}

import { AlarmClock } from './adapters/agenda/alarm-clock.js';
import { createWhatsAppWebhook } from './adapters/channels/whatsapp-webhook.js';
import { createVerifyToken } from './adapters/jwt/verify-token.js';
import { openDatabase } from './adapters/mongo/database.js';
import type { OnFetchProgress } from './adapters/mongod/child/fetch-program.js';
import { ensureDataFolder } from './adapters/mongod/data-folder.js';
import { SharedRateLimiter } from './adapters/redis/shared-rate-limiter.js';
import { startSandbox } from './adapters/sandbox/sandbox.js';
import { alertTargets } from './app/alert-targets.js';
import { createChannels, type SandboxUrls } from './app/channels.js';
import { ensureDevKey } from './app/dev-key.js';
import { followServerClock } from './app/follow-server-clock.js';
import { mongodb, redis, type Server } from './app/servers.js';
import type { Config } from './config.js';
import {
  Alarms,
  Clock,
  type Core,
  CORE_ENTITIES,
  createCore,
  type Crew,
  MemoryRateLimiter,
  type QueueDefinition,
  type RateLimiter,
  type Retention,
  RetentionRules,
  SlaPolicies,
  WorkerProcess,
} from './core/index.js';
import { startApi } from './graphql/server.js';
import type { Log } from './log.js';
import { PROGRAMS } from './programs/registry.js';

/** Which parts a process has. */
export interface Parts {
  readonly api: boolean;
  readonly worker: boolean;
  readonly sandbox: boolean;
}

/** A Punctual, or a part of one, in this process. */
export interface App {
  /** Set by `start`, for the parts that the process has. */
  readonly urls: {
    readonly api?: string;
    readonly dashboard?: string;
    readonly graphiql?: string;
    readonly sandbox?: string;
    readonly smtp?: string;
  };
  /** Where the development key is; absent in production, and without the API. */
  readonly devKeyFile?: string;
  /** Set by `start` where the process has an API or a worker. */
  readonly core?: Core;
  /** What the programs started, by name; filled by `start`. */
  readonly programs: ReadonlyMap<string, object>;
  /** @throws PunctualError with a START_ code; call `stop` then as well */
  start(): Promise<void>;
  /** Ends everything that was started, in the opposite order. Never rejects for a part that was not started. */
  stop(): Promise<void>;
}

/** What a process may want to know or set besides its configuration. */
export interface AppOptions {
  readonly onFetchProgress?: OnFetchProgress;
}

/** From here on a machine's clock is worth a warning, in ms. */
const CLOCK_IS_OFF_MS = 1_000;
/** The lane for deliveries that belong to no program. */
const GENERAL_QUEUE = 'general';

/** Puts the parts together: the one place that knows all of them. */
export function createApp(config: Config, parts: Parts, log: Log, options: AppOptions = {}): Promise<App> {
  return Promise.resolve(new PunctualApp(config, parts, log, options));
}

class PunctualApp implements App {
  urls: App['urls'] = {};
  devKeyFile?: string;
  core?: Core;
  readonly programs = new Map<string, object>();
  /** What has been started, by name; ended from the last to the first. */
  readonly #started: { readonly name: string; readonly stop: () => Promise<void> | void }[] = [];

  constructor(
    private readonly config: Config,
    private readonly parts: Parts,
    private readonly log: Log,
    private readonly options: AppOptions,
  ) {}

  async start(): Promise<void> {
    const { config, parts } = this;
    const sandboxUrls = await this.#startSandbox();
    if (!parts.api && !parts.worker) return;

    await ensureDataFolder(config.dataDir);
    const mongo = this.#keep('MongoDB', await mongodb(config, this.options.onFetchProgress));
    const entities = [...CORE_ENTITIES, ...PROGRAMS.flatMap((program) => program.entities)];
    const database = await openDatabase(mongo.url, config.mongodb.db, entities);
    this.#onStop('the database', () => database.close());

    const clock = new Clock(config.clock ?? undefined);
    const follower = await followServerClock(
      clock,
      database,
      (offsetMs) => {
        const level = Math.abs(offsetMs) >= CLOCK_IS_OFF_MS ? 'warn' : 'debug';
        this.log[level]({ offsetMs }, "this machine's clock is off; the database server's is followed");
      },
      this.#failed('measuring the clock'),
    );
    this.#onStop('the clock', () => follower.stop());

    const crew: { current: () => Crew } = { current: () => ({ workers: 1, place: 0 }) };
    const limiter = await this.#startLimiter(clock, () => crew.current());
    const channels = createChannels(config, clock, sandboxUrls);
    this.#onStop('the channels', async () => {
      await Promise.all([...channels.values()].map((channel) => channel.close()));
    });

    const alarmClock = new AlarmClock(database.client.db(config.mongodb.db), this.#failed('ringing alarms'));
    await alarmClock.open();
    const alarms = new Alarms(clock, alarmClock.set);
    const memoryTokensOnPurpose = config.redis.url === 'none';
    const { policies, ...whole } = config.sla;
    const core = createCore({
      clock,
      database,
      channels,
      queues: queuesOf(config),
      limiter,
      alarms,
      retention: new RetentionRules(config.retention, retentionOfPrograms()),
      upkeep: config.upkeep,
      auditRetentionMs: config.auditRetentionMs,
      verifyToken: config.jwt && createVerifyToken(config.jwt, this.#failed('checking a token')),
      health: config.health,
      memoryTokensOnPurpose,
      policies: new SlaPolicies({ name: 'default', ...whole }, policies),
      leaseMs: config.worker.leaseMs,
      alerts: { targets: alertTargets(config, channels), clearAfterMs: config.alerts.clearAfterMs },
      breaker: config.breaker,
      onError: (error, doing) => this.#failed(doing)(error),
    });
    this.core = core;
    await core.events.start();
    this.#onStop('the events', () => core.events.stop());

    core.watch.start();
    this.#onStop('the watch', () => core.watch.stop());

    const programs = PROGRAMS.map((program) => ({ program, runtime: program.start(core, config) }));
    for (const { program, runtime } of programs) {
      this.programs.set(program.name, runtime);
      core.jobs.add(runtime.jobs);
    }
    if (parts.worker) {
      const worker = new WorkerProcess({
        core,
        alarms,
        setAlarm: alarmClock.set,
        limiter,
        options: {
          ...config.worker,
          memoryLimitMb: config.health.memoryLimitMb,
          memoryTokensOnPurpose,
        },
        log: {
          error: (error, doing) => this.#failed(doing)(error),
          lost: (count) => {
            if (count > 0)
              this.log.warn({ count }, 'deliveries were let go: another worker has taken them over');
          },
        },
      });
      crew.current = () => ({ workers: worker.lease.aliveWorkers, place: worker.lease.place });
      this.#onStop('the worker', () => worker.stop());
      for (const channel of channels.values()) await channel.warmUp?.();
      await worker.start();
      await alarmClock.start((kind, name) => worker.ring(kind, name));
      this.#onStop('the alarms', () => alarmClock.stop());
    }
    if (parts.api) {
      const api = await startApi({
        core,
        programs,
        config,
        webhooks: [createWhatsAppWebhook({ ...config.whatsapp, receipts: core.receipts })],
        readiness: async () => {
          await database.measureClock();
          return { ok: true, reasons: [] };
        },
        allowedOrigins: config.allowedOrigins,
        alarms: () => alarmClock.counts(),
        log: this.log,
      });
      this.#onStop('the API', () => api.stop());
      this.urls = { ...this.urls, api: api.url, dashboard: `${api.url}/`, graphiql: `${api.url}/graphiql` };
      if (!config.production)
        this.devKeyFile = await ensureDevKey(config.dataDir, core.access, config.dailyContent.owner);
      if (parts.sandbox) await sendReportsTo(sandboxUrls.http, api.url, config);
    }
  }

  async stop(): Promise<void> {
    for (let part = this.#started.pop(); part; part = this.#started.pop()) {
      try {
        await part.stop();
      } catch (error) {
        this.log.error({ err: error }, `${part.name} did not stop in order`);
      }
    }
  }

  /** @returns where the sandbox is, or would be */
  async #startSandbox(): Promise<SandboxUrls> {
    const { config, parts } = this;
    const { port, smtpPort } = config.sandbox;
    if (!parts.sandbox) return { http: `http://127.0.0.1:${port}`, smtp: `smtp://127.0.0.1:${smtpPort}` };
    const webhook = {
      url: `http://${config.host}:${config.port}/webhooks/whatsapp`,
      appSecret: config.whatsapp.appSecret,
    };
    const sandbox = await startSandbox({
      port,
      smtpPort,
      ...(config.port === 0 ? {} : { webhooks: { whatsapp: webhook } }),
      onError: this.#failed('in the sandbox'),
    });
    this.#onStop('the sandbox', () => sandbox.stop());
    this.urls = { ...this.urls, sandbox: sandbox.url, smtp: sandbox.smtpUrl };
    return { http: sandbox.url, smtp: sandbox.smtpUrl };
  }

  async #startLimiter(clock: Clock, crew: () => Crew): Promise<RateLimiter> {
    const server = await redis(this.config, this.options.onFetchProgress, this.log);
    if (server) this.#keep('Redis', server);
    const limiter = server
      ? new SharedRateLimiter({
          url: server.url,
          prefix: this.config.redis.prefix,
          clock,
          crew,
          onChange: (source, reason) => {
            if (source === 'MEMORY')
              this.log.error({ err: reason }, 'Redis is away: send tokens come from memory, in shares');
            else this.log.warn('Redis is back: send tokens come from it again');
          },
        })
      : new MemoryRateLimiter({ clock, crew });
    this.#onStop('the send tokens', () => limiter.close());
    return limiter;
  }

  #keep(name: string, server: Server): Server {
    this.#onStop(name, () => server.stop());
    return server;
  }

  #onStop(name: string, stop: () => Promise<void> | void): void {
    this.#started.push({ name, stop });
  }

  #failed(doing: string): (error: unknown) => void {
    return (error) => this.log.error({ err: error }, `error while ${doing}`);
  }
}

/** What programs say about how long their deliveries are kept, by program. */
function retentionOfPrograms(): Map<string, Partial<Retention>> {
  return new Map(PROGRAMS.flatMap(({ name, retention }) => (retention ? [[name, retention] as const] : [])));
}

function queuesOf({ worker }: Config): QueueDefinition[] {
  const { maxInFlight } = worker;
  const own = PROGRAMS.flatMap((program) => program.queues).map((queue) => ({ maxInFlight, ...queue }));
  return [{ name: GENERAL_QUEUE, maxInFlight }, ...own];
}

/** The API's port is known only now where it was any free one: the sandbox is told where its reports go. */
async function sendReportsTo(sandboxUrl: string, apiUrl: string, config: Config): Promise<void> {
  const body = JSON.stringify({ url: `${apiUrl}/webhooks/whatsapp`, appSecret: config.whatsapp.appSecret });
  const answer = await fetch(`${sandboxUrl}/_sandbox/callbacks/whatsapp`, {
    method: 'PUT',
    body,
    headers: { 'content-type': 'application/json' },
  });
  if (!answer.ok)
    throw new Error(`the sandbox refused its callback address: ${answer.status} ${await answer.text()}`);
}

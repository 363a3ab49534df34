import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { checkTogether, oddities } from './config-checks.js';
import { type JwtConfig, jwtConfig } from './config-jwt.js';
import type { VirtualClock } from './config-readers.js';
import type { Values, VariableName } from './config-schema.js';
import { configFile, dotEnv, isSet, readValues, unknownNames } from './config-sources.js';
import type { Source } from './config-sources.js';
import type { Mailbox } from './core/channel/email-address.js';
import type { SlaPolicy } from './core/delivery/sla-policy.js';
import type { BreakerSettings } from './core/dispatch/breaker.js';

/**
 * Everything that can be set, read and checked once at the start (CORE-51). No other file reads the environment.
 * Durations are in ms.
 */
export interface Config {
  /** 0: any free port. */
  readonly port: number;
  readonly host: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly production: boolean;
  readonly logLevel: string;
  /** Of pages that may open sockets, besides the API's own. */
  readonly allowedOrigins: readonly string[];
  /** Null: API keys are all that is taken. */
  readonly jwt: JwtConfig | null;
  readonly auditRetentionMs: number;
  readonly mongodb: {
    /** Null: the embedded one. */
    readonly uri: string | null;
    readonly db: string;
  };
  readonly redis: {
    /** Null: find one. `none`: tokens in the process, on purpose. */
    readonly url: string | null;
    readonly prefix: string;
  };
  /** Null: real time. */
  readonly clock: VirtualClock | null;
  readonly sandbox: { readonly port: number; readonly smtpPort: number };
  readonly whatsapp: {
    /** Null: the sandbox. */
    readonly baseUrl: string | null;
    readonly accessToken: string;
    readonly phoneNumberId: string;
    readonly businessAccountId: string;
    readonly appSecret: string;
    readonly verifyToken: string;
    readonly perSecond: number;
    readonly perDay: number;
    readonly perRecipientMs: number | null;
    readonly zone: string;
    readonly onUnknownOutcome: 'RETRY' | 'HOLD';
  };
  readonly email: {
    /** Null: the sandbox. */
    readonly smtpUrl: string | null;
    readonly from: Mailbox;
    readonly connections: number;
    readonly perSecond: number | null;
    readonly perDay: number | null;
    readonly perRecipientMs: number | null;
    readonly zone: string;
  };
  readonly webhook: {
    /** One, or two during a rotation; none: no webhooks can be sent. */
    readonly secrets: readonly string[];
    /** Never true in production. */
    readonly allowPrivate: boolean;
  };
  /** Who is told of alerts. */
  readonly alerts: {
    readonly emails: readonly string[];
    readonly webhooks: readonly string[];
    readonly clearAfterMs: number;
  };
  /** The service level over everything, and those of parts. */
  readonly sla: Omit<SlaPolicy, 'name'> & { readonly policies: readonly SlaPolicy[] };
  readonly breaker: BreakerSettings;
  readonly worker: {
    readonly concurrency: number;
    /** For each queue, over all workers. */
    readonly maxInFlight: number;
    readonly leaseMs: number;
    readonly heartbeatMs: number;
    readonly sweepMs: number;
    readonly drainMs: number;
    readonly attemptTimeoutMs: number;
  };
  /** From where on something is a reason not to be healthy. */
  readonly health: {
    readonly pending: number;
    readonly failedPerHour: number;
    readonly idleMs: number;
    readonly errorRate: number;
    readonly errorRateSample: number;
    readonly runLimitMs: number;
    readonly runShare: number;
    readonly workerSilentMs: number;
    readonly memoryShare: number;
    /** Null: what the container allows. */
    readonly memoryLimitMb: number | null;
  };
  /** How long what has ended is kept; `count` null: however many. */
  readonly retention: {
    readonly completed: { readonly ageMs: number; readonly count: number | null };
    readonly failed: { readonly ageMs: number; readonly count: number | null };
    readonly keyedMs: number;
  };
  readonly upkeep: { readonly at: string; readonly timezone: string };
  readonly dailyContent: {
    readonly enabled: boolean;
    readonly owner: string;
    readonly timezone: string;
    readonly sendAt: string;
    readonly jitterBeforeMs: number;
    readonly jitterAfterMs: number;
    readonly planAt: string;
  };
  readonly cli: {
    /** Null: the server of the data folder. */
    readonly url: string | null;
    readonly apiKey: string | null;
  };
}

export interface LoadOptions {
  /** Values by variable name that win over everything else, as options of the command line do. */
  readonly overrides?: Partial<Record<VariableName, string>>;
  /** Gets one line for each thing that is odd but no reason not to start. */
  readonly onWarning?: (line: string) => void;
}

/** What the sandbox takes where nothing else is set. It is no secret: nothing real accepts it. */
const SANDBOX_VALUE = 'sandbox';
/** Likewise: a domain that there will never be (RFC 2606). */
const SANDBOX_FROM: Mailbox = { name: 'Punctual', address: 'punctual@sandbox.invalid' };

/**
 * Reads the configuration: overrides, then the environment, then `.env`, then the file that PUNCTUAL_CONFIG names,
 * then defaults.
 *
 * @param env in place of the process's own environment; `.env` is left out then, so that tests depend on neither
 * @throws PunctualError CONFIG_INVALID, one line that names the variable, what is wrong and what is expected
 */
export function loadConfig(env?: NodeJS.ProcessEnv, options: LoadOptions = {}): Config {
  const sources: Source[] = [
    { from: 'the command line', texts: options.overrides ?? {} },
    { from: null, texts: env ?? process.env },
    ...(env ? [] : [dotEnv()]),
  ];
  const file = sources.map(({ texts }) => texts['PUNCTUAL_CONFIG']).find(isSet);
  if (file !== undefined) sources.push(configFile(file));
  const values = readValues(sources);
  checkTogether(values, slaOf(values));
  for (const line of [...unknownNames(sources), ...oddities(values)]) options.onWarning?.(line);
  return deepFreeze(assemble(values));
}

function assemble(values: Values): Config {
  const production = values.NODE_ENV === 'production';
  return {
    port: values.PORT,
    host: values.HOST,
    dataDir: resolve(values.PUNCTUAL_DATA_DIR),
    production,
    logLevel: values.LOG_LEVEL,
    allowedOrigins: values.ALLOWED_ORIGINS ?? [],
    jwt: jwtConfig(values),
    auditRetentionMs: values.AUDIT_RETENTION,
    mongodb: { uri: values.MONGODB_URI, db: values.MONGODB_DB },
    redis: { url: redisUrl(values), prefix: values.REDIS_PREFIX },
    clock: values.PUNCTUAL_CLOCK,
    sandbox: { port: values.SANDBOX_PORT, smtpPort: values.SANDBOX_SMTP_PORT },
    whatsapp: {
      baseUrl: values.WHATSAPP_BASE_URL,
      accessToken: values.WHATSAPP_ACCESS_TOKEN ?? SANDBOX_VALUE,
      phoneNumberId: values.WHATSAPP_PHONE_NUMBER_ID ?? SANDBOX_VALUE,
      businessAccountId: values.WHATSAPP_BUSINESS_ACCOUNT_ID ?? SANDBOX_VALUE,
      appSecret: values.WHATSAPP_APP_SECRET ?? SANDBOX_VALUE,
      verifyToken: values.WHATSAPP_VERIFY_TOKEN ?? SANDBOX_VALUE,
      perSecond: values.WHATSAPP_PER_SECOND,
      perDay: values.WHATSAPP_PER_DAY,
      perRecipientMs: values.WHATSAPP_PER_RECIPIENT,
      zone: values.WHATSAPP_ZONE,
      onUnknownOutcome: values.WHATSAPP_ON_UNKNOWN_OUTCOME,
    },
    email: {
      smtpUrl: values.SMTP_URL,
      from: values.SMTP_FROM ?? SANDBOX_FROM,
      connections: values.SMTP_CONNECTIONS,
      perSecond: values.EMAIL_PER_SECOND,
      perDay: values.EMAIL_PER_DAY,
      perRecipientMs: values.EMAIL_PER_RECIPIENT,
      zone: values.EMAIL_ZONE,
    },
    webhook: {
      secrets: values.WEBHOOK_SECRET ?? [],
      allowPrivate: values.WEBHOOK_ALLOW_PRIVATE ?? !production,
    },
    alerts: {
      emails: values.ALERT_EMAIL ?? [],
      webhooks: values.ALERT_WEBHOOK ?? [],
      clearAfterMs: values.ALERT_CLEAR_AFTER,
    },
    sla: slaOf(values),
    breaker: { failures: values.BREAKER_FAILURES, openMs: values.BREAKER_OPEN },
    worker: {
      concurrency: values.WORKER_CONCURRENCY,
      maxInFlight: values.WORKER_MAX_IN_FLIGHT,
      leaseMs: values.WORKER_LEASE,
      heartbeatMs: values.WORKER_HEARTBEAT,
      sweepMs: values.WORKER_SWEEP,
      drainMs: values.WORKER_DRAIN,
      attemptTimeoutMs: values.WORKER_ATTEMPT_TIMEOUT,
    },
    health: {
      pending: values.HEALTH_PENDING,
      failedPerHour: values.HEALTH_FAILED_PER_HOUR,
      idleMs: values.HEALTH_IDLE,
      errorRate: values.HEALTH_ERROR_RATE,
      errorRateSample: values.HEALTH_ERROR_RATE_SAMPLE,
      runLimitMs: values.HEALTH_RUN_LIMIT,
      runShare: values.HEALTH_RUN_SHARE,
      workerSilentMs: values.HEALTH_WORKER_SILENT,
      memoryShare: values.HEALTH_MEMORY,
      memoryLimitMb: values.MEMORY_LIMIT_MB,
    },
    retention: {
      completed: { ageMs: values.RETENTION_COMPLETED, count: values.RETENTION_COMPLETED_COUNT },
      failed: { ageMs: values.RETENTION_FAILED, count: values.RETENTION_FAILED_COUNT },
      keyedMs: values.RETENTION_KEYS,
    },
    upkeep: { at: values.UPKEEP_AT, timezone: values.UPKEEP_TIMEZONE },
    dailyContent: {
      enabled: values.DAILY_CONTENT_ENABLED,
      owner: values.DAILY_CONTENT_OWNER,
      timezone: values.DAILY_CONTENT_TIMEZONE,
      sendAt: values.DAILY_CONTENT_SEND_AT,
      jitterBeforeMs: values.DAILY_CONTENT_JITTER_BEFORE,
      jitterAfterMs: values.DAILY_CONTENT_JITTER_AFTER,
      planAt: values.DAILY_CONTENT_PLAN_AT,
    },
    cli: { url: values.PUNCTUAL_URL, apiKey: values.PUNCTUAL_API_KEY },
  };
}

/** The service level over everything, and those of parts, each filled up from it. */
function slaOf(values: Values): Config['sla'] {
  const whole = {
    target: values.SLA_TARGET,
    targetLatenessMs: values.SLA_TARGET_LATENESS,
    windowMs: values.SLA_WINDOW,
    warningBelow: values.SLA_WARNING_BELOW,
    criticalBelow: values.SLA_CRITICAL_BELOW,
  };
  const policies = (values.SLA_POLICIES ?? []).map(({ targetLateness, window, ...given }): SlaPolicy => ({
    ...whole,
    ...given,
    ...(targetLateness === undefined ? {} : { targetLatenessMs: targetLateness }),
    ...(window === undefined ? {} : { windowMs: window }),
  }));
  return { ...whole, policies };
}

function redisUrl(values: Values): string | null {
  if (values.REDIS_URL !== null || values.REDIS_HOST === null) return values.REDIS_URL;
  const password = values.REDIS_PASSWORD === null ? '' : `:${encodeURIComponent(values.REDIS_PASSWORD)}@`;
  const host = isIP(values.REDIS_HOST) === 6 ? `[${values.REDIS_HOST}]` : values.REDIS_HOST;
  return `redis://${password}${host}:${values.REDIS_PORT}/${values.REDIS_DB}`;
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part);
  return Object.freeze(value);
}

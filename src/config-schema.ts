import type { Reader } from './config-readers.js';
import {
  duration,
  emailAddress,
  flag,
  integer,
  listOf,
  mailbox,
  oneOf,
  origins,
  port,
  share,
  smtpUrl,
  text,
  timeOfDay,
  url,
  virtualClock,
  webhookSecrets,
  zone,
} from './config-readers.js';
import { slaPolicies } from './config-sla.js';

/** One variable: how it is read, what it is when absent, and what `.env.example` says of it. */
export interface Variable<T> {
  readonly reader: Reader<T>;
  /** As it would be written; null where there is none. */
  readonly default: string | null;
  /** One or two sentences. */
  readonly about: string;
  /** Never shown: not in errors, not in the log. */
  readonly secret: boolean;
}

/** Longest retention, in ms: ten years. */
const MOST_KEPT_MS = 3_660 * 86_400_000;

/** A variable that always has a value. */
function setting<T>(reader: Reader<T>, fallback: string, about: string): Variable<T> {
  return { reader, default: fallback, about, secret: false };
}

/** A variable that may be absent, and is null then. */
function optional<T>(reader: Reader<T>, about: string): Variable<T | null> {
  return { reader, default: null, about, secret: false };
}

/** Likewise, and never shown. */
function secret<T>(reader: Reader<T>, about: string): Variable<T | null> {
  return { reader, default: null, about, secret: true };
}

const SERVER = {
  NODE_ENV: setting(
    oneOf('development', 'production', 'test'),
    'development',
    'In production: no introspection, no details in errors, logs as JSON, no webhooks to private addresses.',
  ),
  PORT: setting(port, '4000', 'The port of the API.'),
  HOST: setting(text, '127.0.0.1', 'The address that the API listens on; 0.0.0.0 for all.'),
  PUNCTUAL_DATA_DIR: setting(
    text,
    '.punctual',
    'The folder of the embedded MongoDB, of fetched programs and of the development key (dev-key, mode 0600).',
  ),
  PUNCTUAL_CONFIG: optional(
    text,
    'A JSON file that holds any of these names; the environment and .env win over it.',
  ),
  PUNCTUAL_CLOCK: optional(
    virtualClock,
    'VIRTUAL_START,REAL_START,SPEED: a clock that all processes with the same value share. Only with the sandbox.',
  ),
  LOG_LEVEL: setting(
    oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    'info',
    'The least severe lines that are logged.',
  ),
};

const ACCESS = {
  ALLOWED_ORIGINS: optional(
    origins,
    "Pages of other origins that may open sockets, separated by commas, as https://app.example.com. Absent: the API's own only.",
  ),
  AUDIT_RETENTION: setting(
    duration(86_400_000, 3_650 * 86_400_000),
    '400d',
    'How long it is kept who did what: for what is written from now on.',
  ),
  JWT_ISSUER: optional(
    text,
    'The issuer (iss) whose tokens are taken besides API keys; sub is the owner. Absent: none are. Needs JWT_AUDIENCE and one of the three kinds of keys.',
  ),
  JWT_AUDIENCE: optional(text, 'The audience (aud) that a token has to be for.'),
  JWT_JWKS_URL: optional(url('https', 'http'), "The issuer's published keys; they may change at any time."),
  JWT_JWKS_FILE: optional(text, 'The same in a file, which may be replaced while Punctual runs.'),
  JWT_SECRET: secret(text, 'Or one shared secret, at least 32 bytes.'),
  JWT_ALGORITHM: optional(
    oneOf(
      ...['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512'],
      ...['PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
    ),
    'The one algorithm that is taken, whatever a token says. Absent: HS256 with JWT_SECRET, else RS256.',
  ),
  JWT_ROLE_CLAIM: setting(text, 'role', 'The claim that holds one of VIEWER, MANAGER, OPERATOR, ADMIN.'),
  JWT_SCOPE_CLAIM: setting(
    text,
    'scope',
    'The claim that holds scopes, separated by spaces; a token without it may do all that its role permits.',
  ),
  JWT_CLOCK_TOLERANCE: setting(duration(0, 60_000), '5s', "How far the issuer's clock may be off."),
};

const STORES = {
  MONGODB_URI: secret(
    url('mongodb', 'mongodb+srv'),
    'A replica set or a sharded cluster. Absent: an embedded one in the data folder.',
  ),
  MONGODB_DB: setting(text, 'punctual', 'The name of the database.'),
  REDIS_URL: secret(
    { expects: '"none", or a URL that begins with redis:// or rediss://', read: readRedis },
    'Absent: REDIS_HOST, else a local server, else a bundled one, else tokens in the process. "none": in the process.',
  ),
  REDIS_HOST: optional(text, 'The host of Redis, where REDIS_URL is absent.'),
  REDIS_PORT: setting(integer(1, 65_535), '6379', 'With REDIS_HOST.'),
  REDIS_PASSWORD: secret(text, 'With REDIS_HOST.'),
  REDIS_DB: setting(integer(0, 15), '0', 'With REDIS_HOST: the number of the database.'),
  REDIS_PREFIX: setting(
    text,
    'punctual:',
    'Before each key, so that several installations can share one Redis.',
  ),
};

const CLIENT = {
  PUNCTUAL_URL: optional(
    url('http', 'https'),
    'The server that the CLI talks to. Absent: the one of the data folder.',
  ),
  PUNCTUAL_API_KEY: secret(text, 'The key that the CLI uses there. Absent: the one of the data folder.'),
};

const SANDBOX = {
  SANDBOX_PORT: setting(port, '4010', 'The port of the HTTP providers of the sandbox.'),
  SANDBOX_SMTP_PORT: setting(port, '4025', 'The port of its mail server.'),
};

const WHATSAPP = {
  WHATSAPP_BASE_URL: optional(
    url('https', 'http'),
    'The Cloud API without its version, as https://graph.facebook.com. Absent: the sandbox.',
  ),
  WHATSAPP_ACCESS_TOKEN: secret(text, 'Needed with WHATSAPP_BASE_URL, as the next two are.'),
  WHATSAPP_PHONE_NUMBER_ID: optional(text, 'The id of the number that messages come from.'),
  WHATSAPP_APP_SECRET: secret(text, 'The key of the signatures under the webhooks that come in.'),
  WHATSAPP_BUSINESS_ACCOUNT_ID: optional(text, 'The id of the business account.'),
  WHATSAPP_VERIFY_TOKEN: secret(text, 'What the provider repeats when the webhook is set up there.'),
  WHATSAPP_PER_SECOND: setting(integer(1, 10_000), '80', 'Messages in any sliding second, over all workers.'),
  WHATSAPP_PER_DAY: setting(integer(1), '100000', 'Messages from midnight to midnight of WHATSAPP_ZONE.'),
  WHATSAPP_PER_RECIPIENT: optional(
    duration(1, 86_400_000),
    'The least time between two messages to one recipient, as 6s. Absent: no limit.',
  ),
  WHATSAPP_ZONE: setting(zone, 'UTC', 'The zone in which the day of WHATSAPP_PER_DAY ends.'),
  WHATSAPP_ON_UNKNOWN_OUTCOME: setting(
    oneOf('RETRY', 'HOLD'),
    'RETRY',
    'When no one can say whether a message was accepted. RETRY: it may arrive twice. HOLD: not at all, until retried by hand.',
  ),
};

const EMAIL = {
  SMTP_URL: secret(
    smtpUrl,
    'The mail server, as smtp://user:password@mail.example.org:587; smtps:// for TLS from the start. Absent: the sandbox.',
  ),
  SMTP_FROM: optional(
    mailbox,
    'Whom mails are from, as Punctual <punctual@example.org>. Needed with SMTP_URL.',
  ),
  SMTP_CONNECTIONS: setting(
    integer(1, 100),
    '10',
    'Connections to the mail server that a worker process opens.',
  ),
  EMAIL_PER_SECOND: optional(
    integer(1, 10_000),
    'Mails in any sliding second, over all workers. Absent: no limit.',
  ),
  EMAIL_PER_DAY: optional(integer(1), 'Mails from midnight to midnight of EMAIL_ZONE. Absent: no limit.'),
  EMAIL_PER_RECIPIENT: optional(
    duration(1, 86_400_000),
    'The least time between two mails to one recipient, as 1m. Absent: no limit.',
  ),
  EMAIL_ZONE: setting(zone, 'UTC', 'The zone in which the day of EMAIL_PER_DAY ends.'),
};

const WEBHOOKS = {
  WEBHOOK_SECRET: secret(
    webhookSecrets,
    'The key under which outgoing webhooks are signed; two, separated by a blank, while receivers go from one to the next. Absent: none can be sent.',
  ),
  WEBHOOK_ALLOW_PRIVATE: optional(
    flag,
    'Whether they may go to private addresses. Absent: only outside production, where true is refused.',
  ),
};

const SLA = {
  SLA_TARGET: setting(share, '0.99', 'The share of deliveries that is to be accepted in time.'),
  SLA_TARGET_LATENESS: setting(duration(1, 86_400_000), '5m', 'How late is still in time.'),
  SLA_WINDOW: setting(duration(1_000, 3_600_000), '5m', 'The rolling window over which the share is taken.'),
  SLA_WARNING_BELOW: setting(share, '0.97', 'Below this share a violation is a warning.'),
  SLA_CRITICAL_BELOW: setting(share, '0.95', 'Below this share a violation is critical.'),
  SLA_POLICIES: optional(
    slaPolicies,
    'Service levels of single queues, programs or tiers, as a JSON list; what one leaves out is as above.',
  ),
};

const ALERTS = {
  ALERT_CLEAR_AFTER: setting(
    duration(0, 3_600_000),
    '10s',
    'A condition has to be gone for so long to be over: one that flickers is one alert.',
  ),
  ALERT_EMAIL: optional(
    listOf(emailAddress),
    'Who is told by e-mail when an alert opens or is resolved. Absent: nobody.',
  ),
  ALERT_WEBHOOK: secret(
    listOf(url('https', 'http')),
    'Where the same goes as a signed webhook. Needs WEBHOOK_SECRET. Absent: nowhere.',
  ),
};

const WORKER = {
  WORKER_CONCURRENCY: setting(
    integer(1, 1000),
    '50',
    'Attempts that one worker process makes at the same time.',
  ),
  WORKER_MAX_IN_FLIGHT: setting(
    integer(1, 10_000),
    '100',
    'Attempts of one queue at the same time, over all workers.',
  ),
  WORKER_LEASE: setting(duration(1000, 600_000), '15s', 'After this a silent worker is given up.'),
  WORKER_HEARTBEAT: setting(
    duration(100, 200_000),
    '3s',
    'How often a worker renews; at most a third of the lease.',
  ),
  WORKER_SWEEP: setting(
    duration(100, 600_000),
    '5s',
    'How often the sweeper looks for what was left behind.',
  ),
  WORKER_DRAIN: setting(duration(0, 600_000), '20s', 'How long attempts may take to end after SIGTERM.'),
  BREAKER_FAILURES: setting(
    integer(1, 1000),
    '5',
    "Consecutive failures of a provider that open its channel's breaker.",
  ),
  BREAKER_OPEN: setting(duration(100, 3_600_000), '1m', 'How long an open breaker lets nothing through.'),
  WORKER_ATTEMPT_TIMEOUT: setting(duration(100, 600_000), '10s', 'How long a provider may take to answer.'),
};

const HEALTH = {
  HEALTH_PENDING: setting(integer(1), '1000', 'More deliveries than this due and waiting: not healthy.'),
  HEALTH_FAILED_PER_HOUR: setting(
    integer(1),
    '50',
    'Likewise: deliveries that fail, are dead-lettered or expire in an hour.',
  ),
  HEALTH_IDLE: setting(
    duration(60_000, 86_400_000),
    '2h',
    'Likewise: nothing processed for so long, though something was due all along.',
  ),
  HEALTH_ERROR_RATE: setting(share, '0.05', 'Likewise: the share of the attempts of an hour that fail.'),
  HEALTH_ERROR_RATE_SAMPLE: setting(
    integer(1),
    '20',
    'With fewer attempts in the hour, that share is not looked at.',
  ),
  HEALTH_RUN_LIMIT: setting(
    duration(60_000, 7 * 86_400_000),
    '1h',
    'How long a run may go on. One whose window is longer has its window.',
  ),
  HEALTH_RUN_SHARE: setting(share, '0.75', 'The share of that limit after which a run is said to be long.'),
  HEALTH_WORKER_SILENT: setting(duration(1_000, 600_000), '10s', 'How long a worker may not be heard of.'),
  HEALTH_MEMORY: setting(share, '0.8', 'The share of its memory limit that a process may use.'),
  MEMORY_LIMIT_MB: optional(
    integer(64, 1_048_576),
    'The memory limit of each process. Absent: what its container allows, else 1024.',
  ),
};

const UPKEEP = {
  RETENTION_COMPLETED: setting(
    duration(3_600_000, MOST_KEPT_MS),
    '30d',
    'How long deliveries that were sent or cancelled are kept after the last that happened to them.',
  ),
  RETENTION_COMPLETED_COUNT: optional(
    integer(0),
    'Keep no more of them than so many of a program, the newest. Absent: however many.',
  ),
  RETENTION_FAILED: setting(
    duration(3_600_000, MOST_KEPT_MS),
    '90d',
    'How long deliveries that failed, were dead-lettered or missed are kept.',
  ),
  RETENTION_FAILED_COUNT: optional(integer(0), 'Likewise, for these.'),
  RETENTION_KEYS: setting(
    duration(3_600_000, MOST_KEPT_MS),
    '48h',
    'What was made under a key is kept so long past its due instant at least, so that a repetition finds it.',
  ),
  UPKEEP_AT: setting(timeOfDay, '03:15', 'When old deliveries are deleted, each day.'),
  UPKEEP_TIMEZONE: setting(zone, 'UTC', 'The zone of that time.'),
};

const DAILY_CONTENT = {
  DAILY_CONTENT_ENABLED: setting(flag, 'true', 'Whether the program runs.'),
  DAILY_CONTENT_OWNER: setting(text, 'default', 'The user whose advisors get the daily wave.'),
  DAILY_CONTENT_TIMEZONE: setting(zone, 'Asia/Kolkata', 'The zone of the times below.'),
  DAILY_CONTENT_SEND_AT: setting(timeOfDay, '06:00', 'When the wave is due.'),
  DAILY_CONTENT_JITTER_BEFORE: setting(
    duration(0, 3_600_000),
    '30s',
    'How far before it the first may be due.',
  ),
  DAILY_CONTENT_JITTER_AFTER: setting(
    duration(0, 3_600_000),
    '270s',
    'How far after it the last may be due.',
  ),
  DAILY_CONTENT_PLAN_AT: setting(timeOfDay, '05:30', 'When the wave is planned.'),
};

/** The variables under the headings of `.env.example`. */
export const SECTIONS = {
  'The process': SERVER,
  'Who may ask': ACCESS,
  'MongoDB and Redis': STORES,
  'The command line as a client': CLIENT,
  'The sandbox': SANDBOX,
  WhatsApp: WHATSAPP,
  'E-mail': EMAIL,
  'Outgoing webhooks': WEBHOOKS,
  'Service level': SLA,
  Alerts: ALERTS,
  Workers: WORKER,
  Upkeep: UPKEEP,
  Health: HEALTH,
  'Daily content': DAILY_CONTENT,
} as const;

/** Every variable that Punctual reads. Names and defaults are public (spec/outside.md). */
export const VARIABLES = {
  ...SERVER,
  ...ACCESS,
  ...STORES,
  ...CLIENT,
  ...SANDBOX,
  ...WHATSAPP,
  ...EMAIL,
  ...WEBHOOKS,
  ...SLA,
  ...ALERTS,
  ...WORKER,
  ...UPKEEP,
  ...HEALTH,
  ...DAILY_CONTENT,
} as const;

export type VariableName = keyof typeof VARIABLES;

/** What each variable is once read. */
export type Values = {
  readonly [K in VariableName]: (typeof VARIABLES)[K] extends Variable<infer T> ? T : never;
};

/** Beginnings that are ours alone: an unknown name with one of them is most likely misspelt. */
export const OUR_PREFIXES = ['PUNCTUAL_', 'WHATSAPP_', 'SANDBOX_', 'DAILY_CONTENT_', 'HEALTH_'] as const;

function readRedis(value: string): string {
  return value.toLowerCase() === 'none' ? 'none' : url('redis', 'rediss').read(value);
}

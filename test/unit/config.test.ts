import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { loadConfig } from '../../src/config.js';
import { PunctualError } from '../../src/core/errors.js';

/** The one line that a start with these variables ends with. */
function refusal(env: NodeJS.ProcessEnv): string {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof PunctualError && error.code === 'CONFIG_INVALID') return error.message;
    throw error;
  }
  throw new Error('the configuration was taken');
}

function warnings(env: NodeJS.ProcessEnv): string[] {
  const lines: string[] = [];
  loadConfig(env, { onWarning: (line) => lines.push(line) });
  return lines;
}

const CLOCK = '2026-11-23T00:29:00Z,2026-11-22T10:00:00+05:30,60';
const REAL_WHATSAPP = {
  WHATSAPP_BASE_URL: 'https://graph.example.com/',
  WHATSAPP_ACCESS_TOKEN: 'token',
  WHATSAPP_PHONE_NUMBER_ID: '1',
  WHATSAPP_APP_SECRET: 'secret',
};

describe('configuration', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'punctual-config-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const file = async (content: string): Promise<string> => {
    const path = join(folder, 'punctual.config.json');
    await writeFile(path, content);
    return path;
  };

  it('CORE-51 an empty environment gives the documented defaults, frozen', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      port: 4000,
      host: '127.0.0.1',
      dataDir: join(process.cwd(), '.punctual'),
      production: false,
      mongodb: { uri: null, db: 'punctual' },
      redis: { url: null },
      clock: null,
      sandbox: { port: 4010, smtpPort: 4025 },
      whatsapp: { baseUrl: null, perSecond: 80, perDay: 100_000, perRecipientMs: null },
      email: {
        smtpUrl: null,
        from: { name: 'Punctual', address: 'punctual@sandbox.invalid' },
        connections: 10,
        perSecond: null,
        perDay: null,
        perRecipientMs: null,
        zone: 'UTC',
      },
      webhook: { secrets: [], allowPrivate: true },
      alerts: { emails: [], webhooks: [], clearAfterMs: 10_000 },
      sla: {
        target: 0.99,
        targetLatenessMs: 300_000,
        windowMs: 300_000,
        warningBelow: 0.97,
        criticalBelow: 0.95,
        policies: [],
      },
      breaker: { failures: 5, openMs: 60_000 },
      worker: { concurrency: 50, maxInFlight: 100, leaseMs: 15_000, heartbeatMs: 3000 },
      dailyContent: {
        timezone: 'Asia/Kolkata',
        sendAt: '06:00',
        jitterBeforeMs: 30_000,
        jitterAfterMs: 270_000,
      },
    });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.worker)).toBe(true);
  });

  it.each([
    ['PORT', '70000', 'PORT: "70000" is above 65535; expected a port from 1 to 65535, or 0 for any free one'],
    [
      'PORT',
      '4e3',
      'PORT: "4e3" is not a whole number; expected a port from 1 to 65535, or 0 for any free one',
    ],
    ['NODE_ENV', 'prod', 'NODE_ENV: "prod" is none of them; expected one of development, production, test'],
    ['SLA_TARGET', '99', 'SLA_TARGET: "99" is above 1; expected a share above 0 and up to 1, as 0.99'],
    [
      'WHATSAPP_ZONE',
      'Asia/Calcuta',
      'WHATSAPP_ZONE: "Asia/Calcuta" is no such zone; expected an IANA time zone, as Asia/Kolkata',
    ],
    [
      'DAILY_CONTENT_SEND_AT',
      '6:00',
      'DAILY_CONTENT_SEND_AT: "6:00" is not a time of day; expected a time of day from 00:00 to 23:59, as 06:00',
    ],
    [
      'WORKER_LEASE',
      '15',
      'WORKER_LEASE: "15" is not a duration; expected a duration from 1s to 10m, as "30s", "5m" or "PT30M"',
    ],
    [
      'WORKER_HEARTBEAT',
      '10s',
      'WORKER_HEARTBEAT: 10000 ms is above a third of WORKER_LEASE; expected at most 5000 ms',
    ],
    ['DAILY_CONTENT_ENABLED', 'maybe', 'DAILY_CONTENT_ENABLED: "maybe" is neither; expected true or false'],
    [
      'WHATSAPP_BASE_URL',
      'graph.example.com',
      'WHATSAPP_BASE_URL: "graph.example.com" does not begin with https:// or http://',
    ],
    [
      'PUNCTUAL_CLOCK',
      '2026-11-23T00:29:00,2026-11-22T10:00:00Z,60',
      'has a VIRTUAL_START that is not an ISO instant with its offset',
    ],
    [
      'PUNCTUAL_CLOCK',
      '2026-11-23T00:29:00Z,2026-11-22T10:00:00Z,0',
      'has a SPEED that is not above 0 and up to 100000',
    ],
    ['SANDBOX_PORT', '4000', 'SANDBOX_PORT: 4000 is PORT too; expected another port'],
    ['SANDBOX_SMTP_PORT', '4010', 'SANDBOX_SMTP_PORT: 4010 is SANDBOX_PORT too; expected another port'],
    [
      'SMTP_FROM',
      'Punctual',
      'SMTP_FROM: "Punctual" is not an e-mail address; expected an e-mail address, or a name with one in brackets, as Punctual <punctual@example.org>',
    ],
    [
      'ALERT_EMAIL',
      'ann@example.org, bob',
      'ALERT_EMAIL: "ann@example.org, bob" is not an e-mail address; expected an e-mail address, as ann@example.org; several are separated by commas',
    ],
  ])(
    'CORE-51 %s=%s is refused in one line that names it, the problem and what is expected',
    (name, value, line) => {
      const message = refusal({ [name]: value });
      expect(message).toContain(line);
      expect(message.startsWith(`${name}: `)).toBe(true);
      expect(message).not.toContain('\n');
    },
  );

  it.each([
    ['MONGODB_URI', 'mysql://user:hunter2@db/x'],
    ['REDIS_URL', 'http://:hunter2@cache'],
    ['WEBHOOK_SECRET', 'hunter2'],
  ])('CORE-51 SEC-7 a bad %s is refused without showing it', (name, value) => {
    const message = refusal({ [name]: value });
    expect(message).toMatch(new RegExp(`^${name}: the value \\(not shown\\) .*; expected `));
    expect(message).not.toContain('hunter2');
  });

  it('CORE-51 an empty variable counts as absent', () => {
    expect(loadConfig({ PORT: '', MONGODB_URI: ' ' })).toMatchObject({ port: 4000, mongodb: { uri: null } });
  });

  it('CORE-51 the same names work in a config file, and the environment wins over it', async () => {
    const path = await file(
      JSON.stringify({ PORT: 5000, SANDBOX_PORT: '5010', DAILY_CONTENT_ENABLED: false }),
    );
    const config = loadConfig({ PUNCTUAL_CONFIG: path, PORT: '6000' });
    expect(config).toMatchObject({ port: 6000, sandbox: { port: 5010 }, dailyContent: { enabled: false } });
  });

  it.each([
    ['{"PROT":1}', /^PROT: .* has this unknown name; did you mean PORT\?$/],
    ['{"PORT":"x"}', /^PORT \(in .*punctual\.config\.json\): "x" is not a whole number; expected a port/],
    ['{"PORT":[1]}', /^PORT: .* holds neither text, nor a number, nor true or false; expected a port/],
    ['{"MONGODB_URI":"hunter2', /^PUNCTUAL_CONFIG: .* is not JSON; expected/],
    ['[]', /^PUNCTUAL_CONFIG: .* is not an object; expected/],
  ])('CORE-51 a config file with %s is refused in one line', async (content, line) => {
    const message = refusal({ PUNCTUAL_CONFIG: await file(content) });
    expect(message).toMatch(line);
    expect(message).not.toContain('hunter2');
  });

  it('CORE-51 a config file that is not there is refused', () => {
    expect(refusal({ PUNCTUAL_CONFIG: '/nowhere/x.json' })).toContain(
      'PUNCTUAL_CONFIG: there is no file /nowhere/x.json',
    );
  });

  it('CORE-51 a misspelt name is warned of with the nearest known one; other programs’ names are left alone', () => {
    expect(warnings({ PUNCTUAL_DATADIR: 'x', WHATSAPP_ACESS_TOKEN: 'x', PATH: '/bin', PORTS: '1' })).toEqual([
      'PUNCTUAL_DATADIR is not a variable of Punctual; did you mean PUNCTUAL_DATA_DIR?',
      'WHATSAPP_ACESS_TOKEN is not a variable of Punctual; did you mean WHATSAPP_ACCESS_TOKEN?',
    ]);
  });

  it('CORE-51 a real provider takes its secrets, and says which is missing', () => {
    const { WHATSAPP_APP_SECRET: _, ...incomplete } = REAL_WHATSAPP;
    expect(refusal(incomplete)).toBe(
      'WHATSAPP_APP_SECRET: is missing; expected a value, because WHATSAPP_BASE_URL is set',
    );
    expect(loadConfig(REAL_WHATSAPP).whatsapp).toMatchObject({
      baseUrl: 'https://graph.example.com',
      accessToken: 'token',
    });
    expect(warnings({ WHATSAPP_ACCESS_TOKEN: 'x' })).toHaveLength(1);
  });

  it('CORE-51 a virtual clock is read, and refused unless every provider is the sandbox', () => {
    expect(loadConfig({ PUNCTUAL_CLOCK: CLOCK }).clock).toEqual({
      virtualStart: Date.UTC(2026, 10, 23, 0, 29),
      realStart: Date.UTC(2026, 10, 22, 4, 30),
      speed: 60,
    });
    expect(
      loadConfig({ PUNCTUAL_CLOCK: CLOCK, WHATSAPP_BASE_URL: 'http://127.0.0.1:4010' }).clock,
    ).not.toBeNull();
    expect(refusal({ ...REAL_WHATSAPP, PUNCTUAL_CLOCK: CLOCK })).toMatch(/^PUNCTUAL_CLOCK: /);
  });

  it('CORE-51 CORE-42 a real mail server takes a sender, and shows no secrets', () => {
    const SMTP_URL = 'smtp://jo:hush%21@mail.example.org:587';
    expect(refusal({ SMTP_URL })).toBe('SMTP_FROM: is missing; expected a value, because SMTP_URL is set');
    const real = { SMTP_URL, SMTP_FROM: 'Punctual <punctual@Example.org>', EMAIL_PER_RECIPIENT: '1m' };
    expect(loadConfig(real).email).toMatchObject({
      smtpUrl: SMTP_URL,
      from: { name: 'Punctual', address: 'punctual@example.org' },
      perRecipientMs: 60_000,
    });
    expect(refusal({ ...real, PUNCTUAL_CLOCK: CLOCK })).toMatch(/^PUNCTUAL_CLOCK: .* SMTP_URL is not/);
    const sandbox = { SMTP_URL: 'smtp://127.0.0.1:4025', PUNCTUAL_CLOCK: CLOCK };
    expect(loadConfig(sandbox).clock).not.toBeNull();
    for (const bad of ['http://jo:hush@mail', 'smtp://', 'smtp://jo:hu%sh@mail.example.org']) {
      expect(refusal({ ...real, SMTP_URL: bad })).toMatch(/^SMTP_URL: (?!.*hu).* expected a URL/);
    }
  });

  it('CORE-42 alerts go to lists of addresses and of webhooks, which need a key to sign with', () => {
    const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32).toString('base64')}`;
    const ALERT_WEBHOOK = 'https://a.example/hush,https://b.example/hook';
    const env = {
      ALERT_EMAIL: 'ann@Example.org, bob@example.org,ann@example.org',
      ALERT_WEBHOOK,
      WEBHOOK_SECRET,
    };
    expect(loadConfig(env).alerts).toEqual({
      emails: ['ann@example.org', 'bob@example.org'],
      webhooks: ['https://a.example/hush', 'https://b.example/hook'],
      clearAfterMs: 10_000,
    });
    expect(refusal({ ALERT_WEBHOOK })).toBe(
      'WEBHOOK_SECRET: is missing; expected a value, because ALERT_WEBHOOK is set',
    );
    expect(refusal({ ...env, ALERT_WEBHOOK: 'https://a.example/hush,ftp://hush' })).not.toContain('hush');
    expect(warnings(env)).toEqual([
      'ALERT_EMAIL is set but SMTP_URL is not: mails about alerts go to the sandbox',
    ]);
  });

  it('SEC-5 webhooks are signed with one secret, or with two while receivers go from one to the next', () => {
    const [old, fresh, third] = ['a', 'b', 'c'].map(
      (letter) => `whsec_${Buffer.from(letter.repeat(32)).toString('base64')}`,
    );
    expect(loadConfig({ WEBHOOK_SECRET: fresh }).webhook.secrets).toEqual([fresh]);
    expect(loadConfig({ WEBHOOK_SECRET: `${fresh}  ${old}` }).webhook.secrets).toEqual([fresh, old]);
    expect(refusal({ WEBHOOK_SECRET: `${fresh} ${old} ${third}` })).toMatch(
      /^WEBHOOK_SECRET: the value \(not shown\) holds 3 secrets; expected/,
    );
  });

  it('CORE-51 SEC-5 webhooks to private addresses are refused in production', () => {
    expect(loadConfig({ NODE_ENV: 'production' }).webhook.allowPrivate).toBe(false);
    expect(refusal({ NODE_ENV: 'production', WEBHOOK_ALLOW_PRIVATE: 'true' })).toMatch(
      /^WEBHOOK_ALLOW_PRIVATE: /,
    );
  });

  it('CORE-51 Redis is named by a URL, by its parts, or is none', () => {
    const redis = (env: NodeJS.ProcessEnv) => loadConfig(env).redis.url;
    expect(redis({ REDIS_URL: 'None' })).toBe('none');
    expect(redis({ REDIS_HOST: 'cache', REDIS_PASSWORD: 'p@ss', REDIS_DB: '2' })).toBe(
      'redis://:p%40ss@cache:6379/2',
    );
    expect(redis({ REDIS_HOST: '::1', REDIS_PORT: '6380' })).toBe('redis://[::1]:6380/0');
    expect(redis({ REDIS_URL: 'rediss://cache', REDIS_HOST: 'other' })).toBe('rediss://cache');
  });

  it('CORE-51 what the command line says wins over the environment', () => {
    expect(loadConfig({ PORT: '5000' }, { overrides: { PORT: '0' } }).port).toBe(0);
  });
});

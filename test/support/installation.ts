import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Db, MongoClient } from 'mongodb';
import { CancelDocument, type Client, createClient, ScheduleBulkDocument, type ScheduleInput } from '#sdk';
import { freePort } from '../../src/adapters/mongod/child/loopback-port.js';
import type { Behaviour } from '../../src/adapters/sandbox/behaviour.js';
import type { DeliveryDoc } from '../../src/core/index.js';
import { type Evidence, gatherEvidence, type Promised, violationsOf } from './invariants.js';
import { PunctualProcess, WorkerUnderTest } from './punctual-process.js';
import { testDatabase, testRedis } from './servers.js';

/** Short, so that a lost worker is given up within a test; the proportions are those of the defaults. */
const TIMES = {
  WORKER_LEASE: '3s',
  WORKER_HEARTBEAT: '600ms',
  WORKER_SWEEP: '1s',
  WORKER_DRAIN: '5s',
};

/**
 * The workers keep to less than the 80 a second that the provider allows: processes of a busy test machine stand still
 * for a tenth of a second now and then, and what arrives after that arrives closer together. The exact limit is a
 * benchmark; a limit that is lost in a fault shows as its multiple.
 */
const LIMITS = { WHATSAPP_PER_SECOND: '65' };
const PROVIDER_PER_SECOND = 80;

/** The least time from scheduling to the first due instant, in ms: a wave waits, as in life, before it is due. */
const LEAD_MS = 2_500;

export interface InstallationOptions {
  /** Omitted: the run's own, with a database of this installation's own. */
  readonly mongodbUri?: string;
  /** Omitted: the run's own, with a key prefix of this installation's own. */
  readonly redisUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A wave of messages, each to a recipient of its own. */
export interface WaveOptions {
  readonly count: number;
  /** Due instants a second, evenly spread. */
  readonly perSecond: number;
  readonly item?: Partial<ScheduleInput>;
}

/** A Punctual of several processes: an API, a sandbox, and the workers that a test starts. */
export class Installation {
  readonly #processes: PunctualProcess[] = [];
  /** The API's ids of what was scheduled, by key. */
  readonly #ids = new Map<string, string>();

  private constructor(
    readonly env: Readonly<Record<string, string>>,
    readonly db: Db,
    readonly url: string,
    readonly sandboxUrl: string,
    private readonly mongo: MongoClient,
    private readonly dataDir: string,
  ) {}

  static async start(options: InstallationOptions = {}): Promise<Installation> {
    const dataDir = await mkdtemp(join(tmpdir(), 'punctual-fault-'));
    const { uri, name } = testDatabase();
    const redis = testRedis();
    const [port, sandboxPort, smtpPort] = [await freePort(), await freePort(), await freePort()];
    const env = {
      PORT: String(port),
      SANDBOX_PORT: String(sandboxPort),
      SANDBOX_SMTP_PORT: String(smtpPort),
      MONGODB_URI: options.mongodbUri ?? uri,
      MONGODB_DB: name,
      REDIS_URL: options.redisUrl ?? redis.url,
      REDIS_PREFIX: redis.prefix,
      PUNCTUAL_DATA_DIR: dataDir,
      // The program plans nothing by itself in these tests.
      DAILY_CONTENT_ENABLED: 'false',
      LOG_LEVEL: 'warn',
      ...TIMES,
      ...LIMITS,
      ...options.env,
    };
    const mongo = await MongoClient.connect(env.MONGODB_URI);
    const installation = new Installation(
      env,
      mongo.db(name),
      `http://127.0.0.1:${port}`,
      `http://127.0.0.1:${sandboxPort}`,
      mongo,
      dataDir,
    );
    try {
      const parts = await Promise.allSettled([installation.process('api'), installation.process('sandbox')]);
      for (const part of parts) if (part.status === 'rejected') throw part.reason;
      return installation;
    } catch (error) {
      await installation.stop();
      throw error;
    }
  }

  /** Starts a process more. */
  async process(part: 'api' | 'sandbox'): Promise<PunctualProcess> {
    const started = await PunctualProcess.start(part, this.env);
    this.#processes.push(started);
    return started;
  }

  /** The API and the sandbox. */
  parts(): readonly PunctualProcess[] {
    return this.#processes.filter(({ part }) => part !== 'worker');
  }

  /** Starts a worker more. @param env on top of the installation's */
  async worker(env: Readonly<Record<string, string>> = {}): Promise<WorkerUnderTest> {
    const started = await WorkerUnderTest.start(this.db, { ...this.env, ...env });
    this.#processes.push(started.process);
    return started;
  }

  /** A client with the installation's development key. The caller closes it. */
  async client(): Promise<Client> {
    const apiKey = (await readFile(join(this.dataDir, 'dev-key'), 'utf8')).trim();
    return createClient({ url: this.url, apiKey });
  }

  /** Changes what the provider does from now on. */
  async behave(changes: Partial<Behaviour>): Promise<void> {
    const response = await fetch(`${this.sandboxUrl}/_sandbox/behaviour/whatsapp`, {
      method: 'PUT',
      body: JSON.stringify(changes),
      headers: { 'content-type': 'application/json' },
    });
    if (!response.ok) throw new Error(`the sandbox refused its behaviour: ${await response.text()}`);
  }

  /** Schedules a wave in one call. @returns the keys that were acknowledged */
  async schedule({ count, perSecond, item = {} }: WaveOptions): Promise<string[]> {
    const from = Date.now() + LEAD_MS;
    const items = Array.from({ length: count }, (_, i): ScheduleInput => ({
      at: { instant: new Date(from + Math.floor((i * 1000) / perSecond)).toISOString() },
      channel: 'WHATSAPP',
      content: { text: 'Good morning' },
      retryPolicy: 'PROMPT',
      // The sandbox knows numbers by their last digits.
      to: `+91987${String(i).padStart(5, '0')}11`,
      ...item,
    }));
    const client = await this.client();
    try {
      const { scheduleBulk } = await client.request(ScheduleBulkDocument, { input: { items } });
      if (scheduleBulk.errors.length > 0) throw new Error(JSON.stringify(scheduleBulk.errors.slice(0, 3)));
      const accepted = (scheduleBulk.deliveries ?? []).filter((delivery) => delivery !== null);
      for (const { id, key } of accepted) this.#ids.set(key, id);
      return accepted.map(({ key }) => key);
    } finally {
      await client.close();
    }
  }

  /** Cancels deliveries. @returns how many; the others were under way already, or had ended */
  async cancel(keys: readonly string[]): Promise<number> {
    const client = await this.client();
    try {
      const answers = await Promise.all(
        keys.map((key) => client.request(CancelDocument, { input: { id: this.#ids.get(key) ?? key } })),
      );
      return answers.filter(({ cancel }) => cancel.delivery?.state === 'CANCELLED').length;
    } finally {
      await client.close();
    }
  }

  /** The delivery of a key. */
  async delivery(key: string): Promise<DeliveryDoc> {
    const found = (await this.deliveries()).find(({ _id }) => _id.toHexString() === key);
    if (!found) throw new Error(`no delivery ${key}`);
    return found;
  }

  deliveries(): Promise<DeliveryDoc[]> {
    return this.db.collection<DeliveryDoc>('deliveries').find().toArray();
  }

  /** How many deliveries are in each state. */
  async states(): Promise<Readonly<Record<string, number>>> {
    const groups = await this.db
      .collection('deliveries')
      .aggregate<{ _id: string; count: number }>([{ $group: { _id: '$state', count: { $sum: 1 } } }])
      .toArray();
    return Object.fromEntries(groups.map(({ _id, count }) => [_id, count]));
  }

  /** The events of a type, in order. */
  events(type: string): Promise<{ at: Date; reason: string | null; data: Record<string, unknown> | null }[]> {
    return this.db
      .collection<{ type: string; at: Date; reason: string | null; data: Record<string, unknown> | null }>(
        'events',
      )
      .find({ type })
      .sort({ _id: 1 })
      .toArray();
  }

  /** Resolves when nothing waits or is under way any more. @throws with the states and the logs after `withinMs` */
  async settled(withinMs = 40_000): Promise<void> {
    const giveUpAt = performance.now() + withinMs;
    for (;;) {
      const { SCHEDULED = 0, QUEUED = 0, SENDING = 0, RETRYING = 0, ...ends } = await this.states();
      if (SCHEDULED + QUEUED + SENDING + RETRYING === 0 && Object.keys(ends).length > 0) return;
      if (performance.now() > giveUpAt) {
        const open = JSON.stringify({ SCHEDULED, QUEUED, SENDING, RETRYING, ...ends });
        throw new Error(`not settled after ${withinMs} ms: ${open}\n${this.logs()}`);
      }
      await delay(100);
    }
  }

  /** What the provider and the database say. */
  evidence(): Promise<Evidence> {
    return gatherEvidence(this.db, this.sandboxUrl);
  }

  /** What both sides say against the promises (INV-1 to INV-7, and the provider's limit). */
  async violations(promised: Promised): Promise<string[]> {
    return violationsOf(await this.evidence(), { perSecond: PROVIDER_PER_SECOND, ...promised });
  }

  /** The last that each process has logged. */
  logs(): string {
    return this.#processes.map(({ part, run }) => `${part}: ${run.stderr.slice(-3000)}`).join('\n');
  }

  /** Ends every process and removes what they wrote. */
  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((started) => started.stop()));
    await this.db.dropDatabase();
    await this.mongo.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { CliProcess } from './cli-process.js';
import { until } from './until.js';

/** The commands that serve until they are ended. */
export type Part = 'api' | 'worker' | 'sandbox';

/** How long a process may take to end in order before it is killed, in ms. */
const STOP_GRACE_MS = 15_000;
/** How long a worker may take to be in the middle of a wave that has been scheduled, in ms. */
const BUSY_MS = 20_000;

/** A `punctual api`, `worker` or `sandbox` as an operator would start it, to be stopped, killed and broken. */
export class PunctualProcess {
  #ended = false;

  private constructor(
    readonly part: Part,
    readonly run: CliProcess,
  ) {
    void run.ended.then(() => (this.#ended = true));
  }

  /** Starts it, and resolves when it says that it is ready. @throws with its stderr when it ends before */
  static async start(part: Part, env: Readonly<Record<string, string>>): Promise<PunctualProcess> {
    const started = new PunctualProcess(part, new CliProcess([part], { env }));
    try {
      await started.run.says('Punctual is ready.');
    } catch (error) {
      await started.stop();
      throw error;
    }
    return started;
  }

  /** The exit code, or the signal that ended it. */
  get ended(): Promise<number | string> {
    return this.run.ended;
  }

  /** Log lines at these levels, parsed. */
  log(...levels: string[]): Record<string, unknown>[] {
    return this.run.stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => levels.includes(String(line['level'])));
  }

  signal(signal: NodeJS.Signals): void {
    this.run.signal(signal);
  }

  /** Ends it whatever state it is in: in order where it can, else by force. Nothing of it is left then. */
  async stop(): Promise<number | string> {
    if (this.#ended) return this.ended;
    this.signal('SIGTERM');
    // A stopped process sees the other signals only when it goes on.
    this.signal('SIGCONT');
    const giveUp = new AbortController();
    const kill = delay(STOP_GRACE_MS, undefined, { signal: giveUp.signal }).then(
      () => this.signal('SIGKILL'),
      () => undefined,
    );
    const code = await this.ended;
    giveUp.abort();
    await kill;
    return code;
  }
}

/** A worker process, with the document that is its lease. */
export class WorkerUnderTest {
  /** @param id of its first life @param pid by which its later lives are known */
  private constructor(
    readonly process: PunctualProcess,
    readonly id: string,
    readonly pid: number,
    private readonly db: Db,
  ) {}

  /** One at a time: the new worker is the one that was not there before. */
  static async start(db: Db, env: Readonly<Record<string, string>>): Promise<WorkerUnderTest> {
    const workers = db.collection<{ _id: string; pid: number }>('workers');
    const before = await workers.distinct('_id');
    const process = await PunctualProcess.start('worker', env);
    const found = await workers.findOne({ _id: { $nin: before } });
    if (!found) throw new Error('a worker is ready and has no lease');
    return new WorkerUnderTest(process, found._id, found.pid, db);
  }

  /** Deliveries that it holds in any of its lives, started or not. */
  async held(): Promise<number> {
    const lives = (await this.lives()).map(({ _id }) => _id);
    return this.db.collection('deliveries').countDocuments({ state: 'SENDING', worker: { $in: lives } });
  }

  /** Attempts of all its lives whose outcome is written; those that a sweeper wrote for it do not count. */
  async attempts(): Promise<number> {
    const lives = await this.lives();
    return this.db
      .collection('attempts')
      .countDocuments({ worker: { $in: lives.map(({ _id }) => _id) }, startedAt: { $ne: null } });
  }

  /** Its leases, the oldest first. */
  lives(): Promise<{ _id: string; status: string }[]> {
    return this.db
      .collection<{ _id: string; status: string; pid: number }>('workers')
      .find({ pid: this.pid })
      .sort({ startedAt: 1 })
      .toArray();
  }

  /** Resolves in the middle of its work: it has sent some since it was asked, and holds more. */
  async busy(): Promise<void> {
    const before = await this.attempts();
    const giveUpAt = performance.now() + BUSY_MS;
    await until(async () => {
      const [sent, held] = [(await this.attempts()) - before, await this.held()];
      if (performance.now() > giveUpAt) {
        throw new Error(`${this.id} is not busy: ${sent} sent, ${held} held\n${this.process.run.stderr}`);
      }
      return sent >= 10 && held >= 5;
    });
  }
}

import { mostInSlidingSecond } from '../test/support/sliding-second.js';
import type { Benchmark, BenchmarkContext, Report } from './support/benchmark.js';
import { type Child, startChild } from './support/child.js';
import { createEngine } from './support/engine.js';
import { ENGINE_PROCESS, type EngineInput, type EngineSaid } from './support/engine-input.js';
import { createInstantChannel } from './support/instant-channel.js';
import type { SandboxSaid } from './support/sandbox-process.js';
import { ascending, percent } from './support/statistics.js';
import { unlimited } from './support/unlimited.js';
import { acceptAll, deliveryNumber, OPERATOR, QUEUE } from './support/work.js';

const PER_SECOND = 80;
const WANTED_SHARE = 0.95;
const DATABASE = 'rate';
/** The longest that a process may take to be up, in ms; and what the work may take on top of the count at half the limit. */
const START_MS = 60_000;
const EXTRA_MS = 60_000;

/** A line of the sandbox's ledger, as far as it matters here. */
interface LedgerLine {
  /** Of the arrival, in ms. */
  readonly at: number;
  readonly key: string | null;
  readonly answer: string;
}

/** PERF-4. */
export const rate: Benchmark = {
  name: 'rate',
  about: `at ${PER_SECOND} a second through the WhatsApp adapter, to a sandbox, with send tokens from Redis`,
  options: {
    count: { default: 5_000, about: 'deliveries' },
    workers: { default: 1, about: 'worker processes' },
  },
  async run(context) {
    const count = context.option('count');
    const { uri } = await context.servers.mongod();
    const redisUrl = await context.servers.redis();
    // None of these is profiled but the workers.
    const unprofiled = { ...context, profileFolder: null };
    const sandbox = startChild<SandboxSaid>(
      new URL('./support/sandbox-process.ts', import.meta.url),
      {},
      unprofiled,
    );
    const { url: sandboxUrl } = await sandbox.next(START_MS);

    context.progress(`accepting ${count} deliveries`);
    await prepare(uri, count);
    const whatsApp = { baseUrl: sandboxUrl, redisUrl, perSecond: PER_SECOND };
    const input: EngineInput = { uri, database: DATABASE, count, whatsApp };
    const workers = Array.from({ length: context.option('workers') }, () =>
      startChild<EngineSaid>(ENGINE_PROCESS, input, context),
    );
    for (const worker of workers) await worker.next(START_MS);
    await drainThrough(context, workers, count);
    return report(await ledger(sandboxUrl), count, workers.length);
  },
};

async function prepare(uri: string, count: number): Promise<void> {
  const api = await createEngine({
    uri,
    name: DATABASE,
    channel: createInstantChannel(),
    queues: [QUEUE],
    limiter: unlimited,
  });
  try {
    // Paused, so that all workers are up before the first claim.
    await api.core.queues.pause(OPERATOR, QUEUE.name);
    await acceptAll(
      api.core,
      Array.from({ length: count }, (_, i) => deliveryNumber(i, null)),
    );
  } finally {
    await api.database.close();
  }
}

async function drainThrough(
  context: BenchmarkContext,
  workers: readonly Child<EngineSaid>[],
  count: number,
): Promise<void> {
  context.progress(`sending for about ${Math.ceil(count / PER_SECOND)} s`);
  const [first] = workers;
  first?.go();
  // One is enough: each follows the events of all.
  await first?.next((2_000 * count) / PER_SECOND + EXTRA_MS);
  await Promise.all(workers.map((worker) => worker.end()));
}

async function ledger(sandboxUrl: string): Promise<LedgerLine[]> {
  const answer = await fetch(`${sandboxUrl}/_sandbox/ledger?channel=whatsapp`);
  if (!answer.ok) throw new Error(`the sandbox's ledger cannot be read: ${answer.status}`);
  const lines = (await answer.text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as LedgerLine);
}

function report(lines: readonly LedgerLine[], count: number, workers: number): Report {
  const instants = ascending(lines.map(({ at }) => at));
  const tookMs = (instants.at(-1) ?? Number.NaN) - (instants[0] ?? Number.NaN);
  const perSecond = ((instants.length - 1) * 1_000) / tookMs;
  const share = perSecond / PER_SECOND;
  const most = mostInSlidingSecond(instants);
  const accepted = lines.filter(({ answer }) => answer === 'ACCEPTED');
  const keys = new Set(accepted.map(({ key }) => key)).size;
  const isEachOnce = lines.length === count && keys === count;
  return {
    table: [
      [
        'workers',
        'arrivals',
        'first to last, s',
        'a second',
        'most in a sliding second',
        'share of the limit',
      ],
      [workers, lines.length, round(tookMs / 1_000), round(perSecond), most, percent(share)],
    ],
    notes: ["By the provider's ledger: every request counts at its arrival, whatever the answer."],
    figures: { workers, arrivals: lines.length, accepted: accepted.length, tookMs, perSecond, most, share },
    wanted: [
      {
        what: 'most in a sliding second',
        wanted: `<= ${PER_SECOND}`,
        measured: String(most),
        met: most <= PER_SECOND,
      },
      {
        what: 'share of the limit used',
        wanted: `>= ${percent(WANTED_SHARE)}`,
        measured: percent(share),
        met: share >= WANTED_SHARE,
      },
      {
        what: 'accepted, each once',
        wanted: `${count}`,
        measured: `${keys} in ${lines.length} requests`,
        met: isEachOnce,
      },
    ],
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

import { randomInt } from 'node:crypto';
import type { AttemptDoc, DeliveryDoc } from '../src/core/index.js';
import type { Benchmark, BenchmarkContext, Report, Wanted } from './support/benchmark.js';
import { startChild } from './support/child.js';
import { createEngine } from './support/engine.js';
import { ENGINE_PROCESS, type EngineInput, type EngineSaid } from './support/engine-input.js';
import { createInstantChannel } from './support/instant-channel.js';
import { ascending, quantile } from './support/statistics.js';
import { unlimited } from './support/unlimited.js';
import { acceptAll, deliveryNumber, QUEUE } from './support/work.js';

/** What is due when. */
interface Load {
  readonly name: string;
  /** From the acceptance to the first due instant, in ms: long enough that an alarm stands for each. */
  readonly leadMs: number;
  readonly spreadMs: number;
  readonly wantedP99Ms: number;
}

const LOADS: readonly Load[] = [
  { name: 'at one instant', leadMs: 10_000, spreadMs: 0, wantedP99Ms: 100 },
  { name: 'spread over 60 s', leadMs: 5_000, spreadMs: 60_000, wantedP99Ms: 20 },
];

/** The longest that a worker may take to be up, and to end its work after the last due instant; in ms. */
const START_MS = 60_000;
const LATEST_MS = 120_000;

/** What one run measured; `lateMs` ascending. */
interface Run {
  readonly load: Load;
  readonly round: number;
  readonly lateMs: readonly number[];
  /** Deliveries that no alarm stood for, because they were accepted when they were due already, or nearly. */
  readonly withoutAlarm: number;
}

/** PERF-3. */
export const lateness: Benchmark = {
  name: 'lateness',
  about: 'start minus due instant, for deliveries at one instant and spread over a minute; one worker',
  options: {
    count: { default: 2_000, about: 'deliveries of each load' },
    rounds: { default: 1, about: 'runs of each load, each with a new worker process' },
  },
  async run(context) {
    const runs: Run[] = [];
    for (let round = 1; round <= context.option('rounds'); round++) {
      for (const load of LOADS) runs.push(await measure(context, load, round));
    }
    return report(runs, context.option('count'));
  },
};

async function measure(context: BenchmarkContext, load: Load, round: number): Promise<Run> {
  const { uri, client, settle } = await context.servers.mongod();
  const count = context.option('count');
  const database = `lateness_${round}_${LOADS.indexOf(load)}`;
  context.progress(`round ${round}: ${count} ${load.name}`);
  // As in production: one process accepts and sets the alarms, another one rings them and sends.
  const api = await createEngine({
    uri,
    name: database,
    channel: createInstantChannel(),
    queues: [QUEUE],
    limiter: unlimited,
  });
  try {
    const input: EngineInput = { uri, database, count, whatsApp: null };
    const worker = startChild<EngineSaid>(ENGINE_PROCESS, input, context);
    await worker.next(START_MS);
    await settle();
    // Anywhere within a second, so that no poll is favoured.
    const firstDue = Date.now() + load.leadMs + randomInt(1_000);
    const accepted = await acceptAll(
      api.core,
      Array.from({ length: count }, (_, i) =>
        deliveryNumber(i, new Date(firstDue + Math.round((load.spreadMs * i) / count))),
      ),
    );
    await worker.next(load.leadMs + load.spreadMs + LATEST_MS);
    // It ends in order, so all that it did is written then.
    await worker.end();
    const attempts = await client.db(database).collection<AttemptDoc>('attempts').find().toArray();
    return {
      load,
      round,
      lateMs: latenessOf(accepted, attempts),
      withoutAlarm: accepted.filter(({ state }) => state !== 'SCHEDULED').length,
    };
  } finally {
    await api.database.close();
  }
}

function latenessOf(deliveries: readonly DeliveryDoc[], attempts: readonly AttemptDoc[]): number[] {
  const dueAt = new Map(deliveries.map((d) => [d._id.toHexString(), d.dueAt.getTime()]));
  return ascending(
    attempts.map(
      (a) => (a.startedAt?.getTime() ?? Number.NaN) - (dueAt.get(a.delivery.toHexString()) ?? Number.NaN),
    ),
  );
}

function report(runs: readonly Run[], count: number): Report {
  const figures = runs.map(({ load, round, lateMs, withoutAlarm }) => ({
    load: load.name,
    round,
    count: lateMs.length,
    withoutAlarm,
    minMs: quantile(lateMs, 0),
    p50Ms: quantile(lateMs, 0.5),
    p95Ms: quantile(lateMs, 0.95),
    p99Ms: quantile(lateMs, 0.99),
    maxMs: quantile(lateMs, 1),
  }));
  return {
    table: [
      ['start minus due, ms', 'round', 'sent', 'min', 'P50', 'P95', 'P99', 'max'],
      ...figures.map((f) =>
        [f.load, f.round, f.count, f.minMs, f.p50Ms, f.p95Ms, f.p99Ms, f.maxMs].map((cell) =>
          typeof cell === 'number' ? Math.round(cell * 10) / 10 : cell,
        ),
      ),
    ],
    notes: ['The start is the instant that stands in the attempt, in whole ms, rounded down.'],
    figures: { runs: figures },
    wanted: [
      ...LOADS.map((load) => wantedOf(load, runs)),
      {
        what: 'earliest start',
        wanted: 'not before it is due',
        measured: `${Math.min(...figures.map((f) => f.minMs))} ms`,
        met: figures.every((f) => f.minMs >= 0),
      },
      {
        what: 'sent, each once and by its alarm',
        wanted: 'all',
        measured: runs.map((run) => `${run.lateMs.length - run.withoutAlarm} of ${count}`).join(', '),
        met: runs.every((run) => run.lateMs.length === count && run.withoutAlarm === 0),
      },
    ],
  };
}

/** Every round has to meet it. */
function wantedOf(load: Load, runs: readonly Run[]): Wanted {
  const p99s = runs.filter((run) => run.load === load).map((run) => quantile(run.lateMs, 0.99));
  return {
    what: `P99 of those ${load.name}`,
    wanted: `< ${load.wantedP99Ms} ms`,
    measured: p99s.map((p99) => `${p99.toFixed(1)} ms`).join(', '),
    met: p99s.every((p99) => p99 < load.wantedP99Ms),
  };
}

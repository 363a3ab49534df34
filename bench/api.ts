import type { Db } from 'mongodb';
import {
  API_CLIENTS,
  API_PROCESS,
  type ApiInput,
  type ApiSaid,
  type ClientsInput,
  type ClientsSaid,
  type Step,
} from './support/api-input.js';
import { type Operation, OPERATIONS } from './support/api-operations.js';
import type { Benchmark, BenchmarkContext, Report, Wanted } from './support/benchmark.js';
import { startChild } from './support/child.js';
import { cpuMs } from './support/process-cost.js';
import { fillHistory, type History } from './support/history.js';
import type { MongoServer } from './support/servers.js';
import { ascending, quantile } from './support/statistics.js';

/** Of spec/quality.md: P99 in ms, with the larger number of deliveries stored. */
const SCHEDULE_MS = 50;
const LIST_MS = 100;
/** The same cost within noise: processor time for a request, of the larger store over the smaller one. */
const SAME = 1.3;
/** The longest that a process may take to be up, and a step beyond its time, in ms. */
const START_MS = 60_000;

/** A size of the store, with an API on it. */
interface Store extends ApiSaid {
  readonly history: History;
  readonly db: Db;
  readonly mongodPid: number;
}

/** What was measured of one operation on one store. */
interface Measured {
  readonly operation: Operation;
  readonly count: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** Processor time for a request, in ms. */
  readonly apiMs: number;
  readonly mongoMs: number;
  readonly reads: readonly Read[];
}

/** What the reads of one request cost that went by the same plan, as MongoDB's profiler saw them. */
interface Read {
  readonly plan: string;
  readonly keys: number;
  readonly documents: number;
  readonly returned: number;
}

/** PERF-6. */
export const api: Benchmark = {
  name: 'api',
  about: 'clients that ask without a pause, over HTTP, with few and with many deliveries stored',
  options: {
    few: { default: 10_000, about: 'deliveries in the smaller store' },
    many: {
      default: 1_000_000,
      about: 'deliveries in the larger one (--data FOLDER keeps them for the next run)',
    },
    clients: { default: 50, about: 'clients at the same time' },
    seconds: { default: 5, about: 'how long each operation is asked' },
  },
  async run(context) {
    const mongod = await context.servers.mongod();
    const few = await prepare(context, mongod, context.option('few'));
    const many = await prepare(context, mongod, context.option('many'));
    await mongod.settle();
    const measured = await measure(context, [few, many]);
    return report(measured, context.option('clients'));
  },
};

async function prepare(context: BenchmarkContext, mongod: MongoServer, count: number): Promise<Store> {
  const db = mongod.client.db(`api_${count}`);
  const history = await fillHistory(mongod.uri, db.databaseName, count, context.progress);
  const input: ApiInput = { uri: mongod.uri, database: db.databaseName, keys: context.option('clients') };
  const said = await startChild<ApiSaid>(API_PROCESS, input, context).next(START_MS);
  return { ...said, history, db, mongodPid: mongod.pid };
}

/** Each operation on one store and then on the other, so that a slow moment of the machine is one of both. */
async function measure(context: BenchmarkContext, stores: readonly Store[]): Promise<Measured[]> {
  const seconds = context.option('seconds');
  const steps = OPERATIONS.flatMap((operation) => stores.map((store) => ({ operation, store })));
  const reads: (readonly Read[])[] = [];
  for (const { operation, store } of steps) reads.push(await readsOf(operation, store));
  const input: ClientsInput = {
    seconds,
    steps: steps.map(({ operation, store }) => stepOf(operation, store)),
  };
  const clients = startChild<ClientsSaid>(API_CLIENTS, input, { ...context, profileFolder: null });
  const measured: Measured[] = [];
  for (const [i, { operation, store }] of steps.entries()) {
    const [api, mongo] = [cpuMs(store.pid), cpuMs(store.mongodPid)];
    clients.go();
    const { latencies, asked } = await clients.next(START_MS + 2_000 * seconds);
    const sorted = ascending(latencies);
    const at = (q: number): number => round(quantile(sorted, q));
    measured.push({
      operation,
      count: store.history.count,
      perSecond: Math.round(sorted.length / seconds),
      ...{ p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
      apiMs: round((cpuMs(store.pid) - api) / asked),
      mongoMs: round((cpuMs(store.mongodPid) - mongo) / asked),
      reads: reads[i] ?? [],
    });
    context.progress(`${operation.name}, ${store.history.count} stored: P99 ${at(0.99)} ms`);
  }
  await clients.end();
  return measured;
}

function stepOf({ name, query, variables, kind, role = 'MANAGER' }: Operation, store: Store): Step {
  const { url, keys, history } = store;
  return {
    name,
    url,
    keys: keys[role],
    query,
    variables: variables(history),
    unique: kind === 'SCHEDULE',
  };
}

/** Sends one request, and asks MongoDB's profiler what it read. */
async function readsOf(operation: Operation, store: Store): Promise<Read[]> {
  const { db, url } = store;
  const { query, variables, keys } = stepOf(operation, store);
  await db.command({ profile: 2 });
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${keys[0] ?? ''}` },
    body: JSON.stringify({ query, variables }),
  });
  const text = await answer.text();
  await db.command({ profile: 0 });
  if (!answer.ok || text.includes('"errors":[{')) throw new Error(`${operation.name}: ${text.slice(0, 500)}`);
  const profile = db.collection<{
    ns: string;
    planSummary?: string;
    keysExamined?: number;
    docsExamined?: number;
    nreturned?: number;
  }>('system.profile');
  const seen = await profile
    .find({ op: { $in: ['query', 'getmore', 'command'] }, ns: /\.(deliveries|tallies|attempts|runs)$/ })
    .toArray();
  await profile.drop();
  const alike = Map.groupBy(
    seen.filter(({ planSummary }) => planSummary !== undefined),
    ({ ns, planSummary }) => `${ns.slice(ns.indexOf('.') + 1)} by ${planSummary ?? ''}`,
  );
  return [...alike].map(([plan, ops]) => {
    const sum = (of: 'keysExamined' | 'docsExamined' | 'nreturned'): number =>
      ops.reduce((all, op) => all + (op[of] ?? 0), 0);
    return { plan, keys: sum('keysExamined'), documents: sum('docsExamined'), returned: sum('nreturned') };
  });
}

function report(measured: readonly Measured[], clients: number): Report {
  const pairs = OPERATIONS.flatMap((operation): [Measured, Measured][] => {
    const [few, many] = measured.filter((one) => one.operation === operation);
    return few && many ? [[few, many]] : [];
  });
  const head = ['', 'stored', 'a second', 'P50 ms', 'P95 ms', 'P99 ms', 'max ms', 'CPU ms: API', 'MongoDB'];
  const cells = (one: Measured): number[] => {
    const { count, perSecond, p50, p95, p99, max, apiMs, mongoMs } = one;
    return [count, perSecond, p50, p95, p99, max, apiMs, mongoMs];
  };
  return {
    table: [
      head,
      ...pairs.flatMap(([few, many]) => [
        [few.operation.name, ...cells(few)],
        ['', ...cells(many)],
      ]),
    ],
    notes: [
      `${clients} clients, each with a key and a connection of its own, that ask again as soon as they are answered.`,
      'CPU: processor time for a request, of the API process and of MongoDB.',
      '',
      'What one request reads:',
      ...measured.flatMap(({ operation, count, reads }) =>
        reads.map(({ plan, keys, documents, returned }) =>
          `${operation.name}, ${count} stored: ${plan}: ${keys} keys, ${documents} documents, for ${returned}`.trimEnd(),
        ),
      ),
    ],
    figures: {
      measured: measured.map(({ operation, ...rest }) => ({ operation: operation.name, ...rest })),
    },
    wanted: pairs.map(([few, many]) => wantedOf(few, many)),
  };
}

function wantedOf(few: Measured, many: Measured): Wanted {
  const { name, kind } = many.operation;
  if (kind !== 'FIGURES') {
    const limit = kind === 'SCHEDULE' ? SCHEDULE_MS : LIST_MS;
    return {
      what: `${name}: P99`,
      wanted: `< ${limit} ms`,
      measured: `${many.p99} ms`,
      met: many.p99 < limit,
    };
  }
  const cpu = ({ apiMs, mongoMs }: Measured): number => apiMs + mongoMs;
  const ratio = cpu(many) / cpu(few);
  const [before, after] = [few, many].map(({ reads }) =>
    reads.reduce((sum, read) => sum + read.documents, 0),
  );
  return {
    what: `${name}: processor time, many : few`,
    wanted: `<= ${SAME}`,
    measured: `${round(ratio)} (documents read: ${before ?? 0} and ${after ?? 0})`,
    met: ratio <= SAME,
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

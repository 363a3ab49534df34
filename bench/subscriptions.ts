import { API_PROCESS, type ApiInput, type ApiSaid } from './support/api-input.js';
import type { Benchmark, BenchmarkContext, Report } from './support/benchmark.js';
import { type Child, startChild } from './support/child.js';
import { QUEUE } from './support/history.js';
import { cpuMs, rssMb } from './support/process-cost.js';
import { ascending, percent, quantile } from './support/statistics.js';
import {
  EVENT_SOURCE,
  type SourceInput,
  type SourceSaid,
  SUBSCRIBERS,
  type SubscribersInput,
  type SubscribersSaid,
} from './support/subscription-input.js';

const DATABASE = 'subscriptions';
const KEYS = 50;
/** The longest that a process may take to be up, or a thousand sockets to be opened, in ms. */
const START_MS = 120_000;
/** What may come late or early at the ends of the time that counts. */
const WANTED_SHARE = 0.99;
/** What the API's memory may grow by under the load, in MB. */
const WANTED_GROWTH_MB = 512;

const QUERY = `subscription { deliveryUpdated(input: { queue: "${QUEUE}" }) {
  id cursor occurredAt snapshot deliveries { id state dueAt }
} }`;

/** What was seen of the API's process. */
interface Memory {
  readonly before: number;
  readonly most: number;
  readonly after: number;
}

/** PERF-7. */
export const subscriptions: Benchmark = {
  name: 'subscriptions',
  about: 'sockets that are told of every event, one of which never reads',
  options: {
    sockets: { default: 1_000, about: 'sockets, each with one subscription' },
    rate: { default: 100, about: 'events a second, of which every socket is told' },
    seconds: { default: 20, about: 'how long is measured' },
  },
  async run(context) {
    const { uri } = await context.servers.mongod();
    const apiInput: ApiInput = { uri, database: DATABASE, keys: KEYS };
    const api = await startChild<ApiSaid>(API_PROCESS, apiInput, context).next(START_MS);
    // None of these is profiled but the API.
    const unprofiled = { ...context, profileFolder: null };
    const [sockets, rate, seconds] = ['sockets', 'rate', 'seconds'].map((name) => context.option(name));
    const sourceInput: SourceInput = { uri, database: DATABASE, perSecond: rate ?? 0 };
    const source = startChild<SourceSaid>(EVENT_SOURCE, sourceInput, unprofiled);
    context.progress(`opening ${sockets} sockets`);
    const { url, keys } = api;
    const input: SubscribersInput = {
      url,
      keys: keys.MANAGER,
      sockets: sockets ?? 0,
      query: QUERY,
      seconds: seconds ?? 0,
    };
    const subscribers = startChild<SubscribersSaid>(SUBSCRIBERS, input, unprofiled);
    const open = await subscribers.next(START_MS);
    if (open.kind !== 'open') throw new Error('subscribers that are not there');
    return measure(context, { api, source, subscribers, subscribersPid: open.pid });
  },
};

async function measure(
  context: BenchmarkContext,
  {
    api,
    source,
    subscribers,
    subscribersPid,
  }: {
    api: ApiSaid;
    source: Child<SourceSaid>;
    subscribers: Child<SubscribersSaid>;
    subscribersPid: number;
  },
): Promise<Report> {
  const before = rssMb(api.pid);
  let most = before;
  const looking = setInterval(() => (most = Math.max(most, rssMb(api.pid))), 200);
  const cpu = [api.pid, subscribersPid].map(cpuMs);
  const beganAt = performance.now();
  source.go();
  subscribers.go();
  const measured = await subscribers.next(START_MS + 1_000 * context.option('seconds'));
  const tookMs = performance.now() - beganAt;
  const shares = [api.pid, subscribersPid].map((pid, i) => (cpuMs(pid) - (cpu[i] ?? 0)) / tookMs);
  context.progress('the one that did not read reads again');
  const slow = await subscribers.next(START_MS);
  clearInterval(looking);
  await source.end();
  if (measured.kind !== 'measured' || slow.kind !== 'slow') throw new Error('not what was asked for');
  return report(context, measured, slow, { before, most, after: rssMb(api.pid) }, shares);
}

function report(
  context: BenchmarkContext,
  measured: Extract<SubscribersSaid, { kind: 'measured' }>,
  slow: Extract<SubscribersSaid, { kind: 'slow' }>,
  memory: Memory,
  [apiShare = Number.NaN, clientShare = Number.NaN]: readonly number[],
): Report {
  const [sockets, rate, seconds] = [
    context.option('sockets'),
    context.option('rate'),
    context.option('seconds'),
  ];
  const wanted = (sockets - 1) * rate;
  const perSecond = Math.round(measured.received / seconds);
  const sorted = ascending(measured.latencies);
  const at = (q: number): number => Math.round(quantile(sorted, q) * 10) / 10;
  const share = perSecond / wanted;
  const growth = memory.most - memory.before;
  const isTold = /RATE_LIMITED|4429/.test(slow.told);
  return {
    table: [
      ['sockets', 'events a second', 'messages a second', 'P50 ms', 'P95 ms', 'P99 ms', 'max ms'],
      [sockets, rate, perSecond, at(0.5), at(0.95), at(0.99), at(1)],
    ],
    notes: [
      'From the instant that the event bears, before it is committed, to its arrival at the socket.',
      `Memory of the API: ${memory.before} MB before, ${memory.most} MB at most, ${memory.after} MB after.`,
      `Of a core: the API ${percent(apiShare)}, the sockets' other ends ${percent(clientShare)}.`,
      `The socket that did not read got ${slow.received} events, and then: ${slow.told}.`,
    ],
    figures: { ...measured, latencies: sorted.length, p50: at(0.5), p99: at(0.99), memory, slow, apiShare },
    wanted: [
      {
        what: 'messages a second',
        wanted: `>= ${percent(WANTED_SHARE)} of ${wanted}`,
        measured: `${perSecond} (${percent(share)})`,
        met: share >= WANTED_SHARE,
      },
      {
        what: 'sockets that read and were closed',
        wanted: '0',
        measured: String(measured.closed),
        met: measured.closed === 0,
      },
      {
        what: "the API's memory grows by",
        wanted: `<= ${WANTED_GROWTH_MB} MB`,
        measured: `${growth} MB`,
        met: growth <= WANTED_GROWTH_MB,
      },
      {
        what: 'the one that did not read is told and cut off',
        wanted: 'RATE_LIMITED',
        measured: slow.told,
        met: isTold,
      },
    ],
  };
}

import { openDatabase } from '../src/adapters/mongo/database.js';
import { CORE_ENTITIES } from '../src/core/index.js';
import type { BareInput, BareSaid } from './support/bare-process.js';
import type { Benchmark, BenchmarkContext, Report } from './support/benchmark.js';
import { type Child, startChild } from './support/child.js';
import { differences } from './support/differences.js';
import { createEngine } from './support/engine.js';
import { ENGINE_PROCESS, type EngineInput, type EngineSaid } from './support/engine-input.js';
import { createInstantChannel } from './support/instant-channel.js';
import type { MongoServer } from './support/servers.js';
import { median, percent } from './support/statistics.js';
import { unlimited } from './support/unlimited.js';
import { acceptAll, deliveryNumber, OPERATOR, QUEUE } from './support/work.js';

/** Of the faster one of the bare programs' rates. */
const WANTED_SHARE = 0.6;

/** The longest that a run may take, in ms. */
const DRAIN_MS = 300_000;

const BARE_PROCESS = new URL('./support/bare-process.ts', import.meta.url);

/** Where the deliveries are accepted, once; each run gets a copy. */
const PREPARED = 'prepared';
const COPIED = ['deliveries', 'events', 'tallies', 'queues'] as const;

/** A program that takes all deliveries of a database from QUEUED to SENT. */
interface Contender {
  readonly name: string;
  /** @returns ms from the first claim to the last committed outcome */
  readonly drain: (database: string) => Promise<number>;
}

/** PERF-1. */
export const drain: Benchmark = {
  name: 'drain',
  about: 'due deliveries through a channel that answers at once, one worker; against bare driver calls',
  options: {
    count: { default: 20_000, about: 'deliveries in each run' },
    rounds: { default: 3, about: 'runs of each program, in turns' },
  },
  async run(context) {
    const count = context.option('count');
    const mongod = await context.servers.mongod();
    context.progress(`accepting ${count} deliveries`);
    await prepare(mongod, count);
    const contenders = contendersOf(context, mongod, count);
    const rates = contenders.map((): number[] => []);
    const unlike: string[] = [];
    for (let round = 1; round <= context.option('rounds'); round++) {
      const names = contenders.map((_, i) => `drain_${round}_${i}`);
      // Each goes first in its turn, so that what is warm or slow at the moment favours none.
      for (const i of rotated(contenders.length, round - 1)) {
        const { name, drain } = contenders[i]!;
        const rate = (count * 1_000) / (await drainCopy(mongod, names[i]!, drain));
        rates[i]!.push(rate);
        context.progress(`round ${round}: ${name}: ${Math.round(rate)} a second`);
      }
      unlike.push(...(await compare(mongod, names, count)));
      for (const name of names) await mongod.client.db(name).dropDatabase();
    }
    return report(contenders, rates, unlike);
  },
};

/** 0 to length - 1, beginning at `first`. */
function rotated(length: number, first: number): number[] {
  return Array.from({ length }, (_, i) => (i + first) % length);
}

async function prepare(mongod: MongoServer, count: number): Promise<void> {
  const engine = await createEngine({
    uri: mongod.uri,
    name: PREPARED,
    channel: createInstantChannel(),
    queues: [QUEUE],
    limiter: unlimited,
  });
  try {
    // Paused, so that the worker can be up before the first claim.
    await engine.core.queues.pause(OPERATOR, QUEUE.name);
    await acceptAll(
      engine.core,
      Array.from({ length: count }, (_, i) => deliveryNumber(i, null)),
    );
  } finally {
    await engine.database.close();
  }
}

function contendersOf(context: BenchmarkContext, { uri }: MongoServer, count: number): Contender[] {
  const bare = (transactional: boolean): Contender['drain'] => {
    return (database) => {
      const input: BareInput = { uri, database, transactional };
      // Not profiled: a profile is for the engine.
      return timed(startChild<BareSaid>(BARE_PROCESS, input, { ...context, profileFolder: null }));
    };
  };
  return [
    {
      name: 'Punctual',
      drain: (database) => {
        const input: EngineInput = { uri, database, count, whatsApp: null };
        return timed(startChild<EngineSaid>(ENGINE_PROCESS, input, context));
      },
    },
    { name: 'bare driver, in transactions', drain: bare(true) },
    { name: 'bare driver, single statements', drain: bare(false) },
  ];
}

async function drainCopy(
  { uri, client, settle }: MongoServer,
  to: string,
  drain: Contender['drain'],
): Promise<number> {
  const database = await openDatabase(uri, to, CORE_ENTITIES);
  await database.close();
  for (const coll of COPIED) {
    await client
      .db(PREPARED)
      .collection(coll)
      .aggregate([{ $merge: { into: { db: to, coll } } }])
      .toArray();
  }
  await settle();
  return drain(to);
}

/** From "go" on; the process is up, connected and idle by then. */
async function timed(child: Child<EngineSaid | BareSaid>): Promise<number> {
  for (;;) {
    const said = await child.next(DRAIN_MS);
    if (said.kind === 'ready') child.go();
    else {
      await child.end();
      return said.ms;
    }
  }
}

async function compare({ client }: MongoServer, names: readonly string[], count: number): Promise<string[]> {
  const [own = '', ...bare] = names;
  const sent = await client.db(own).collection('deliveries').countDocuments({ state: 'SENT' });
  const unlike = sent === count ? [] : [`${sent} of ${count} deliveries are SENT`];
  for (const other of bare) unlike.push(...(await differences(client.db(own), client.db(other))));
  return unlike;
}

function report(
  contenders: readonly Contender[],
  rates: readonly number[][],
  unlike: readonly string[],
): Report {
  const own = rates[0] ?? [];
  // By round, for what slows the machine down for a while slows down all of a round.
  const shares = rates.map((of) => median(of.map((rate, round) => (own[round] ?? 0) / rate)));
  const share = Math.min(...shares.slice(1));
  return {
    table: [
      ['deliveries a second', 'median', ...own.map((_, i) => `round ${i + 1}`), 'Punctual reaches'],
      ...contenders.map(({ name }, i) => [
        name,
        Math.round(median(rates[i] ?? [])),
        ...(rates[i] ?? []).map(Math.round),
        i === 0 ? '' : percent(shares[i] ?? 0),
      ]),
    ],
    notes: [
      'From the first claim to the last committed outcome; the start of each process is left out.',
      ...unlike.map((difference) => `NOT ALIKE: ${difference}`),
    ],
    figures: {
      perSecond: Object.fromEntries(contenders.map(({ name }, i) => [name, rates[i]])),
      shares: Object.fromEntries(contenders.slice(1).map(({ name }, i) => [name, shares[i + 1]])),
      differences: unlike,
    },
    wanted: [
      {
        what: "of the faster bare program's rate",
        wanted: `>= ${percent(WANTED_SHARE)}`,
        measured: percent(share),
        met: share >= WANTED_SHARE,
      },
      {
        what: 'the same documents, field by field',
        wanted: 'yes',
        measured: unlike.length === 0 ? 'yes' : 'no',
        met: unlike.length === 0,
      },
    ],
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../src/app.js';
import { loadConfig } from '../src/config.js';
import { createLog } from '../src/log.js';
import { ATTACKS } from '../test/support/attacks.js';
import { overHttp, overSocket, overSse, type Transport } from '../test/support/transports.js';
import type { Benchmark, BenchmarkContext, Report } from './support/benchmark.js';
import { ascending, quantile } from './support/statistics.js';

/** How long a refusal may take, from the first byte sent to the refusal read, in ms. */
const LIMIT_MS = 100;
/** Rounds that are not measured: the first of each kind is compiled. */
const WARM_UP = 3;

/** What one kind of attack took over one transport, in ms, ascending. */
interface Measured {
  readonly attack: string;
  readonly transport: string;
  readonly ms: readonly number[];
  /** Sent but not refused, or not as it should be. */
  readonly wrong: number;
}

/** Each attack of the tests, against production settings, over each transport; the server is this very process. */
export const refusals: Benchmark = {
  name: 'refusals',
  about: 'how long it takes to refuse what is too large, too deep or forbidden; HTTP, WebSocket and SSE',
  options: { rounds: { default: 20, about: 'of each attack over each transport' } },
  async run(context) {
    const { url, key } = await startProduction(context);
    const measured: Measured[] = [];
    for (const open of [overHttp, overSocket, overSse]) {
      const transport = open(url, key);
      context.progress(`${ATTACKS.length} attacks over ${transport.name}`);
      for (const attack of ATTACKS) measured.push(await measure(transport, attack, context.option('rounds')));
      transport.close();
    }
    return report(measured);
  },
};

async function startProduction(context: BenchmarkContext): Promise<{ url: string; key: string }> {
  const { uri } = await context.servers.mongod();
  const dataDir = await mkdtemp(join(tmpdir(), 'punctual-refusals-'));
  context.defer(() => rm(dataDir, { recursive: true, force: true }));
  const config = loadConfig({
    NODE_ENV: 'production',
    PORT: '0',
    MONGODB_URI: uri,
    MONGODB_DB: 'refusals',
    REDIS_URL: 'none',
    PUNCTUAL_DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
  });
  const app = await createApp(config, { api: true, worker: false, sandbox: false }, createLog(config));
  context.defer(() => app.stop());
  await app.start();
  if (!app.core || app.urls.api === undefined) throw new Error('the API did not start');
  const { key } = await app.core.access.createKey({ name: 'attacker', owner: 'mallory', role: 'ADMIN' });
  return { url: app.urls.api, key };
}

async function measure(
  transport: Transport,
  { name, payload, code, overSocket: closed }: (typeof ATTACKS)[number],
  rounds: number,
): Promise<Measured> {
  const expected = transport.name === 'WebSocket' ? (closed ?? code) : code;
  const ms: number[] = [];
  let wrong = 0;
  for (let i = 0; i < WARM_UP + rounds; i += 1) {
    // A socket that was closed is opened anew here, and not within what is measured.
    await transport.send('{"query":"{ __typename }"}');
    const begun = performance.now();
    const refusal = await transport.send(payload);
    if (i >= WARM_UP) ms.push(performance.now() - begun);
    if (refusal !== expected) wrong += 1;
  }
  return { attack: name, transport: transport.name, ms: ascending(ms), wrong };
}

function report(measured: readonly Measured[]): Report {
  const slowest = Math.max(...measured.map(({ ms }) => ms.at(-1) ?? Number.NaN));
  const wrong = measured.reduce((sum, one) => sum + one.wrong, 0);
  const transports = [...new Set(measured.map(({ transport }) => transport))];
  const rows = ATTACKS.map(({ name }) => [
    name,
    ...transports.flatMap((transport) => {
      const { ms = [] } =
        measured.find((one) => one.attack === name && one.transport === transport) ??
        ({} as Partial<Measured>);
      return [quantile(ms, 0.5), ms.at(-1) ?? Number.NaN].map((value) => value.toFixed(1));
    }),
  ]);
  return {
    table: [['attack', ...transports.flatMap((transport) => [`${transport} p50`, 'max'])], ...rows],
    notes: ['In ms, from the first byte sent to the refusal read; client and server share one process.'],
    figures: { measured },
    wanted: [
      {
        what: 'the slowest refusal',
        wanted: `<= ${LIMIT_MS} ms`,
        measured: `${slowest.toFixed(1)} ms`,
        met: slowest <= LIMIT_MS,
      },
      { what: 'refused with the right code', wanted: 'all', measured: `all but ${wrong}`, met: wrong === 0 },
    ],
  };
}

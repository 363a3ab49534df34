import { parseArgs } from 'node:util';
import { EXIT, type ExitCode, reportFailure } from '../src/cli/exit.js';
import { firstSignal } from '../src/signals.js';
import { api } from './api.js';
import { businessHours } from './business-hours.js';
import { drain } from './drain.js';
import { lateness } from './lateness.js';
import { rate } from './rate.js';
import { refusals } from './refusals.js';
import { subscriptions } from './subscriptions.js';
import type { Benchmark, Report } from './support/benchmark.js';
import { Endings } from './support/endings.js';
import { machine } from './support/machine.js';
import { benchServers } from './support/servers.js';
import { aligned } from './support/table.js';

/** In the order of spec/quality.md, then what it does not name. */
const BENCHMARKS: readonly Benchmark[] = [drain, lateness, rate, api, subscriptions, refusals, businessHours];

const USE = 'Use: npm run bench -- NAME [--json] [--profile FOLDER] [--data FOLDER] [--OPTION NUMBER]';
/** After a signal, as shells have it. */
const INTERRUPTED = 130;

process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    process.stdout.write(`${USE}\n\n${list()}\n`);
    return EXIT.done;
  }
  const benchmark = BENCHMARKS.find((b) => b.name === name);
  if (!benchmark) return wrongUse(`there is no benchmark ${JSON.stringify(name)}`);
  let options: Options;
  try {
    options = optionsOf(benchmark, rest);
  } catch (error) {
    return wrongUse(error instanceof Error ? error.message : String(error));
  }
  return measure(benchmark, options);
}

function wrongUse(problem: string): ExitCode {
  process.stderr.write(`bench: ${problem}\n${USE}\n\n${list()}\n`);
  return EXIT.wrongUse;
}

function list(): string {
  return aligned(
    BENCHMARKS.flatMap(({ name, about, options }) => [
      [name, about],
      ...Object.entries(options).map(([option, o]) => ['', `--${option} ${o.default}: ${o.about}`]),
    ]),
  );
}

/** What the command line sets. */
interface Options {
  readonly json: boolean;
  readonly profileFolder: string | null;
  readonly dataFolder: string | null;
  readonly numbers: ReadonlyMap<string, number>;
}

/** @throws for what the benchmark does not know, and for what is not a whole number above 0 */
function optionsOf(benchmark: Benchmark, args: readonly string[]): Options {
  const names = Object.keys(benchmark.options);
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean' },
      profile: { type: 'string' },
      data: { type: 'string' },
      ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
    },
  });
  const given: Readonly<Record<string, string | boolean | undefined>> = values;
  const numbers = Object.entries(benchmark.options).map(([name, option]) => {
    const value = given[name] ?? option.default;
    const number = Number(value);
    if (!Number.isSafeInteger(number) || number < 1)
      throw new Error(`--${name} ${String(value)} is not a whole number above 0`);
    return [name, number] as const;
  });
  return {
    json: values.json ?? false,
    profileFolder: values.profile ?? null,
    dataFolder: values.data ?? null,
    numbers: new Map(numbers),
  };
}

async function measure(benchmark: Benchmark, options: Options): Promise<number> {
  const endings = new Endings();
  const running = benchmark.run({
    option: (name) => options.numbers.get(name) ?? Number.NaN,
    servers: benchServers(endings.add, options.dataFolder),
    profileFolder: options.profileFolder,
    defer: endings.add,
    progress: (line) => process.stderr.write(`${line}\n`),
  });
  // After a signal it goes on until its processes are gone under it; what it then says is of no interest.
  running.catch(() => undefined);
  try {
    const done = await Promise.race([running, firstSignal()]);
    if (typeof done === 'string') return INTERRUPTED;
    print(benchmark, done, options);
    return done.wanted.every(({ met }) => met) ? EXIT.done : EXIT.failed;
  } catch (error) {
    reportFailure(error);
    return EXIT.failed;
  } finally {
    await endings.run();
  }
}

function print({ name }: Benchmark, report: Report, { json, numbers }: Options): void {
  const { table, notes, figures, wanted } = report;
  const promises = wanted.map((w) => [w.met ? 'met' : 'MISSED', w.what, w.wanted, w.measured]);
  process.stdout.write(`${aligned(table)}\n\n${notes.join('\n')}\n\n`);
  process.stdout.write(`${aligned([['', '', 'wanted', 'measured'], ...promises])}\n`);
  if (!json) return;
  const line = { benchmark: name, options: Object.fromEntries(numbers), machine: machine(), figures, wanted };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

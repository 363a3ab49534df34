import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../config.js';
import { Clock } from '../core/clock.js';
import { PunctualError } from '../core/errors.js';
import { parseDuration } from '../core/time/duration.js';
import { firstSignal } from '../signals.js';
import type { DemoReport } from './demo-report.js';
import { reportLines } from './demo-report.js';
import type { DemoOptions } from './demo-run.js';
import type { Finish } from './exit.js';
import { EXIT } from './exit.js';

interface Options {
  readonly recipients: number;
  readonly in: number;
  readonly window: number;
  readonly faults?: true;
  readonly json?: true;
}

/** `punctual demo`: the main job from nothing, watched and then held against the provider's own ledger. */
export function addDemo(program: Command, finish: Finish): void {
  program
    .command('demo')
    .description(
      'sends a wave to the sandbox, shows it, and checks each promise against the provider’s ledger',
    )
    .addOption(new Option('--recipients <number>', 'how many people').argParser(recipients).default(2000))
    .addOption(new Option('--in <duration>', 'when the wave begins').argParser(duration).default(5000, '5s'))
    .addOption(
      new Option('--window <duration>', 'how long it is spread').argParser(duration).default(30_000, '30s'),
    )
    .option('--faults', 'let the provider fail 5 % of requests and throttle 2 %')
    .option('--json', 'one JSON object as the last line of stdout, everything else on stderr')
    .action(async (options: Options) => {
      const stream = options.json ? process.stderr : process.stdout;
      const say = (line: string): void => void stream.write(`${line}\n`);
      const { in: inMs, window: windowMs, faults } = options;
      const result = await demo(
        { recipients: options.recipients, inMs, windowMs, faults: faults === true },
        say,
      );
      reportLines(result).forEach(say);
      if (options.json)
        process.stdout.write(`${JSON.stringify({ ok: result.broken.length === 0, ...result })}\n`);
      finish(result.broken.length === 0 ? EXIT.done : EXIT.failed);
    });
}

async function demo(options: DemoOptions, say: (line: string) => void): Promise<DemoReport> {
  const config = loadConfig();
  const { baseUrl } = config.whatsapp;
  if (baseUrl !== null && new URL(baseUrl).host !== `127.0.0.1:${config.sandbox.port}`) {
    throw new PunctualError(
      'CONFIG_INVALID',
      'WHATSAPP_BASE_URL: is not the sandbox; expected none, because the demo sends to the sandbox only',
    );
  }
  const ended = new AbortController();
  void firstSignal().then((signal) => {
    ended.abort(new PunctualError('INVALID_OPERATION', `the demo was ended by ${signal}`));
  });
  const [{ demoServer }, { runDemo }] = await Promise.all([
    import('./demo-server.js'),
    import('./demo-run.js'),
  ]);
  const server = await demoServer(config, say);
  try {
    ended.signal.throwIfAborted();
    const clock = new Clock(config.clock ?? undefined);
    const setting = { clock, targetLatenessMs: config.sla.targetLatenessMs, say, signal: ended.signal };
    return await runDemo(server, options, setting);
  } finally {
    await server.stop();
  }
}

function recipients(text: string): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (number < 1) throw new InvalidArgumentError('expected a whole number from 1 to 999999');
  return number;
}

function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof PunctualError) throw new InvalidArgumentError('expected a duration like 5s or 30s');
    throw error;
  }
}

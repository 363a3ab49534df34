import { createApp } from './app.js';
import type { App, Parts } from './app.js';
import { EXIT, reportFailure } from './cli/exit.js';
import type { ExitCode } from './cli/exit.js';
import { FetchProgressBars } from './cli/fetch-progress.js';
import { loadConfig } from './config.js';
import type { Config } from './config.js';
import { createLog } from './log.js';
import type { Log } from './log.js';
import { firstSignal } from './signals.js';

/**
 * The life of a serving process: read the configuration, build, start, say where everything is, wait for SIGTERM or
 * SIGINT, drain (CORE-30). A second signal ends it at once; what it leaves behind is taken up as after a crash.
 *
 * @returns the exit code; a start that fails has printed its one line by then
 */
export async function run(parts: Parts): Promise<ExitCode> {
  const stopAsked = firstSignal();
  try {
    const warnings: string[] = [];
    const config = loadConfig(undefined, { onWarning: (line) => warnings.push(line) });
    const log = createLog(config);
    for (const line of warnings) log.warn(line);
    endOnUnexpected(log);
    return await serve(config, parts, log, stopAsked);
  } catch (error) {
    return reportFailure(error);
  }
}

async function serve(config: Config, parts: Parts, log: Log, stopAsked: Promise<string>): Promise<ExitCode> {
  const fetching = new FetchProgressBars();
  const app = await createApp(config, parts, log, { onFetchProgress: fetching.update });
  try {
    const first = await Promise.race([app.start().then(() => 'started' as const), stopAsked]);
    fetching.end();
    if (first === 'started') {
      process.stdout.write(welcome(app));
      log.info({ signal: await stopAsked }, 'stopping: what is in flight finishes, nothing new is begun');
    }
  } finally {
    fetching.end();
    // After a start that failed half-way, too: it ends what had been started.
    await app.stop();
  }
  log.info('stopped');
  return EXIT.done;
}

/** Without this, Node would print the error as it is, addresses and secrets and all. */
function endOnUnexpected(log: Log): void {
  process.once('uncaughtException', (error) => {
    log.fatal({ err: error }, 'ended by an unexpected error');
    process.exit(EXIT.failed);
  });
}

function welcome({ urls, devKeyFile }: App): string {
  const rows = [
    ['API', urls.api],
    ['Dashboard', urls.dashboard],
    ['GraphiQL', urls.graphiql],
    ['Sandbox', urls.sandbox],
    ['API key in', devKeyFile],
  ].filter((row): row is [string, string] => row[1] !== undefined);
  const lines = rows.map(([name, value]) => `  ${name.padEnd(12)}${value}`);
  return `${['Punctual is ready.', ...lines, 'Ctrl-C stops it.'].join('\n')}\n`;
}

import { readFileSync } from 'node:fs';

import { Command, CommanderError } from 'commander';
import { addDemo } from './demo.js';
import { addDoctor } from './doctor.js';
import { EXIT, oneLine, reportFailure } from './exit.js';
import type { ExitCode, Finish } from './exit.js';
import { addHealth } from './health.js';
import { addServing } from './serving.js';

/** `punctual COMMAND`: runs it, and ends the process with 0 (done), 1 (failed) or 2 (wrong use). */
export async function main(argv: readonly string[]): Promise<never> {
  const code = await runCommand(argv);
  // Not left to the event loop: when it is closed, Agenda keeps a timer of ten seconds. All of ours has ended by now.
  process.exit(code);
}

async function runCommand(argv: readonly string[]): Promise<ExitCode> {
  let result: ExitCode = EXIT.done;
  const finish: Finish = (code) => {
    result = code;
  };
  const program = new Command('punctual')
    .description('Delivers messages and calls to people at the right local time, and proves it.')
    .version(version())
    .exitOverride()
    .configureOutput({
      outputError: (text, write) =>
        write(`punctual: ${oneLine(text).replace(/^error: /, '')}; see punctual --help\n`),
    })
    .addHelpText('after', '\nExit codes: 0 done, 1 failed or unhealthy, 2 wrong use or configuration.');
  addServing(program, finish);
  addDemo(program, finish);
  addDoctor(program, finish);
  addHealth(program, finish);
  try {
    await program.parseAsync(argv);
    return result;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUse;
    return reportFailure(error);
  }
}

function version(): string {
  const content = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(content) as { version: string }).version;
}

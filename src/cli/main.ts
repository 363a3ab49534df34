import { Command, CommanderError } from 'commander';
import { addDemo } from './demo.js';
import { addDoctor } from './doctor.js';
import { EXIT, oneLine, reportFailure } from './exit.js';
import type { ExitCode, Finish } from './exit.js';
import { addServing } from './serving.js';

/** How long what still runs after a command's end may take before it is cut off. */
const LINGER_MS = 3000;

/** `punctual COMMAND`: runs it, and ends the process with 0 (done), 1 (failed) or 2 (wrong use). */
export async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = await runCommand(argv);
  // Something that keeps the process alive now is a leak of ours: say what, and do not hang for it.
  setTimeout(() => {
    process.stderr.write(`punctual: still open at the end: ${process.getActiveResourcesInfo().join(', ')}\n`);
    process.exit();
  }, LINGER_MS).unref();
}

async function runCommand(argv: readonly string[]): Promise<ExitCode> {
  let result: ExitCode = EXIT.done;
  const finish: Finish = (code) => {
    result = code;
  };
  const program = new Command('punctual')
    .description('Delivers messages and calls to people at the right local time, and proves it.')
    .exitOverride()
    .configureOutput({
      outputError: (text, write) =>
        write(`punctual: ${oneLine(text).replace(/^error: /, '')}; see punctual --help\n`),
    })
    .addHelpText('after', '\nExit codes: 0 done, 1 failed or unhealthy, 2 wrong use or configuration.');
  addServing(program, finish);
  addDemo(program, finish);
  addDoctor(program, finish);
  try {
    await program.parseAsync(argv);
    return result;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUse;
    return reportFailure(error);
  }
}

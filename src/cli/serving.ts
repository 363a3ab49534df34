import type { Command } from 'commander';
import type { Parts } from '../app.js';
import type { Finish } from './exit.js';

const SERVING: Readonly<Record<string, { readonly parts: Parts; readonly about: string }>> = {
  all: {
    parts: { api: true, worker: true, sandbox: true },
    about: 'everything in one process tree: MongoDB, Redis, the sandbox, the API and one worker',
  },
  api: { parts: { api: true, worker: false, sandbox: false }, about: 'the GraphQL API; any number of them' },
  worker: { parts: { api: false, worker: true, sandbox: false }, about: 'a worker; any number of them' },
  sandbox: { parts: { api: false, worker: false, sandbox: true }, about: 'the providers to try things on' },
};

/** The commands that serve until SIGTERM or Ctrl-C. */
export function addServing(program: Command, finish: Finish): void {
  for (const [name, { parts, about }] of Object.entries(SERVING)) {
    program
      .command(name)
      .description(about)
      .addHelpText('after', '\nIt is configured by the environment, .env or a file: see .env.example.')
      .action(async () => {
        // Only now: whoever asks for help does not wait for the whole server to load.
        const { run } = await import('../main.js');
        finish(await run(parts));
      });
  }
}

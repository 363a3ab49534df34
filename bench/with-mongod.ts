import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { EXIT } from '../src/cli/exit.js';
import { Endings } from './support/endings.js';
import { benchServers } from './support/servers.js';

/**
 * Runs a command beside a throw-away mongod, which it finds by MONGO_URL and MONGO_PID: for peers that are measured on
 * the same MongoDB as we are (docs/benchmarks.md). Use: node --import ./scripts/typescript.mjs bench/with-mongod.ts COMMAND...
 */
const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  process.stderr.write('Use: bench/with-mongod.ts COMMAND...\n');
  process.exit(EXIT.wrongUse);
}
// The command gets the terminal's signals as well, ends, and so ends this.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
const endings = new Endings();
try {
  const mongod = await benchServers(endings.add, null).mongod();
  const env = { ...process.env, MONGO_URL: mongod.uri, MONGO_PID: String(mongod.pid) };
  const [code] = (await once(spawn(command, args, { env, stdio: 'inherit' }), 'exit')) as [number | null];
  process.exitCode = code ?? EXIT.failed;
} finally {
  await endings.run();
}

#!/usr/bin/env node
// Starts the command line on a Node that is new enough. This file alone must run on older ones: the Node on PATH
// may be older than the one that `npm ci` has brought along (see optionalDependencies in package.json).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NEEDED_MAJOR = 24;
const MAIN = new URL('../dist/cli/main.js', import.meta.url);

if (Number.parseInt(process.versions.node, 10) < NEEDED_MAJOR) {
  const node = pinnedNode();
  if (node) runWith(node);
  else {
    fail(
      `Node ${NEEDED_MAJOR} or newer is needed and this is ${process.versions.node}: install it, or run npm ci, which brings one for Linux on x64 and arm64`,
    );
  }
} else if (existsSync(MAIN)) {
  // A wrapper with an older Node (below) that dies takes us along, in order.
  if (process.connected) {
    process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
    process.channel?.unref();
  }
  const { main } = await import(MAIN.href);
  await main(process.argv);
} else {
  fail('it is not built: run npm ci, or npm run build');
}

function pinnedNode() {
  const url = new URL(`../node_modules/node-${process.platform}-${process.arch}/bin/node`, import.meta.url);
  return existsSync(url) ? fileURLToPath(url) : undefined;
}

function runWith(node) {
  const self = fileURLToPath(import.meta.url);
  const child = spawn(node, [...process.execArgv, self, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  // A terminal signals the whole group, so the child has got Ctrl-C already; only wait for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.once('error', (error) => fail(error.message));
  child.once('exit', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exitCode = code ?? 1;
  });
}

function fail(message) {
  process.stderr.write(`punctual: ${message}.\n`);
  process.exitCode = 2;
}

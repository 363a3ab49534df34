import { createRequire } from 'node:module';
import { dirname } from 'node:path';

import type { OnFetchProgress } from './child/fetch-program.js';
import { runFetch } from './child/fetch-program.js';
import { firstLine } from './child/server-binary.js';

/** How long the download host may take to answer before it counts as unreachable. */
const PROBE_MS = 5000;

/**
 * Runs in a process of its own: the library reads its options from the environment, prints its progress, checks
 * certificates only if `npm_config_strict_ssl` says so, retries for long, and cannot be cancelled. It finds a
 * binary that another project on this machine has already downloaded; else it asks the host for anything at
 * all, and only when that answers downloads, checksum included.
 */
const DOWNLOAD = `
const [library, downloadDir] = process.argv.slice(1);
process.env.npm_config_strict_ssl = 'true';
const { DryMongoBinary, MongoBinary } = require(library);
const { MongoBinaryDownloadUrl } = require(library + '/lib/util/MongoBinaryDownloadUrl');
const end = (answer) => { process.stdout.write('\\nANSWER ' + JSON.stringify(answer) + '\\n', () => process.exit(0)); };
(async () => {
  const options = await DryMongoBinary.generateOptions({ downloadDir });
  const found = await DryMongoBinary.locateBinary(options);
  if (found !== undefined) return end({ path: found });
  const url = await new MongoBinaryDownloadUrl(options).getDownloadUrl();
  try {
    await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(${PROBE_MS}) });
  } catch (error) {
    return end({ reason: new URL(url).host + ' cannot be reached: ' + (error.cause?.code ?? error.message) });
  }
  end({ path: await MongoBinary.download(options) });
})().catch((error) => end({ reason: error.message }));
`;

/**
 * mongodb-memory-server's own download into `folder`, or a binary it has downloaded for another project before
 * (then the path is outside the folder). Costs seconds when its host is unreachable.
 */
export async function fetchFromMemoryServer(
  folder: string,
  onProgress?: OnFetchProgress,
): Promise<{ readonly path: string } | { readonly reason: string }> {
  const library = createRequire(import.meta.url).resolve('mongodb-memory-server-core/package.json');
  const run = await runFetch({
    what: 'MongoDB (mongodb-memory-server)',
    // env, because fetch heeds a proxy only if Node is told so before it starts.
    program: '/usr/bin/env',
    args: ['NODE_USE_ENV_PROXY=1', process.execPath, '-e', DOWNLOAD, '--', dirname(library), folder],
    folder,
    totalPattern: /mb \/ ([\d.]+)mb\)/,
    onProgress,
  });
  const answer = /^ANSWER (.*)$/m.exec(run.output)?.[1];
  const called = 'download by mongodb-memory-server';
  if (answer === undefined) return { reason: `${called} (it ended without an answer)` };
  const { path, reason } = JSON.parse(answer) as { path?: string; reason?: string };
  return path === undefined ? { reason: `${called} (${firstLine(reason)})` } : { path };
}

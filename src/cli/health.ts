import type { Command } from 'commander';
import { loadConfig } from '../config.js';
import type { Finish } from './exit.js';
import { EXIT } from './exit.js';
import { knownServer } from './known-server.js';

/** What `/healthz` answers; the reasons are told only to who has a key. */
interface Answer {
  readonly status: string;
  readonly reasons?: readonly { readonly code: string; readonly message: string }[];
}

/** Longer than the server itself waits for MongoDB, twice. */
const ANSWER_MS = 10_000;

/** `punctual health`: what the server at PUNCTUAL_URL, or the local one, says of the whole of Punctual. */
export function addHealth(program: Command, finish: Finish): void {
  program
    .command('health')
    .description('asks a running server whether everything is in order; exit code 1 when it is not')
    .option('--json', "the server's answer as it is")
    .action(async ({ json }: { json?: true }) => {
      const { url, apiKey } = await knownServer(loadConfig());
      let text: string;
      let answer: Answer;
      try {
        const headers = apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
        const signal = AbortSignal.timeout(ANSWER_MS);
        text = await (await fetch(`${url}/healthz`, { headers, signal })).text();
        answer = JSON.parse(text) as Answer;
      } catch (error) {
        process.stderr.write(
          `punctual: UNAVAILABLE ${url} does not answer as a Punctual does (${reasonOf(error)})\n`,
        );
        finish(EXIT.failed);
        return;
      }
      process.stdout.write(json ? `${text}\n` : inLines(url, answer));
      finish(answer.status === 'healthy' ? EXIT.done : EXIT.failed);
    });
}

function inLines(url: string, { status, reasons }: Answer): string {
  const untold = status !== 'healthy' && reasons === undefined;
  return [
    `${url} is ${status}`,
    ...(reasons ?? []).map(({ code, message }) => `  ${code.padEnd(18)}${message}`),
    ...(untold ? ['  why is told only to who has a key that can be checked: PUNCTUAL_API_KEY'] : []),
    '',
  ].join('\n');
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

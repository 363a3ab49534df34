import type { Command } from 'commander';
import { loadConfig } from '../config.js';
import type { Finding } from './doctor-checks.js';
import type { Finish } from './exit.js';
import { EXIT } from './exit.js';

const MARKS = { OK: 'ok     ', NOTE: 'note   ', MISSING: 'missing' } as const;

/** `punctual doctor`: what a start would find on this machine, and what to do about what it would not. */
export function addDoctor(program: Command, finish: Finish): void {
  program
    .command('doctor')
    .description('says what is missing on this machine and what to do about it')
    .action(async () => {
      const { checkData, checkMongo, checkNode, checkPorts, checkRedis, checkTools } =
        await import('./doctor-checks.js');
      const config = loadConfig(undefined, { onWarning: (line) => show({ status: 'NOTE', what: line }) });
      const tools = await checkTools();
      const findings = [
        checkNode(),
        await checkData(config.dataDir),
        await checkMongo(config, tools.canFetch),
        await checkRedis(config, tools.canFetch),
        ...(await checkPorts(config)),
        ...tools.findings,
      ];
      findings.forEach(show);
      finish(findings.some(({ status }) => status === 'MISSING') ? EXIT.failed : EXIT.done);
    });
}

function show({ status, what, todo }: Finding): void {
  process.stdout.write(`${MARKS[status]}  ${what}${todo === undefined ? '' : `\n         -> ${todo}`}\n`);
}

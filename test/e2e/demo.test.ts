import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { DemoReport } from '../../src/cli/demo-report.js';
import { punctual } from '../support/cli-process.js';
import { SERVER_CACHE } from '../support/servers.js';

const DEMO_MS = 120_000;

/** Small waves: the large ones are run by hand and by the nightly job. */
describe('the demo', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'punctual-demo-test-'));
    await mkdir(join(SERVER_CACHE, 'bin'), { recursive: true });
    await symlink(join(SERVER_CACHE, 'bin'), join(dataDir, 'bin'));
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  /** On a port where nobody answers, so that it starts a server of its own. */
  const demo = async (...args: string[]) => {
    const env = { PUNCTUAL_DATA_DIR: dataDir, PORT: '1' };
    const { code, stdout, stderr } = await punctual(
      ['demo', '--json', '--in', '1s', '--window', '2s', ...args],
      { env },
    );
    const last = stdout.trimEnd().split('\n').at(-1) ?? '';
    if (!last.startsWith('{')) throw new Error(`no report: ${stderr}`);
    return {
      code,
      stderr,
      lines: stdout.trimEnd().split('\n').length,
      report: JSON.parse(last) as DemoReport & { ok: boolean },
    };
  };

  it(
    'DC-1 DC-2 DC-8 INV-1 INV-2 INV-3 a wave from nothing: all sent, within the limit, as the ledger says',
    async () => {
      const { code, lines, report, stderr } = await demo('--recipients', '120');
      expect(report).toMatchObject({
        ok: true,
        planned: 120,
        sent: 120,
        failed: 0,
        early: 0,
        twice: 0,
        lost: 0,
        disagreements: 0,
        broken: [],
      });
      expect(report.provider).toMatchObject({ accepted: 120, limitPerSecond: 80 });
      expect(report.provider.busiestSecond).toBeLessThanOrEqual(80);
      expect(lines).toBe(1);
      expect(stderr).toContain('Every promise was kept.');
      expect(code).toBe(0);
    },
    DEMO_MS,
  );

  it(
    'DC-8 CORE-24 CORE-25 the same with a provider that fails and throttles',
    async () => {
      const { code, report } = await demo('--recipients', '200', '--faults');
      expect(report).toMatchObject({ ok: true, sent: 200, early: 0, twice: 0, lost: 0, disagreements: 0 });
      expect(report.provider.errors).toBeGreaterThan(0);
      expect(report.attempts).toBe(report.provider.requests);
      expect(code).toBe(0);
    },
    DEMO_MS,
  );
});

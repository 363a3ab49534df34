import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { HEALTH_CHECKS } from '../../src/core/health/checks.js';
import type { HealthFigures } from '../../src/core/health/figures.js';
import { span } from '../../src/core/health/in-words.js';
import type { HealthLimits } from '../../src/core/health/limits.js';
import { HEALTH_CODES, type HealthReason } from '../../src/core/health/reason.js';

const MB = 1024 * 1024;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const NOW = new Date('2026-11-23T00:45:00Z');
const LIMITS: HealthLimits = {
  pending: 1_000,
  failedPerHour: 50,
  idleMs: 2 * HOUR,
  errorRate: 0.05,
  errorRateSample: 20,
  runLimitMs: HOUR,
  runShare: 0.75,
  workerSilentMs: 10_000,
  memoryShare: 0.8,
  memoryLimitMb: 512,
};

const REPORT = {
  rssBytes: 100 * MB,
  memoryLimitBytes: 512 * MB,
  loopDelayMs: 1,
  inFlight: 3,
  concurrency: 50,
  tokens: 'REDIS',
  memoryOnPurpose: false,
} as const;
const WORKER = { id: 'w1', host: 'h', pid: 1, silentMs: 500, report: REPORT } as const;
const CHANNEL = {
  channel: 'WHATSAPP',
  provider: 'whatsapp-cloud',
  breaker: 'CLOSED',
  consecutiveFailures: 0,
  retryAt: null,
  stopped: null,
  limits: { perSecond: 80, perDay: 100_000, zone: 'UTC' },
  usedToday: 17,
} as const;
const QUIET = { sent: 0, retried: 0, failed: 0, deadLettered: 0, missed: 0 };
const WELL: HealthFigures = {
  at: NOW,
  queues: [{ queue: 'content-delivery', paused: false, pending: 0 }],
  lastHour: { ...QUIET, sent: 1_000 },
  dueAllAlong: null,
  runs: [],
  channels: [CHANNEL],
  workers: [WORKER],
  processes: [{ name: 'this process', rssBytes: 100 * MB, memoryLimitBytes: 512 * MB }],
  ownTokens: { tokens: 'REDIS', memoryOnPurpose: false },
};

function reasons(change: Partial<HealthFigures>, limits: Partial<HealthLimits> = {}): HealthReason[] {
  return HEALTH_CHECKS.flatMap((check) => check({ ...WELL, ...change }, { ...LIMITS, ...limits }));
}

function codes(change: Partial<HealthFigures>, limits?: Partial<HealthLimits>): string[] {
  return reasons(change, limits).map(({ code }) => code);
}

function runAt(startedAgo: number, window: { readonly from: number; readonly to: number } | null) {
  return {
    program: 'daily-content',
    type: 'wave',
    occurrence: '2026-11-23',
    startedAt: new Date(NOW.getTime() - startedAgo),
    window: window && {
      from: new Date(NOW.getTime() - window.from),
      to: new Date(NOW.getTime() - window.to),
    },
  };
}

describe('CORE-45 health', () => {
  it('CORE-45 nothing is wrong where nothing is', () => {
    expect(reasons({})).toEqual([]);
  });

  it.each<[string, Partial<HealthFigures>, Partial<HealthFigures>, string]>([
    [
      'BACKLOG',
      {
        queues: [
          { queue: 'a', paused: false, pending: 600 },
          { queue: 'b', paused: true, pending: 401 },
        ],
      },
      { queues: [{ queue: 'a', paused: false, pending: 1_000 }] },
      '1,001 deliveries are due and waiting, 401 of them in paused queues; the limit is 1,000',
    ],
    [
      'FAILURES',
      { lastHour: { ...QUIET, sent: 10_000, failed: 40, deadLettered: 9, missed: 2 } },
      { lastHour: { ...QUIET, sent: 10_000, failed: 40, deadLettered: 8, missed: 2 } },
      '51 deliveries failed in the last hour (40 refused, 9 dead-lettered, 2 expired); the limit is 50',
    ],
    [
      'ERROR_RATE',
      { lastHour: { ...QUIET, sent: 94, retried: 4, failed: 2 } },
      { lastHour: { ...QUIET, sent: 95, retried: 4, failed: 1 } },
      '6 of 100 attempts of the last hour failed (6 %); the limit is 5 %',
    ],
    [
      'NOTHING_PROCESSED',
      { dueAllAlong: 1 },
      { dueAllAlong: 0 },
      'nothing was processed for 2 h although one delivery was due all along',
    ],
    [
      'RUN_STUCK',
      { runs: [runAt(24 * HOUR, { from: 61 * MINUTE, to: 56 * MINUTE }), runAt(HOUR + 1, null)] },
      { runs: [runAt(24 * HOUR, { from: 45 * MINUTE, to: 40 * MINUTE })] },
      'the run daily-content wave 2026-11-23 is stuck: it goes on for 1 h 1 min and may take 1 h, and 1 more',
    ],
    [
      'RUN_LONG',
      { runs: [runAt(24 * HOUR, { from: 46 * MINUTE, to: 41 * MINUTE })] },
      { runs: [runAt(24 * HOUR, { from: -HOUR, to: -2 * HOUR })] },
      'the run daily-content wave 2026-11-23 takes long: it goes on for 46 min and may take 1 h',
    ],
    [
      'NO_WORKER',
      { workers: [{ ...WORKER, silentMs: 12_000 }] },
      { workers: [{ ...WORKER, silentMs: 10_000 }] },
      'no worker is alive, so nothing is sent; the last one was heard of 12 s ago',
    ],
    [
      'WORKER_SILENT',
      { workers: [WORKER, { ...WORKER, id: 'w2', silentMs: 12_000 }] },
      { workers: [WORKER, { ...WORKER, id: 'w2' }] },
      '1 of 2 workers is silent, for up to 12 s',
    ],
    [
      'REDIS_AWAY',
      { workers: [WORKER, { ...WORKER, report: { ...REPORT, tokens: 'MEMORY' } }] },
      { workers: [{ ...WORKER, report: { ...REPORT, tokens: 'MEMORY', memoryOnPurpose: true } }] },
      'Redis is away for 1 of 2 workers: send tokens come from memory, and limits are shared out among the workers',
    ],
    [
      'BREAKER_OPEN',
      { channels: [{ ...CHANNEL, breaker: 'OPEN', consecutiveFailures: 5 }] },
      { channels: [{ ...CHANNEL, breaker: 'CLOSED', consecutiveFailures: 4 }] },
      'the breaker of WHATSAPP is open after 5 consecutive failures of whatsapp-cloud',
    ],
    [
      'CHANNEL_STOPPED',
      { channels: [{ ...CHANNEL, breaker: 'OPEN', stopped: 'HTTP_401' }] },
      {},
      'WHATSAPP is stopped until somebody resumes it: HTTP_401',
    ],
    [
      'DAY_LIMIT',
      { channels: [{ ...CHANNEL, usedToday: 100_000 }] },
      {
        channels: [
          { ...CHANNEL, usedToday: 99_999 },
          { ...CHANNEL, limits: { zone: 'UTC' }, usedToday: null },
        ],
      },
      "WHATSAPP has used up its day's limit of 100,000; the rest waits for midnight in UTC",
    ],
    [
      'MEMORY',
      { processes: [...WELL.processes, { name: 'w1', rssBytes: 450 * MB, memoryLimitBytes: 512 * MB }] },
      { processes: [{ name: 'w1', rssBytes: 409 * MB, memoryLimitBytes: 512 * MB }] },
      'w1 uses 450 MB of 512 MB (87.9 %); the limit is 80 %',
    ],
  ])('CORE-45 %s is told with its figures, and not at its limit', (code, bad, good, message) => {
    expect(reasons(bad)).toMatchObject([{ code, message }]);
    expect(reasons(good)).toEqual([]);
  });

  it('CORE-45 few attempts say nothing about the share that fails', () => {
    expect(codes({ lastHour: { ...QUIET, failed: 19 } })).toEqual([]);
    expect(codes({ lastHour: { ...QUIET, failed: 20 } })).toEqual(['ERROR_RATE']);
  });

  it('CORE-45 a run may take as long as its window, and its own work begins with it', () => {
    const longWindow = runAt(30 * HOUR, { from: 6 * HOUR, to: 0 });
    expect(codes({ runs: [longWindow] })).toEqual([]);
    expect(codes({ runs: [runAt(30 * HOUR, { from: 6 * HOUR, to: 10 * MINUTE })] })).toEqual(['RUN_STUCK']);
  });

  it('CORE-45 without any worker: nothing is sent, and Redis is judged by this process', () => {
    expect(codes({ workers: [] })).toEqual(['NO_WORKER']);
    expect(codes({ workers: [], ownTokens: { tokens: 'MEMORY', memoryOnPurpose: false } })).toEqual([
      'NO_WORKER',
      'REDIS_AWAY',
    ]);
    expect(codes({ ownTokens: { tokens: 'MEMORY', memoryOnPurpose: false } })).toEqual([]);
  });

  it('CORE-45 each channel is a condition of its own', () => {
    const channels = [
      { ...CHANNEL, breaker: 'OPEN', consecutiveFailures: 5 },
      { ...CHANNEL, channel: 'SMS', provider: 'orange', breaker: 'HALF_OPEN', consecutiveFailures: 6 },
    ] as const;
    expect(reasons({ channels }).map(({ code, subject }) => [code, subject])).toEqual([
      ['BREAKER_OPEN', 'WHATSAPP'],
      ['BREAKER_OPEN', 'SMS'],
    ]);
  });

  it('CORE-45 docs/operations.md lists each code with the sentence that the code has', async () => {
    const text = await readFile('docs/operations.md', 'utf8');
    const told = [...text.matchAll(/^\| ([A-Z_]+) +\| (?:NOTICE|WARNING|CRITICAL) +\| (.*?) +\|$/gm)];
    expect(Object.fromEntries(told.map(([, code, sentence]) => [code, sentence]))).toEqual(HEALTH_CODES);
  });

  it('lengths of time are told in their two largest units', () => {
    expect([0, 999, 1_000, 61_000, 3_600_000, 7_500_000, 90_061_000].map(span)).toEqual([
      '0 s',
      '0 s',
      '1 s',
      '1 min 1 s',
      '1 h',
      '2 h 5 min',
      '1 d 1 h',
    ]);
  });
});

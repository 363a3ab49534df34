import type { Severity } from '../severity.js';
import type { HealthFigures, OpenRun } from './figures.js';
import { count, megabytes, percent, span } from './in-words.js';
import type { HealthLimits } from './limits.js';
import type { HealthCode, HealthReason } from './reason.js';

/*
 * What Punctual is not healthy for (CORE-45), each in one place: figures in, reasons out. Nothing here asks anything.
 */

/** One thing that is looked at. No reasons: it is in order. */
type HealthCheck = (figures: HealthFigures, limits: HealthLimits) => readonly HealthReason[];

const GOOD: readonly HealthReason[] = [];

const backlog: HealthCheck = ({ queues }, limits) => {
  const pending = total(queues.map((queue) => queue.pending));
  if (pending <= limits.pending) return GOOD;
  const paused = total(queues.filter((queue) => queue.paused).map((queue) => queue.pending));
  const ofThem = paused === 0 ? '' : `, ${count(paused)} of them in paused queues`;
  const message = `${count(pending)} deliveries are due and waiting${ofThem}; the limit is ${count(limits.pending)}`;
  return [reason('BACKLOG', 'WARNING', message, { pending, paused, limit: limits.pending })];
};

const failures: HealthCheck = ({ lastHour: { failed, deadLettered, missed } }, { failedPerHour: limit }) => {
  const all = failed + deadLettered + missed;
  if (all <= limit) return GOOD;
  const parts = `${count(failed)} refused, ${count(deadLettered)} dead-lettered, ${count(missed)} expired`;
  const message = `${count(all)} deliveries failed in the last hour (${parts}); the limit is ${count(limit)}`;
  return [reason('FAILURES', 'WARNING', message, { failed, deadLettered, missed, limit })];
};

const errorRate: HealthCheck = ({ lastHour: { sent, retried, failed, deadLettered } }, limits) => {
  const bad = retried + failed + deadLettered;
  const attempts = sent + bad;
  const rate = bad / Math.max(1, attempts);
  if (attempts < limits.errorRateSample || rate <= limits.errorRate) return GOOD;
  const message = `${count(bad)} of ${count(attempts)} attempts of the last hour failed (${percent(rate)}); the limit is ${percent(limits.errorRate)}`;
  return [reason('ERROR_RATE', 'WARNING', message, { bad, attempts, rate, limit: limits.errorRate })];
};

const nothingProcessed: HealthCheck = ({ dueAllAlong: due }, { idleMs }) => {
  if (due === null || due === 0) return GOOD;
  const message = `nothing was processed for ${span(idleMs)} although ${due === 1 ? 'one delivery was' : `${count(due)} deliveries were`} due all along`;
  return [reason('NOTHING_PROCESSED', 'CRITICAL', message, { due, idleMs })];
};

const runs: HealthCheck = ({ at, runs: open }, limits) => {
  const late = open
    .map((run) => ({ run, ...timesOf(run, at, limits) }))
    .filter(({ pastWindow }) => pastWindow)
    .sort((a, b) => b.goesOnMs - a.goesOnMs);
  const stuck = late.filter(({ goesOnMs, limitMs }) => goesOnMs > limitMs);
  const long = late.filter(
    ({ goesOnMs, limitMs }) => goesOnMs <= limitMs && goesOnMs > limitMs * limits.runShare,
  );
  const tell = (code: HealthCode, severity: Severity, which: typeof late, how: string): HealthReason[] => {
    const [longest] = which;
    if (!longest) return [];
    const { run, goesOnMs, limitMs } = longest;
    const name = `${run.program} ${run.type} ${run.occurrence}`;
    const others = which.length === 1 ? '' : `, and ${which.length - 1} more`;
    const message = `the run ${name} ${how}: it goes on for ${span(goesOnMs)} and may take ${span(limitMs)}${others}`;
    return [reason(code, severity, message, { runs: which.length, longest: name, goesOnMs, limitMs })];
  };
  return [
    ...tell('RUN_STUCK', 'CRITICAL', stuck, 'is stuck'),
    ...tell('RUN_LONG', 'WARNING', long, 'takes long'),
  ];
};

const workers: HealthCheck = ({ workers: all }, { workerSilentMs }) => {
  const silent = all.filter(({ silentMs }) => silentMs > workerSilentMs);
  if (silent.length === all.length) {
    const last = Math.min(...silent.map(({ silentMs }) => silentMs));
    const heard = silent.length === 0 ? '' : `; the last one was heard of ${span(last)} ago`;
    const figures = silent.length === 0 ? {} : { lastHeardMs: last };
    return [reason('NO_WORKER', 'CRITICAL', `no worker is alive, so nothing is sent${heard}`, figures)];
  }
  if (silent.length === 0) return GOOD;
  const longestMs = Math.max(...silent.map(({ silentMs }) => silentMs));
  const message = `${silent.length} of ${all.length} workers ${silent.length === 1 ? 'is' : 'are'} silent, for up to ${span(longestMs)}`;
  return [reason('WORKER_SILENT', 'WARNING', message, { silent: silent.length, of: all.length, longestMs })];
};

/** Away as the workers see it, for they send; where none says anything, as this process does. */
const redis: HealthCheck = ({ workers: all, ownTokens }, { workerSilentMs }) => {
  const told = all.flatMap(({ report, silentMs }) => (report && silentMs <= workerSilentMs ? [report] : []));
  const views = told.length > 0 ? told : [ownTokens];
  const without = views.filter(({ tokens, memoryOnPurpose }) => tokens === 'MEMORY' && !memoryOnPurpose);
  if (without.length === 0) return GOOD;
  const who = told.length === 0 ? 'this process' : `${without.length} of ${views.length} workers`;
  const message = `Redis is away for ${who}: send tokens come from memory, and limits are shared out among the workers`;
  return [reason('REDIS_AWAY', 'WARNING', message, { without: without.length, of: views.length })];
};

const breakers: HealthCheck = ({ channels }) =>
  channels
    .filter(({ breaker, stopped }) => breaker !== 'CLOSED' && stopped === null)
    .map(({ channel, provider, breaker, consecutiveFailures: failed }) => {
      const message = `the breaker of ${channel} is ${breaker === 'OPEN' ? 'open' : 'half open'} after ${failed} consecutive failures of ${provider}`;
      return reason('BREAKER_OPEN', 'WARNING', message, { consecutiveFailures: failed, provider }, channel);
    });

const stopped: HealthCheck = ({ channels }) =>
  channels.flatMap(({ channel, provider, stopped: why }) => {
    if (why === null) return [];
    const message = `${channel} is stopped until somebody resumes it: ${why}`;
    return [reason('CHANNEL_STOPPED', 'CRITICAL', message, { provider, why }, channel)];
  });

const dayLimits: HealthCheck = ({ channels }) =>
  channels.flatMap(({ channel, limits: { perDay, zone }, usedToday }) => {
    if (perDay === undefined || usedToday === null || usedToday < perDay) return [];
    const message = `${channel} has used up its day's limit of ${count(perDay)}; the rest waits for midnight in ${zone}`;
    return [reason('DAY_LIMIT', 'WARNING', message, { usedToday, perDay, zone }, channel)];
  });

const memory: HealthCheck = ({ processes }, { memoryShare }) => {
  const over = processes
    .map((process) => ({ ...process, share: process.rssBytes / process.memoryLimitBytes }))
    .filter(({ share }) => share > memoryShare)
    .sort((a, b) => b.share - a.share);
  const [worst] = over;
  if (!worst) return GOOD;
  const { name, rssBytes, memoryLimitBytes, share } = worst;
  const others = over.length === 1 ? '' : `, and ${over.length - 1} more processes are above it, too`;
  const message = `${name} uses ${megabytes(rssBytes)} of ${megabytes(memoryLimitBytes)} (${percent(share)}); the limit is ${percent(memoryShare)}${others}`;
  return [reason('MEMORY', 'WARNING', message, { process: name, rssBytes, memoryLimitBytes, share })];
};

/** All of them, the gravest first. */
export const HEALTH_CHECKS: readonly HealthCheck[] = [
  workers,
  stopped,
  nothingProcessed,
  runs,
  redis,
  breakers,
  dayLimits,
  backlog,
  failures,
  errorRate,
  memory,
];

function reason(
  code: HealthCode,
  severity: Severity,
  message: string,
  figures: HealthReason['figures'],
  subject: string | null = null,
): HealthReason {
  return { code, subject, severity, message, figures };
}

/** A run's own work begins with its window: one that was planned a day ahead has not been going on for a day. */
function timesOf(
  { startedAt, window }: OpenRun,
  at: Date,
  { runLimitMs }: HealthLimits,
): { goesOnMs: number; limitMs: number; pastWindow: boolean } {
  const began = Math.max(startedAt.getTime(), window?.from.getTime() ?? 0);
  const windowMs = window ? window.to.getTime() - window.from.getTime() : 0;
  return {
    goesOnMs: at.getTime() - began,
    limitMs: Math.max(runLimitMs, windowMs),
    pastWindow: window === null || window.to < at,
  };
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, one) => sum + one, 0);
}

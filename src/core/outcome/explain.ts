import type { AttemptDoc } from '../delivery/attempt.entity.js';
import { type DelayCause, type Delays, explainLateness, worthKeeping } from '../delivery/delay.js';
import type { DeliveryDoc, HistoryEntry } from '../delivery/delivery.entity.js';

/** One thing that moved a delivery or held it up. */
export interface ExplanationStep {
  /** Engine time at which it happened, or was over. */
  readonly at: Date;
  /** What it cost and why, where it cost time. */
  readonly cause: DelayCause | null;
  /** How long, in ms; null where it is not about time. */
  readonly ms: number | null;
  /** One sentence. */
  readonly text: string;
}

/** Why a delivery is where it is. */
export interface Explanation {
  /** In the order of time. */
  readonly steps: readonly ExplanationStep[];
  /** Where the lateness of an accepted one went, in ms by cause; null before it was accepted. */
  readonly lost: Delays | null;
}

/** What each cause was waiting for, to stand after "Waited 120 ms ". */
const WAITED_FOR: Record<DelayCause, string> = {
  WAKE: 'until a worker had it in hand',
  TOKEN: "for a send token: the channel's limit a second was reached",
  DAY_LIMIT: "for midnight of the channel's zone: its limit for the day was used up",
  RECIPIENT_LIMIT: 'because the recipient had been written to a moment before',
  IN_FLIGHT: 'for a free place: as many attempts as may be were under way',
  BREAKER: "while the channel's breaker was open",
  STOPPED: 'while the channel was stopped',
  PAUSED: 'while the queue was paused',
  RETRY: 'between attempts',
  PROVIDER: "for the provider's answer",
};

/** What the reasons in a history mean. Others are codes of the system (ETIMEDOUT) or of providers. */
const REASONS: Readonly<Record<string, string>> = {
  RESCHEDULED: 'moved to another instant',
  REVIVED: 'to be tried again by hand',
  REROUTED: 'sent on through the next channel',
  EXPIRED: 'it expired before it could be sent',
  REPORTED: 'as the provider reported',
  BREAKER_OPEN: "given back or sent on, because the channel's breaker is open",
  CHANNEL_STOPPED: 'given back, because the channel is stopped',
  QUEUE_PAUSED: 'given back, because the queue is paused',
  DAY_LIMIT: "given back, because the channel's limit for the day is used up",
  RECIPIENT_LIMIT: 'put off, because the recipient was written to a moment before',
  DRAINING: 'given back by a worker that stops',
  LEASE_LOST: 'given back by a worker that was silent for too long',
  CLAIM_IN_DOUBT: 'given back by a worker that could not tell whether it had claimed it',
  REPORTS_UNREADABLE: 'given back, because what the provider had reported on it could not be read',
  QUEUE_CLEANED: 'with all that waited in its queue',
  RUN_CANCELLED: 'with the run that made it',
  ADAPTER_ERROR: 'the channel adapter failed',
  NO_ANSWER: 'the channel adapter did not end in time',
  ERASED: 'its recipient was erased',
  CREDENTIALS_REFUSED: "given back, because the provider refuses the channel's credentials",
  TRIES_USED_UP: 'all tries are used up',
  OUTCOME_UNKNOWN: 'nobody knows whether the provider took it, and the channel holds such ones',
};

/** Tells of each rule that moved a delivery or held it up, in words and figures. */
export function explain(delivery: DeliveryDoc, attempts: readonly AttemptDoc[]): Explanation {
  const promise = {
    at: delivery.createdAt,
    cause: null,
    ms: null,
    text: `Due at ${delivery.dueAt.toISOString()}, and promised to be accepted by ${delivery.deadlineAt.toISOString()}: ${inWords(delivery.deadlineAt.getTime() - delivery.dueAt.getTime())} later at most.`,
  };
  const steps = [promise, ...delivery.history.map(ofMove), ...attempts.flatMap(ofAttempt)];
  const accepted = attempts.findLast(({ outcome }) => outcome === 'ACCEPTED');
  return {
    steps: steps.sort((a, b) => a.at.getTime() - b.at.getTime()),
    lost: accepted ? lostOf(delivery, accepted) : null,
  };
}

function ofMove({ state, at, reason, by }: HistoryEntry): ExplanationStep {
  const why = reason === undefined ? '' : `: ${REASONS[reason] ?? coded(reason)}`;
  return { at, cause: null, ms: null, text: `${state}${why}${by === undefined ? '' : `, by ${by}`}.` };
}

function coded(code: string): string {
  return /^E[A-Z]+$/.test(code) ? `it ended with ${code}` : `the provider said ${code}`;
}

function ofAttempt(attempt: AttemptDoc): ExplanationStep[] {
  const { startedAt, endedAt, number, provider, outcome, errorCode, errorMessage } = attempt;
  const began = startedAt ?? endedAt;
  const waits = (Object.entries(attempt.waited ?? {}) as [DelayCause, number][]).map(
    ([cause, ms]): ExplanationStep => ({
      at: began,
      cause,
      ms,
      text: `Waited ${inWords(ms)} ${WAITED_FOR[cause]}.`,
    }),
  );
  const took = startedAt === null ? null : endedAt.getTime() - startedAt.getTime();
  const after = took === null ? '' : ` after ${inWords(took)}`;
  const end =
    outcome === 'ACCEPTED'
      ? `accepted${after}`
      : outcome === 'UNKNOWN'
        ? `ended${after} without an answer (${errorCode ?? 'unknown'})`
        : `refused${after} with ${errorCode ?? 'no code'}: ${errorMessage ?? 'no reason was given'}`;
  return [
    ...waits,
    { at: endedAt, cause: 'PROVIDER', ms: took, text: `Attempt ${number}, through ${provider}: ${end}.` },
  ];
}

function lostOf(delivery: DeliveryDoc, { startedAt, endedAt, waited, number }: AttemptDoc): Delays {
  if (startedAt === null) return {};
  const own = waited ?? {};
  const waitedMs = Object.values(own).reduce((sum, ms) => sum + ms, 0);
  const lost = explainLateness({
    dueAt: delivery.dueAt.getTime(),
    readyAt: startedAt.getTime() - waitedMs,
    startedAt: startedAt.getTime(),
    acceptedAt: endedAt.getTime(),
    waited: own,
    isFirstTry: number === 1,
  });
  return worthKeeping(lost) ?? {};
}

function inWords(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 7_200_000 ? `${(ms / 60_000).toFixed(1)} minutes` : `${(ms / 3_600_000).toFixed(1)} hours`;
}

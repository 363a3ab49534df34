import type { Db } from 'mongodb';
import type { LedgerAnswer } from '../../src/adapters/sandbox/ledger.js';
import type { AttemptDoc, DeliveryDoc } from '../../src/core/index.js';
import { mostInSlidingSecond } from './sliding-second.js';

/** One line of the sandbox's ledger: a request as the provider saw it. */
export interface LedgerLine {
  readonly seq: number;
  /** Arrival, ms since 1970. */
  readonly at: number;
  readonly channel: string;
  readonly to: string | null;
  /** The delivery's key; null where the request carried none. */
  readonly key: string | null;
  readonly answer: LedgerAnswer;
  readonly status: number | null;
  readonly messageId: string | null;
}

/** What both sides say of a run. */
export interface Evidence {
  readonly ledger: readonly LedgerLine[];
  readonly deliveries: readonly DeliveryDoc[];
  readonly attempts: readonly AttemptDoc[];
  /** When each worker that was given up was, ms since 1970. */
  readonly lostAt: ReadonlyMap<string, number>;
  /** The database server's clock, ms since 1970. */
  readonly now: number;
}

/** What a run had promised. */
export interface Promised {
  /** The keys of the deliveries that were acknowledged. */
  readonly acknowledged: readonly string[];
  /** Requests that any sliding second may hold at the provider. Omitted: not looked at. */
  readonly perSecond?: number;
  /** Due instant to acceptance at most, in ms (INV-7). Omitted: no budget. */
  readonly latenessMs?: number;
}

/** Reads both sides. The database's own driver and not Punctual's code reads the database. */
export async function gatherEvidence(db: Db, sandboxUrl: string): Promise<Evidence> {
  const response = await fetch(`${sandboxUrl}/_sandbox/ledger`);
  if (!response.ok) throw new Error(`the sandbox does not show its ledger: ${response.status}`);
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  const { localTime } = (await db.admin().command({ hello: 1 })) as unknown as { localTime: Date };
  const lost = await db
    .collection<{ at: Date; type: string; data: { worker: string } }>('events')
    .find({ type: 'worker.lost' })
    .toArray();
  return {
    ledger: lines.map((line) => JSON.parse(line) as LedgerLine),
    deliveries: await db.collection<DeliveryDoc>('deliveries').find().toArray(),
    attempts: await db.collection<AttemptDoc>('attempts').find().sort({ delivery: 1, number: 1 }).toArray(),
    lostAt: new Map(lost.map(({ at, data }) => [data.worker, at.getTime()])),
    now: localTime.getTime(),
  };
}

/**
 * Compares the provider's ledger with the database (INV-1 to INV-7). To be asked when nothing is under way: a request
 * whose outcome is not written yet is a disagreement.
 * @returns one sentence for each violation; empty when every promise was kept
 */
export function violationsOf(evidence: Evidence, promised: Promised): string[] {
  const linesOf = Map.groupBy(evidence.ledger, (line) => line.key ?? '');
  const attemptsOf = Map.groupBy(evidence.attempts, (attempt) => attempt.delivery.toHexString());
  const known = new Map(evidence.deliveries.map((delivery) => [delivery._id.toHexString(), delivery]));
  return [
    ...promised.acknowledged
      .filter((key) => !known.has(key))
      .map((key) => `INV-1 ${key} was acknowledged and is not in the database`),
    ...[...linesOf]
      .filter(([key]) => !known.has(key))
      .map(
        ([key, lines]) =>
          `the ledger holds ${lines.length} requests for ${key || 'no key'}, which nobody scheduled`,
      ),
    ...[...known].flatMap(([key, delivery]) => {
      const subject = { key, delivery, lines: linesOf.get(key) ?? [], attempts: attemptsOf.get(key) ?? [] };
      return CHECKS.flatMap((check) => check(subject, evidence, promised));
    }),
    ...overLimit(evidence.ledger, promised.perSecond),
  ];
}

/** A delivery with everything that both sides know of it. */
interface Subject {
  readonly key: string;
  readonly delivery: DeliveryDoc;
  /** In the order of arrival. */
  readonly lines: readonly LedgerLine[];
  /** In the order of their numbers. */
  readonly attempts: readonly AttemptDoc[];
}

type Check = (subject: Subject, evidence: Evidence, promised: Promised) => string[];

const isAccepted = ({ answer }: LedgerLine): boolean =>
  answer === 'ACCEPTED' || answer === 'RESET_AFTER_ACCEPT';
const ACCEPTED_STATES: ReadonlySet<string> = new Set(['SENT', 'DELIVERED', 'READ', 'RESPONDED']);
const WAITING_STATES: ReadonlySet<string> = new Set(['SCHEDULED', 'RETRYING']);

const CHECKS: readonly Check[] = [
  notLost,
  notTwice,
  notEarly,
  fenced,
  withinTries,
  notAfterItsEnd,
  inTime,
  sameAttempts,
  sameAcceptances,
];

function notLost({ key, delivery }: Subject, { now }: Evidence): string[] {
  const { state, readyAt } = delivery;
  if (state === 'QUEUED' || state === 'SENDING') return [`INV-1 ${key} is still ${state}`];
  return WAITING_STATES.has(state) && readyAt.getTime() <= now
    ? [`INV-1 ${key} is ${state} and waits for ${readyAt.toISOString()}, which is past`]
    : [];
}

function notTwice({ key, lines, attempts }: Subject): string[] {
  const accepted = lines.filter(isAccepted).length;
  const unknown = attempts.filter(({ outcome }) => outcome === 'UNKNOWN').length;
  return accepted > 1 + unknown
    ? [`INV-2 ${key} was accepted ${accepted} times with ${unknown} unknown outcomes`]
    : [];
}

function notEarly({ key, delivery, lines }: Subject): string[] {
  const dueAt = delivery.dueAt.getTime();
  return lines
    .filter(({ at }) => at < dueAt)
    .map(({ at, seq }) => `INV-3 ${key} arrived ${(dueAt - at).toFixed(3)} ms early (line ${seq})`);
}

function fenced({ key, delivery, attempts }: Subject, { lostAt }: Evidence): string[] {
  let last = 0;
  return attempts.flatMap(({ number, fence, worker, startedAt, endedAt }) => {
    const rises = fence > last && fence <= delivery.fence;
    last = fence;
    const lost = lostAt.get(worker);
    return [
      ...(rises ? [] : [`INV-4 ${key}: the fence of attempt ${number} is ${fence} and does not rise`]),
      // A sweeper's entry for a lost worker has no start.
      ...(lost !== undefined && startedAt !== null && endedAt.getTime() > lost
        ? [`INV-4 ${key}: ${worker} wrote attempt ${number} after it had been given up`]
        : []),
    ];
  });
}

function withinTries({ key, delivery, attempts }: Subject): string[] {
  const most = Math.max(delivery.attempts, attempts.length);
  return most > delivery.maxAttempts ? [`INV-5 ${key} had ${most} tries of ${delivery.maxAttempts}`] : [];
}

function notAfterItsEnd({ key, delivery, lines }: Subject): string[] {
  const { state, history } = delivery;
  if (state !== 'CANCELLED' && state !== 'MISSED') return [];
  const endedAt = history.findLast((entry) => entry.state === state)?.at.getTime() ?? 0;
  return lines
    .filter(({ at }) => at > endedAt)
    .map(({ seq }) => `INV-6 ${key} was ${state} and then sent (line ${seq})`);
}

function inTime({ key, delivery, lines }: Subject, _: Evidence, { latenessMs }: Promised): string[] {
  const accepted = lines.find(isAccepted);
  if (latenessMs === undefined || !accepted) return [];
  const late = accepted.at - delivery.dueAt.getTime();
  return late > latenessMs
    ? [`INV-7 ${key} was ${Math.round(late)} ms late; ${latenessMs} ms are allowed`]
    : [];
}

/** Each request belongs to an attempt, and attempts are numbered without a gap. */
function sameAttempts({ key, delivery, lines, attempts }: Subject): string[] {
  const numbers = attempts.map(({ number }) => number);
  const gap = numbers.findIndex((number, index) => number !== index + 1);
  return [
    ...(lines.length > attempts.length
      ? [`${key}: the ledger holds ${lines.length} requests, the database ${attempts.length} attempts`]
      : []),
    ...(gap >= 0 || numbers.length !== delivery.attempts
      ? [`${key} says ${delivery.attempts} attempts, and those kept are [${numbers.join(', ')}]`]
      : []),
  ];
}

/** Each acceptance is known on both sides; where ours does not know it, it says that it does not. */
function sameAcceptances({ key, delivery, lines, attempts }: Subject): string[] {
  const accepted = lines.filter(isAccepted);
  const told = new Set(accepted.map(({ messageId }) => messageId));
  const ours = new Set(attempts.map(({ messageId }) => messageId).filter((id) => id !== null));
  // An outcome that nobody knows, or that only a report told: then without the provider's id.
  const open = attempts.filter(
    ({ outcome, messageId }) => outcome === 'UNKNOWN' || (outcome === 'ACCEPTED' && messageId === null),
  );
  const unexplained = accepted.filter(({ messageId }) => messageId === null || !ours.has(messageId));
  return [
    ...(unexplained.length > open.length
      ? [
          `${key}: the provider accepted ${unexplained.map(({ messageId }) => messageId).join(', ')}, unknown to us`,
        ]
      : []),
    ...[...ours]
      .filter((id) => !told.has(id))
      .map((id) => `${key}: ${id} is in the database and not in the ledger`),
    ...(ACCEPTED_STATES.has(delivery.state) && accepted.length === 0
      ? [`${key} is ${delivery.state}, and the provider never accepted it`]
      : []),
  ];
}

function overLimit(ledger: readonly LedgerLine[], perSecond: number | undefined): string[] {
  if (perSecond === undefined) return [];
  const most = mostInSlidingSecond(ledger.map(({ at }) => at));
  return most > perSecond ? [`a sliding second held ${most} requests; ${perSecond} are allowed`] : [];
}

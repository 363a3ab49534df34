import { ObjectId } from '@mikro-orm/mongodb';
import { openDatabase } from '../../src/adapters/mongo/database.js';
import { Attempt, attemptId, type AttemptDoc } from '../../src/core/delivery/attempt.entity.js';
import { Delivery, type DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import { type Tier, TIERS } from '../../src/core/delivery/rank.js';
import type { DeliveryState } from '../../src/core/delivery/states.js';
import { Clock, CORE_ENTITIES, type Database, Run } from '../../src/core/index.js';
import type { Change } from '../../src/core/stats/changes.js';
import { Recorder } from '../../src/core/stats/recorder.js';
import { RollUp } from '../../src/core/stats/roll-up.js';
import { deliveryDoc } from '../../test/support/delivery-doc.js';

/** Whose history it is; a tenth belongs to others. */
export const OWNER = 'bench';
const OTHERS = 10;
export const QUEUE = 'content-delivery';

/** What a filled database holds. */
export interface History {
  readonly count: number;
  /** From the first to the last of what has been sent. */
  readonly from: Date;
  readonly to: Date;
  /** A run in the middle, and a delivery of OWNER's behind half of the list. */
  readonly run: ObjectId;
  readonly middle: ObjectId;
}

/** Rises when what is filled in changes, so that a folder that was kept is filled anew. */
const VERSION = 1;
const DAY_MS = 86_400_000;
const DAYS = 30;
/** Slices of a day, each written with the clock on it; the last day is cut finer. */
const SLICES = 48;
const LAST_DAY_SLICES = 288;
/** A share of the deliveries waits for a time to come. */
const SCHEDULED_SHARE = 0.035;

/** How deliveries have ended, in a thousand. */
const ENDS: readonly (readonly [DeliveryState, number])[] = [
  ['DELIVERED', 465],
  ['READ', 290],
  ['SENT', 190],
  ['RESPONDED', 20],
  ['FAILED', 15],
  ['CANCELLED', 10],
  ['DEAD_LETTERED', 5],
  ['MISSED', 5],
];
const PATHS: Readonly<Record<string, readonly DeliveryState[]>> = {
  SENT: ['QUEUED', 'SENDING', 'SENT'],
  DELIVERED: ['QUEUED', 'SENDING', 'SENT', 'DELIVERED'],
  READ: ['QUEUED', 'SENDING', 'SENT', 'DELIVERED', 'READ'],
  RESPONDED: ['QUEUED', 'SENDING', 'SENT', 'DELIVERED', 'READ', 'RESPONDED'],
  FAILED: ['QUEUED', 'SENDING', 'FAILED'],
  DEAD_LETTERED: ['QUEUED', 'SENDING', 'DEAD_LETTERED'],
  CANCELLED: ['CANCELLED'],
  MISSED: ['QUEUED', 'MISSED'],
};

/** One more than has been asked for is told of by `progress`, in whole tenths. */
type Progress = (line: string) => void;

/**
 * Fills a database with the deliveries of thirty days, or finds it filled. Deliveries and attempts are inserted in bulk as
 * the engine would have left them; events and statistics are written by the engine's own recorder, whose clock is set
 * to each half hour in turn. So every size has as many tallies as the other.
 */
export async function fillHistory(
  uri: string,
  name: string,
  count: number,
  progress: Progress,
): Promise<History> {
  const database = await openDatabase(uri, name, CORE_ENTITIES);
  try {
    const marks = database.client.db(name).collection<History & { _id: string; version: number }>('bench');
    const kept = await marks.findOne({ _id: 'history', version: VERSION, count });
    if (kept) return kept;
    await database.client.db(name).dropDatabase();
    const filled = await openDatabase(uri, name, CORE_ENTITIES);
    try {
      const history = await fill(filled, name, count, progress);
      await marks.insertOne({ _id: 'history', version: VERSION, ...history });
      return history;
    } finally {
      await filled.close();
    }
  } finally {
    await database.close();
  }
}

async function fill(database: Database, name: string, count: number, progress: Progress): Promise<History> {
  const clock = new Clock();
  const recorder = new Recorder(database, clock);
  const to = Math.floor(Date.now() / 60_000) * 60_000;
  const from = to - DAYS * DAY_MS;
  const runs = await storeRuns(database, from);
  const past = Math.round(count * (1 - SCHEDULED_SHARE));
  const instants = slices(from, to);
  let n = 0;
  let told = 0;
  let middle: ObjectId | null = null;
  for (const [i, at] of instants.entries()) {
    const until = Math.round((past * (i + 1)) / instants.length);
    clock.setOffset(at - Date.now());
    const run = runs[Math.floor((at - from) / DAY_MS)] ?? null;
    const docs = Array.from({ length: until - n }, () => pastDelivery(n++, at, run));
    await store(database, recorder, docs);
    middle =
      n >= past / 2 && middle === null ? (docs.find(({ owner }) => owner === OWNER)?._id ?? null) : middle;
    if (Math.floor((10 * n) / count) > told)
      progress(`${name}: ${10 * ++told} % of ${count} deliveries stored`);
  }
  clock.setOffset(0);
  const future = Array.from({ length: count - past }, (_, i) => scheduledDelivery(past + i, to));
  for (let i = 0; i < future.length; i += 1_000) await store(database, recorder, future.slice(i, i + 1_000));
  await new RollUp(database, new Clock()).run();
  const run = runs[DAYS / 2];
  if (!run || !middle) throw new Error('a history without a middle');
  return { count, from: new Date(from), to: new Date(to), run, middle };
}

function slices(from: number, to: number): number[] {
  const lastDay = to - DAY_MS;
  const early = Array.from({ length: (DAYS - 1) * SLICES }, (_, i) => from + (i * DAY_MS) / SLICES);
  return [
    ...early,
    ...Array.from({ length: LAST_DAY_SLICES }, (_, i) => lastDay + (i * DAY_MS) / LAST_DAY_SLICES),
  ];
}

async function storeRuns(database: Database, from: number): Promise<ObjectId[]> {
  const ids = Array.from({ length: DAYS }, (_, day) => idAt(from + day * DAY_MS));
  await database.collection(Run).insertMany(
    ids.map((_id, day) => ({
      _id,
      owner: OWNER,
      program: 'daily-content',
      type: 'wave',
      occurrence: new Date(from + day * DAY_MS).toISOString().slice(0, 10),
      status: 'COMPLETED' as const,
      startedAt: new Date(from + day * DAY_MS),
      endedAt: new Date(from + (day + 1) * DAY_MS),
      window: { from: new Date(from + day * DAY_MS), to: new Date(from + (day + 1) * DAY_MS) },
      scheduled: 0,
      skipped: 0,
      failed: 0,
      remarks: [],
      error: null,
      matched: 0,
      changed: 0,
      task: null,
      heldUntil: null,
    })),
  );
  return ids;
}

async function store(database: Database, recorder: Recorder, docs: readonly DeliveryDoc[]): Promise<void> {
  if (docs.length === 0) return;
  const attempts = docs.map(attemptOf).filter((attempt) => attempt !== null);
  await database.collection(Delivery).insertMany([...docs], { ordered: false });
  if (attempts.length > 0) await database.collection(Attempt).insertMany(attempts, { ordered: false });
  await database.transaction((session) => recorder.record(session, docs.flatMap(changesOf)));
}

function pastDelivery(n: number, at: number, run: ObjectId | null): DeliveryDoc {
  const state = endOf(n);
  const dueAt = new Date(at);
  const sent = PATHS[state]?.includes('SENDING') ?? false;
  const ofRun = n % 10 < 8;
  return deliveryDoc({
    ...common(n, at),
    state,
    program: ofRun ? 'daily-content' : null,
    run: ofRun ? run : null,
    dueAt,
    deadlineAt: new Date(at + 300_000),
    readyAt: dueAt,
    attempts: sent ? 1 : 0,
    fence: sent ? 1 : 0,
    history: [
      { state: 'SCHEDULED', at: new Date(at - 1_800_000) },
      ...(PATHS[state] ?? []).map((passed, i) => ({ state: passed, at: new Date(at + i * 40) })),
    ],
    createdAt: new Date(at - 1_800_000),
  });
}

function scheduledDelivery(n: number, from: number): DeliveryDoc {
  const at = from + 3_600_000 + (n % 100_000) * 1_000;
  return deliveryDoc({
    ...common(n, from),
    state: 'SCHEDULED',
    dueAt: new Date(at),
    deadlineAt: new Date(at + 300_000),
    history: [{ state: 'SCHEDULED', at: new Date(from) }],
    createdAt: new Date(from),
  });
}

function common(n: number, at: number): Partial<DeliveryDoc> {
  return {
    _id: idAt(at),
    owner: n % 10 === 9 ? `other-${n % (OTHERS * 10)}` : OWNER,
    queue: QUEUE,
    tier: tierOf(n),
    slot: n % 16,
    to: `+9198${String(n % 100_000_000).padStart(8, '0')}`,
    recipient: `advisor-${n % 20_000}`,
    idempotencyKey: `bench-${n}`,
    key: `client|bench-${n}`,
    content: { kind: 'TEXT', text: `Good morning, number ${n}: the market opens at nine.` },
  };
}

let made = 0;

/** An id of that time: lists are in the order of ids. */
function idAt(ms: number): ObjectId {
  const seconds = Math.floor(ms / 1_000)
    .toString(16)
    .padStart(8, '0');
  return new ObjectId(`${seconds}be7c4be7c4${(made++ % 2 ** 24).toString(16).padStart(6, '0')}`);
}

function tierOf(n: number): Tier {
  return TIERS[n % TIERS.length] ?? 'STANDARD';
}

/** Spread so that like ones do not follow one another. */
function endOf(n: number): DeliveryState {
  let place = (n * 379) % 1_000;
  for (const [state, share] of ENDS) {
    if (place < share) return state;
    place -= share;
  }
  return 'SENT';
}

/** Mostly some ms, as with the engine; one in a hundred is late. */
function lateOf(n: number): number {
  if (n % 100 === 0) return 400_000;
  return n % 10 === 0 ? 20 + ((n * 7) % 900) : 20 + ((n * 7) % 40);
}

function attemptOf(doc: DeliveryDoc): AttemptDoc | null {
  if (doc.attempts === 0) return null;
  const n = Number(doc.idempotencyKey?.slice('bench-'.length));
  const accepted = doc.state !== 'FAILED' && doc.state !== 'DEAD_LETTERED';
  return {
    _id: attemptId(doc._id, 1),
    delivery: doc._id,
    number: 1,
    fence: 1,
    channel: doc.channel,
    provider: 'whatsapp-cloud',
    worker: 'bench',
    outcome: accepted ? 'ACCEPTED' : 'REFUSED',
    startedAt: doc.dueAt,
    endedAt: new Date(doc.dueAt.getTime() + 20),
    latenessMs: accepted ? lateOf(n) : null,
    waited: null,
    messageId: accepted ? `wamid.bench-${n}` : null,
    errorClass: accepted ? null : 'PERMANENT',
    errorCode: accepted ? null : '131026',
    errorMessage: accepted ? null : 'the message cannot be delivered',
  };
}

/** The moves that led there. */
function changesOf(delivery: DeliveryDoc): Change[] {
  const path = delivery.state === 'SCHEDULED' ? [] : (PATHS[delivery.state] ?? []);
  const n = Number(delivery.idempotencyKey?.slice('bench-'.length));
  let from: DeliveryState = 'SCHEDULED';
  return [
    { delivery, from: null, to: 'SCHEDULED' },
    ...path.map((to): Change => {
      const ended = from === 'SENDING' ? { providerMs: 20 + (n % 60) } : {};
      const change: Change = {
        delivery,
        from,
        to,
        ...ended,
        ...(to === 'SENT' ? { latenessMs: lateOf(n), lost: { WAKE: lateOf(n) } } : {}),
      };
      from = to;
      return change;
    }),
  ];
}

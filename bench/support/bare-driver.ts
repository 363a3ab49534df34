import type { Collection, Db, MongoClient, ObjectId } from 'mongodb';
import type { AttemptDoc } from '../../src/core/delivery/attempt.entity.js';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import { lanePlace, NOWHERE } from '../../src/core/delivery/place.js';
import type { EventDoc } from '../../src/core/events/event.entity.js';
import { bucketOf } from '../../src/core/stats/histogram.js';
import type { TallyDoc } from '../../src/core/stats/tally.entity.js';
import { ObjectId as Id } from 'mongodb';
import { OWNER, QUEUE, TARGET_LATENESS_MS } from './work.js';

const BATCH = 500;
const WORKER = 'bare';
const CHANNEL = 'WHATSAPP';

export interface BareVariant {
  readonly transactions: boolean;
  readonly claimers: 'find' | 'cursor';
  readonly writers: number;
  readonly ahead: number;
}

export async function drainBare(client: MongoClient, name: string, v: BareVariant): Promise<number> {
  const db = client.db(name);
  const claims = new Step(client, db, v.transactions, 0);
  const writers = Array.from({ length: v.writers }, (_, i) => new Step(client, db, v.transactions, i + 1));
  const deliveries = db.collection<DeliveryDoc>('deliveries');
  const attempts = db.collection<AttemptDoc>('attempts');
  const started = performance.now();
  const busy: Promise<void>[] = writers.map(() => Promise.resolve());
  const query = { place: lanePlace(QUEUE.name, CHANNEL), state: 'QUEUED' as const };
  const cursor = deliveries.find(query, { hint: 'work', batchSize: BATCH }).sort({ order: 1 });
  let turn = 0;
  for (;;) {
    let batch: DeliveryDoc[] = [];
    if (v.claimers === 'cursor') {
      if (await cursor.hasNext()) batch = cursor.readBufferedDocuments(BATCH) as DeliveryDoc[];
    } else batch = (await deliveries.find(query, { hint: 'work' }).sort({ order: 1 }).limit(BATCH).toArray()) as DeliveryDoc[];
    if (batch.length === 0) break;
    const ids = batch.map((d) => d._id);
    await claims.run(async (session) => {
      const at = new Date();
      const first = deliveries.updateMany(
        { _id: { $in: ids }, state: 'QUEUED' },
        { $set: { state: 'SENDING', worker: WORKER }, $inc: { fence: 1, attempts: 1 }, $push: { history: { state: 'SENDING', at, by: WORKER } } as never },
        session,
      );
      const check = first.then((r) => { if (r.matchedCount !== ids.length) throw new Error('not all claimed'); });
      if (v.transactions) await check;
      const event = claims.event('delivery.sending', at, ids, session);
      if (v.transactions) await event;
      await Promise.all([check, event, claims.tally(at, { 'counts.QUEUED': -ids.length, 'counts.SENDING': ids.length }, { 'moved.SENDING': ids.length }, {}, session)]);
    });
    const slot = turn++ % v.writers;
    const writer = writers[slot]!;
    await busy[slot];
    busy[slot] = outcome(v, writer, deliveries, attempts, batch);
  }
  await Promise.all(busy);
  return performance.now() - started;
}

async function outcome(v: BareVariant, step: Step, deliveries: Collection<DeliveryDoc>, attempts: Collection<AttemptDoc>, batch: DeliveryDoc[]): Promise<void> {
  const flow: Record<string, number> = {};
  let sum = 0, most = 0;
  const add = (k: string, n: number) => (flow[k] = (flow[k] ?? 0) + n);
  const docs = batch.map((d): AttemptDoc => {
    const now = new Date();
    const latenessMs = now.getTime() - d.dueAt.getTime();
    add(`lateness.${bucketOf(latenessMs)}`, 1);
    add('provider.0', 1);
    if (latenessMs <= TARGET_LATENESS_MS) add('onTime', 1);
    sum += latenessMs;
    most = Math.max(most, latenessMs);
    const key = d._id.toHexString();
    return {
      _id: `${key}-${d.attempts + 1}`, delivery: d._id, number: d.attempts + 1, fence: d.fence + 1, channel: d.channel, provider: 'instant', worker: WORKER,
      outcome: 'ACCEPTED', startedAt: now, endedAt: now, latenessMs, messageId: `instant-${key}-${d.attempts + 1}`, errorClass: null, errorCode: null, errorMessage: null,
    };
  });
  const ids = batch.map((d) => d._id);
  const n = ids.length;
  await step.run(async (session) => {
    const at = new Date();
    const first = deliveries.updateMany(
      { _id: { $in: ids }, state: 'SENDING', worker: WORKER, fence: 1, receipts: null },
      { $set: { state: 'SENT', ...NOWHERE, worker: null, lastError: null }, $push: { history: { state: 'SENT', at } } as never },
      session,
    );
    const check = first.then((r) => { if (r.matchedCount !== n) throw new Error('not all held'); });
    if (v.transactions) await check;
    const second = attempts.insertMany(docs, { ...session, ordered: false });
    if (v.transactions) await second;
    const event = step.event('delivery.sent', at, ids, session);
    if (v.transactions) await event;
    await Promise.all([check, second, event, step.tally(at, { 'counts.SENDING': -n, 'counts.SENT': n }, { 'moved.SENT': n, ...flow, latenessSum: sum, providerSum: n * 0.01 }, { latenessMax: most, providerMax: 0.1 }, session)]);
  });
}

type In = { session?: import('mongodb').ClientSession };
class Step {
  constructor(private client: MongoClient, private db: Db, private transactions: boolean, private shard: number) {}
  async run(work: (session: In) => Promise<void>): Promise<void> {
    if (!this.transactions) return work({});
    const session = this.client.startSession();
    try {
      await session.withTransaction(() => work({ session }), { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } });
    } finally { await session.endSession(); }
  }
  event(type: string, at: Date, deliveries: ObjectId[], session: In) {
    return this.db.collection<EventDoc>('events').insertOne({ _id: new Id(), type: type as EventDoc['type'], at, writtenAt: new Date(), owner: OWNER, queue: QUEUE.name, channel: CHANNEL, program: null, run: null, deliveries, reason: null, data: null }, session);
  }
  tally(at: Date, counts: Record<string, number>, flow: Record<string, number>, max: Record<string, number>, session: In) {
    const minute = new Date(Math.floor(at.getTime() / 60000) * 60000);
    const ops = [OWNER, '*'].flatMap((owner) => [
      this.one('NOW', owner, null, counts, {}),
      this.one('MINUTE', owner, minute, { ...counts, ...flow }, max),
    ]);
    return this.db.collection<TallyDoc>('tallies').bulkWrite(ops, { ...session, ordered: false });
  }
  one(kind: 'NOW' | 'MINUTE', owner: string, at: Date | null, inc: Record<string, number>, max: Record<string, number>) {
    const _id = `${kind}|${at?.getTime() ?? ''}|${owner}|${QUEUE.name}|${CHANNEL}|STANDARD||${this.shard}`;
    const update = { $setOnInsert: { kind, owner, at, run: null, queue: QUEUE.name, channel: CHANNEL, tier: 'STANDARD', program: null }, $inc: inc, ...(Object.keys(max).length ? { $max: max } : {}) };
    return { updateOne: { filter: { _id }, update: update as never, upsert: true } };
  }
}

import { ObjectId } from '@mikro-orm/mongodb';
import type { AnyBulkWriteOperation, ClientSession, Collection } from 'mongodb';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Attempt, type AttemptDoc } from '../delivery/attempt.entity.js';
import { Delivery, type DeliveryDoc, isErased, type Receipts } from '../delivery/delivery.entity.js';
import { placeIn } from '../delivery/place.js';
import type { DeliveryState } from '../delivery/states.js';
import { type Change, isJudged } from '../stats/changes.js';
import type { Recorder } from '../stats/recorder.js';
import { acceptedAt, addReport, advance, type Report } from './receipt-state.js';
import { OUTCOME_UNKNOWN } from './verdict.js';

const KEY = /^[0-9a-f]{24}$/;
/** Reports in one transaction. */
const BATCH = 500;

/**
 * The move `receive`: what providers report is kept with the delivery, and moves it forward. A report for a delivery that
 * is still SENDING waits with it until the outcome is written; one for an attempt of unknown outcome settles it.
 */
export class ReceiptBook {
  readonly #deliveries: Collection<DeliveryDoc>;
  readonly #attempts: Collection<AttemptDoc>;
  #pending: {
    readonly report: Report;
    readonly done: (known: boolean) => void;
    readonly failed: (e: unknown) => void;
  }[] = [];
  #writing: Promise<void> | null = null;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly recorder: Recorder,
  ) {
    this.#deliveries = database.collection(Delivery);
    this.#attempts = database.collection(Attempt);
  }

  /** Applies reports, each once and in any order; resolves when they are stored. Concurrent calls share transactions. */
  async apply(reports: readonly Report[]): Promise<{ applied: number; unknown: number }> {
    const results = reports.map((reported) => {
      // Providers go by real time, deliveries by engine time.
      const report = { ...reported, at: new Date(Math.floor(this.clock.toEngine(reported.at.getTime()))) };
      return new Promise<boolean>((done, failed) => this.#pending.push({ report, done, failed }));
    });
    this.#writing ??= this.#drain();
    const known = (await Promise.all(results)).filter(Boolean).length;
    return { applied: known, unknown: reports.length - known };
  }

  async #drain(): Promise<void> {
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0, BATCH);
      try {
        const known = await this.#write(batch.map((p) => p.report));
        for (const p of batch) p.done(known.has(p.report));
      } catch (error) {
        for (const p of batch) p.failed(error);
      }
    }
    this.#writing = null;
  }

  async #write(reports: readonly Report[]): Promise<Set<Report>> {
    const byDelivery = await this.#resolve(reports);
    const known = new Set<Report>();
    if (byDelivery.size === 0) return known;
    await this.database.transaction(async (session) => {
      known.clear();
      const ids = [...byDelivery.keys()].map((hex) => new ObjectId(hex));
      const found = await this.#deliveries.find({ _id: { $in: ids } }, { session }).toArray();
      const writes: AnyBulkWriteOperation<DeliveryDoc>[] = [];
      const changes: Change[] = [];
      for (const doc of found) {
        const own = byDelivery.get(doc._id.toHexString()) ?? [];
        for (const report of own) known.add(report);
        this.#receive(doc, own, writes, changes);
      }
      await this.#commit(session, writes, changes);
    });
    return known;
  }

  #receive(
    doc: DeliveryDoc,
    reports: readonly Report[],
    writes: AnyBulkWriteOperation<DeliveryDoc>[],
    changes: Change[],
  ): void {
    const before: Receipts = doc.receipts ?? {};
    const told = isErased(doc) ? reports.map(withoutWords) : reports;
    const receipts = told.reduce(addReport, before);
    const { state, latenessMs } = settle(doc, receipts);
    if (receipts === before && state === doc.state) return;
    const moved = state !== doc.state;
    const entry = { state, at: this.clock.date(), reason: 'REPORTED' };
    const set = { receipts, ...(moved ? { state, worker: null, ...placeIn(state, doc) } : {}) };
    const update = { $set: set, ...(moved ? { $push: { history: entry } } : {}) } as never;
    writes.push({ updateOne: { filter: { _id: doc._id, state: doc.state, fence: doc.fence }, update } });
    if (moved) {
      const late = latenessMs === undefined ? {} : { latenessMs, isJudged: isJudged(doc) };
      changes.push({ delivery: doc, from: doc.state, to: state, reason: 'REPORTED', ...late });
    }
  }

  async #commit(
    session: ClientSession,
    writes: AnyBulkWriteOperation<DeliveryDoc>[],
    changes: readonly Change[],
  ): Promise<void> {
    if (writes.length > 0) await this.#deliveries.bulkWrite(writes, { session, ordered: false });
    await this.recorder.record(session, changes);
  }

  /** The delivery of each report: by our key, else by the provider's id for the message. */
  async #resolve(reports: readonly Report[]): Promise<Map<string, Report[]>> {
    const nameless = reports
      .filter((r) => !isKey(r.key) && r.messageId !== null)
      .map((r) => r.messageId ?? '');
    const attempts =
      nameless.length === 0
        ? []
        : await this.#attempts
            .find<Pick<AttemptDoc, 'delivery' | 'messageId'>>(
              { messageId: { $in: nameless } },
              { projection: { delivery: 1, messageId: 1 } },
            )
            .toArray();
    const byMessage = new Map(attempts.map((a) => [a.messageId, a.delivery.toHexString()]));
    const resolved = new Map<string, Report[]>();
    for (const report of reports) {
      const id = isKey(report.key) ? report.key : byMessage.get(report.messageId);
      if (id === undefined) continue;
      const own = resolved.get(id);
      if (own) own.push(report);
      else resolved.set(id, [report]);
    }
    return resolved;
  }
}

/** What comes in about an erased recipient still counts, but its words are not kept (SEC-7). */
function withoutWords({ detail: _, ...report }: Report): Report {
  return { ...report, messageId: null };
}

function isKey(key: string | null): key is string {
  return key !== null && KEY.test(key);
}

/** Where reports leave a delivery, and how late it was if they are what settles it. */
function settle(doc: DeliveryDoc, receipts: Receipts): { state: DeliveryState; latenessMs?: number } {
  switch (doc.state) {
    case 'SENT':
    case 'DELIVERED':
    case 'READ':
    case 'RESPONDED':
      return { state: advance(doc.state, receipts) };
    case 'FAILED':
      // Only where a report had said so. What the provider answered to the request itself stands: it has an error.
      return { state: isUnsettled(doc) || !doc.lastError ? advance(doc.state, receipts) : doc.state };
    case 'QUEUED':
    case 'RETRYING':
    case 'DEAD_LETTERED': {
      const accepted = acceptedAt(receipts);
      if (!isUnsettled(doc) || !accepted) return { state: doc.state };
      return {
        state: advance('SENT', receipts),
        latenessMs: Math.max(0, accepted.getTime() - doc.dueAt.getTime()),
      };
    }
    default:
      return { state: doc.state };
  }
}

/** True where nobody knew whether the provider had taken the last attempt's message. */
function isUnsettled({ lastError }: DeliveryDoc): boolean {
  return lastError?.code === OUTCOME_UNKNOWN;
}

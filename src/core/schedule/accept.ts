import { randomInt } from 'node:crypto';
import { ObjectId } from '@mikro-orm/mongodb';
import type { ClientSession, Collection } from 'mongodb';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Delivery, type DeliveryDoc } from '../delivery/delivery.entity.js';
import { whyNotNew } from '../delivery/check.js';
import { fingerprintOf, type ItemResult, type NewDelivery, uniqueKeyOf } from '../delivery/new-delivery.js';
import { placeIn } from '../delivery/place.js';
import { rankOf } from '../delivery/rank.js';
import { RETRY_POLICIES } from '../delivery/retry-policy.js';
import type { SlaPolicies } from '../delivery/sla-policy.js';
import { isDuplicateKey, PunctualError } from '../errors.js';
import type { Recorder } from '../stats/recorder.js';
import type { Alarms } from './alarms.js';
import type { Ringer } from './ring.js';

/** Documents in one transaction. */
const BATCH = 1_000;
/** Shares of the work that workers divide among themselves. */
export const SLOTS = 16;
/** Times that a batch is written anew after another process has taken one of its keys meanwhile. */
const RACES = 5;

interface Pending {
  readonly doc: DeliveryDoc;
  /** Set when only a delivery that exists already under the key will do. */
  readonly notNew: PunctualError | null;
  readonly done: (result: ItemResult) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * The move `accept`: stores deliveries and sets their alarms. Concurrent calls share transactions (group commit): what
 * arrives while one is being written goes into the next, so that a thousand callers cost a few round trips.
 */
export class Intake {
  readonly #deliveries: Collection<DeliveryDoc>;
  #pending: Pending[] = [];
  #writing: Promise<void> | null = null;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly policies: SlaPolicies,
    private readonly alarms: Alarms,
    private readonly ringer: Ringer,
    private readonly recorder: Recorder,
  ) {
    this.#deliveries = database.collection(Delivery);
  }

  /** Stores checked items; resolves when they are in MongoDB by majority and their alarms are set. */
  accept(owner: string, items: readonly NewDelivery[]): Promise<ItemResult[]> {
    const results = items.map(
      (item) =>
        new Promise<ItemResult>((done, failed) => {
          const doc = this.#document(owner, item);
          const notNew = whyNotNew(item, doc.createdAt.getTime());
          this.#pending.push({ doc, notNew, done, failed });
        }),
    );
    this.#writing ??= this.#drain();
    return Promise.all(results);
  }

  async #drain(): Promise<void> {
    // Callers of the same tick go into the first batch together.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0, BATCH);
      try {
        const results = await this.#write(batch);
        batch.forEach((p, i) => {
          const result = results[i];
          if (result) p.done(result);
        });
      } catch (error) {
        for (const p of batch) p.failed(error);
      }
    }
    this.#writing = null;
  }

  async #write(batch: readonly Pending[]): Promise<ItemResult[]> {
    // Alarms first: one that finds nothing is harmless, a delivery without one waits for the sweeper.
    const scheduled = Map.groupBy(
      batch.map((p) => p.doc).filter((doc) => doc.state === 'SCHEDULED'),
      (doc) => doc.queue,
    );
    const instants = [...scheduled].map(([queue, own]) => ({
      queue,
      readyAts: own.map((doc) => doc.readyAt.getTime()),
    }));
    for (const { queue, readyAts } of instants) await this.alarms.setFor(queue, readyAts);
    const results = await this.#writeUnraced(batch);
    for (const { queue, readyAts } of instants) await this.ringer.ringIfSoon(queue, readyAts);
    return results;
  }

  async #writeUnraced(batch: readonly Pending[]): Promise<ItemResult[]> {
    for (let race = 1; ; race++) {
      try {
        return await this.database.transaction((session) => this.#writeOnce(session, batch));
      } catch (error) {
        if (!isDuplicateKey(error) || race === RACES) throw error;
      }
    }
  }

  async #writeOnce(session: ClientSession, batch: readonly Pending[]): Promise<ItemResult[]> {
    const known = await this.#known(
      session,
      batch.map((p) => p.doc),
    );
    const fresh: DeliveryDoc[] = [];
    const results = batch.map(({ doc, notNew }): ItemResult => {
      const key = `${doc.owner}|${doc.key ?? ''}`;
      const first = doc.key === null ? undefined : known.get(key);
      if (first) return repetition(first, doc);
      if (notNew) return { ok: false, error: notNew };
      known.set(key, doc);
      fresh.push(doc);
      return { ok: true, delivery: doc, created: true };
    });
    if (fresh.length > 0) {
      await this.#deliveries.insertMany(fresh, { session });
      await this.recorder.record(
        session,
        fresh.map((delivery) => ({ delivery, from: null, to: delivery.state })),
      );
    }
    return results;
  }

  /** The deliveries that already exist under one of the keys of `docs`, by owner and key. */
  async #known(session: ClientSession, docs: readonly DeliveryDoc[]): Promise<Map<string, DeliveryDoc>> {
    const known = new Map<string, DeliveryDoc>();
    for (const query of lookups(docs)) {
      for await (const doc of this.#deliveries.find(query, { session })) {
        known.set(`${doc.owner}|${doc.key ?? ''}`, doc);
      }
    }
    return known;
  }

  #document(owner: string, item: NewDelivery): DeliveryDoc {
    const now = this.clock.date();
    const dueAt = item.dueAt ?? now;
    const tier = item.tier ?? 'STANDARD';
    const priority = item.priority ?? 'MEDIUM';
    const retry = RETRY_POLICIES[item.retryPolicy ?? 'content'];
    const program = item.program ?? null;
    const state = this.alarms.isSoon(dueAt.getTime()) ? 'QUEUED' : 'SCHEDULED';
    const rank = rankOf(dueAt.getTime(), tier, priority);
    const _id = new ObjectId();
    const place = placeIn(state, { ...item, _id, owner, readyAt: dueAt, rank });
    return {
      _id,
      owner,
      queue: item.queue,
      channel: item.channel,
      program,
      run: item.run ?? null,
      subject: item.subject ?? null,
      period: item.period ?? null,
      idempotencyKey: item.idempotencyKey ?? null,
      key: uniqueKeyOf(item),
      fingerprint: fingerprintOf(item),
      recipient: item.recipient ?? null,
      to: item.to,
      tier,
      priority,
      rank,
      slot: randomInt(SLOTS),
      content: item.content,
      fallback: item.fallback ?? [],
      state,
      ...place,
      dueAt,
      deadlineAt: this.policies.deadline(dueAt, { queue: item.queue, program, tier }),
      readyAt: dueAt,
      expiresAt: item.expiresAt ?? null,
      timezone: item.timezone ?? 'UTC',
      attempts: 0,
      maxAttempts: retry.attempts,
      retry,
      fence: 0,
      worker: null,
      history: [{ state, at: now }],
      receipts: null,
      lastError: null,
      metadata: item.metadata ?? null,
      createdAt: now,
    };
  }
}

/** One query for each owner: an index range. */
function lookups(docs: readonly DeliveryDoc[]): { owner: string; key: { $in: string[] } }[] {
  const keyed = Map.groupBy(
    docs.filter((doc) => doc.key !== null),
    (doc) => doc.owner,
  );
  return [...keyed].map(([owner, own]) => ({ owner, key: { $in: own.map((doc) => doc.key ?? '') } }));
}

/** A key that was used before: the same request gets the first delivery, a different one is a conflict (CORE-3). */
function repetition(first: DeliveryDoc, again: DeliveryDoc): ItemResult {
  const sameKey = first.idempotencyKey !== null && first.idempotencyKey === again.idempotencyKey;
  if (sameKey && first.fingerprint !== again.fingerprint) {
    return {
      ok: false,
      error: new PunctualError(
        'IDEMPOTENCY_CONFLICT',
        'this idempotency key was used before for a different delivery',
        {
          path: 'idempotencyKey',
        },
      ),
    };
  }
  return { ok: true, delivery: first, created: false };
}

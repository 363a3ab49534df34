import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { mongoIndex } from '../mongo-index.js';
import type { VitalSigns } from '../vitals.js';
import type { TokenSource } from './rate-limiter.js';

/** ALIVE renews its lease. LOST was given up, and what it holds is taken back. STOPPED left in order. */
export type WorkerStatus = 'ALIVE' | 'LOST' | 'STOPPED';

/** What a worker says of itself with each heartbeat, so that any process can tell how all of them do. */
export interface WorkerReport extends VitalSigns {
  /** Attempts under way. */
  readonly inFlight: number;
  /** Attempts that may be under way at once. */
  readonly concurrency: number;
  /** Where its send tokens come from. */
  readonly tokens: TokenSource;
  /** MEMORY because it was configured so (REDIS_URL=none), and not because Redis is away. */
  readonly memoryOnPurpose: boolean;
}

/** One life of a worker process. Its lease is this document: deliveries name the worker, and live by its lease. */
export const Worker = defineEntity({
  name: 'Worker',
  collection: 'workers',
  properties: {
    /** A new id for each life, so that nothing that an earlier life holds is taken for this one's. */
    _id: p.string().primary(),
    host: p.string(),
    pid: p.integer(),
    status: p.string().$type<WorkerStatus>(),
    startedAt: p.datetime(),
    /** The database server's clock at the last heartbeat. */
    seenAt: p.datetime(),
    report: p.json().$type<WorkerReport>(),
  },
  indexes: [
    mongoIndex('status', { status: 1, seenAt: 1 }),
    mongoIndex(
      'forget',
      { seenAt: 1 },
      { expireAfterSeconds: 24 * 3600, partialFilterExpression: { status: 'STOPPED' } },
    ),
  ],
});

/** A worker as it stands in the database. */
export type WorkerDoc = InferEntity<typeof Worker>;

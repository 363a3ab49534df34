import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ObjectId } from '@mikro-orm/mongodb';
import type { ChannelName, Content } from '../channel/channel.js';
import type { Priority, Tier } from './rank.js';
import type { RetryPolicy } from './retry-policy.js';
import type { DeliveryState } from './states.js';

/** One entry of a delivery's own history: each move, when, and why (CORE-2). */
export interface HistoryEntry {
  readonly state: DeliveryState;
  readonly at: Date;
  /** A word from the lifecycle, or the error's code; absent where the state says it all. */
  readonly reason?: string;
  /** The worker or the user that did it, where it matters. */
  readonly by?: string;
}

/** Another way to reach the same person, taken when the first is broken or refuses them (CORE-27). */
export interface Route {
  readonly channel: ChannelName;
  readonly to: string;
  readonly content: Content;
}

/** What the provider reported after it had accepted the message (CORE-46). Kept apart from the state, so that reports may come in any order, even before our own outcome is written. */
export interface Receipts {
  readonly sentAt?: Date;
  readonly deliveredAt?: Date;
  readonly readAt?: Date;
  readonly respondedAt?: Date;
  readonly failedAt?: Date;
  readonly failure?: string;
  readonly response?: string;
}

/** One message or call to one recipient, through one channel, due at one instant. */
export const Delivery = defineEntity({
  name: 'Delivery',
  collection: 'deliveries',
  properties: {
    _id: p.type(ObjectId).primary(),
    /** The user on whose behalf it is sent; every query of a caller holds it (CORE-5). */
    owner: p.string(),
    queue: p.string(),
    channel: p.string().$type<ChannelName>(),
    program: p.string().strictNullable(),
    run: p.type(ObjectId).strictNullable(),
    /** With program and period: the same subject is served once a period (CORE-3). */
    subject: p.string().strictNullable(),
    period: p.string().strictNullable(),
    idempotencyKey: p.string().strictNullable(),
    /** Hash of what the caller asked for, to tell a repetition from a conflict. */
    fingerprint: p.string(),
    recipient: p.string().strictNullable(),
    to: p.string(),
    tier: p.string().$type<Tier>(),
    priority: p.string().$type<Priority>(),
    /** Sort key among what is due: `rankOf`. */
    rank: p.double().$type<number>(),
    /** 0 to 15, by chance: workers share out the claims by it, so that they do not race. */
    slot: p.integer(),
    content: p.json().$type<Content>(),
    /** Further ways, in order, not yet taken. */
    fallback: p.json().$type<readonly Route[]>(),
    state: p.string().$type<DeliveryState>(),
    /** The instant that was promised: lateness counts from here. */
    dueAt: p.datetime(),
    /** The next instant at which something is to be done: dueAt at first, then a retry, the end of a limit. */
    readyAt: p.datetime(),
    /** Past this it is MISSED and never sent (CORE-14). */
    expiresAt: p.datetime().strictNullable(),
    timezone: p.string(),
    /** Tries begun, counted at the claim, so that a crash cannot hide one (INV-5). */
    attempts: p.integer(),
    maxAttempts: p.integer(),
    retry: p.json().$type<RetryPolicy>(),
    /** Rises with each claim; a worker's writes hold the number it got (INV-4). */
    fence: p.integer(),
    /** The worker that has claimed it; null when no one has. */
    worker: p.string().strictNullable(),
    history: p.json().$type<readonly HistoryEntry[]>(),
    receipts: p.json().$type<Receipts>().strictNullable(),
    /** The last attempt's error; null before and after success. */
    lastError: p.json().$type<{ readonly code: string; readonly message: string }>().strictNullable(),
    metadata: p.json().$type<Record<string, unknown>>().strictNullable(),
    createdAt: p.datetime(),
  },
  indexes: [
    // The claim: what is due in a lane, best rank first. Only QUEUED ones are in it.
    {
      name: 'claim',
      options: [
        { queue: 1, channel: 1, rank: 1, slot: 1 },
        { partialFilterExpression: { state: 'QUEUED' } },
      ],
    },
    // The alarm and the sweeper: what waits for an instant that has come.
    {
      name: 'ring',
      options: [
        { queue: 1, readyAt: 1 },
        { partialFilterExpression: { state: { $in: ['SCHEDULED', 'RETRYING'] } } },
      ],
    },
    // The sweeper: what a dead worker holds.
    { name: 'held', options: [{ worker: 1 }, { partialFilterExpression: { state: 'SENDING' } }] },
    // The sweeper: what is past its time.
    {
      name: 'expiry',
      options: [
        { expiresAt: 1 },
        { partialFilterExpression: { expiresAt: { $type: 'date' }, state: { $in: ['SCHEDULED', 'QUEUED', 'RETRYING'] } } },
      ],
    },
    // Lists, newest first, for one owner; keyset pages continue at (createdAt, _id).
    { name: 'owner_newest', options: [{ owner: 1, _id: -1 }, {}] },
    { name: 'run', options: [{ run: 1, _id: 1 }, { partialFilterExpression: { run: { $type: 'objectId' } } }] },
    // Dead letters and failures of an owner (CORE-26).
    {
      name: 'failed',
      options: [
        { owner: 1, _id: -1, queue: 1 },
        { partialFilterExpression: { state: { $in: ['FAILED', 'DEAD_LETTERED'] } } },
      ],
    },
    {
      name: 'idempotency',
      options: [
        { owner: 1, idempotencyKey: 1 },
        { unique: true, partialFilterExpression: { idempotencyKey: { $type: 'string' } } },
      ],
    },
    {
      name: 'subject_period',
      options: [
        { owner: 1, program: 1, subject: 1, period: 1 },
        { unique: true, partialFilterExpression: { subject: { $type: 'string' } } },
      ],
    },
  ],
});

/** A delivery as it stands in the database. */
export type DeliveryDoc = InferEntity<typeof Delivery>;

import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ObjectId } from '@mikro-orm/mongodb';
import type { ChannelName, Content } from '../channel/channel.js';
import type { Priority, Tier } from './rank.js';
import type { RetryPolicy } from './retry-policy.js';
import type { DeliveryState } from './states.js';
import { mongoIndex } from '../mongo-index.js';

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
  /** The provider's id of the message, where a report names it: replies may name nothing else. */
  readonly messageId?: string;
  readonly sentAt?: Date;
  readonly deliveredAt?: Date;
  readonly readAt?: Date;
  readonly respondedAt?: Date;
  readonly failedAt?: Date;
  readonly failure?: string;
  readonly response?: string;
}

/** Smaller than any id. A partial index over ids is used for a query only if the filter compares, not by $type. */
const NO_ID = new ObjectId('000000000000000000000000');

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
    /** What the program serves with it, as an advisor's id, and the period that it serves it for, as a date. */
    subject: p.string().strictNullable(),
    period: p.string().strictNullable(),
    idempotencyKey: p.string().strictNullable(),
    /** What makes it the only one of its kind for its owner: `uniqueKeyOf`. */
    key: p.string().strictNullable(),
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
    /** Where it waits, and its order there: `placeIn`. */
    place: p.string().strictNullable(),
    order: p.double().$type<number>(),
    /** The instant that was promised: lateness counts from here. */
    dueAt: p.datetime(),
    /** Not accepted by then, it counts as bad (CORE-41): dueAt and the target lateness of its SLA policy. */
    deadlineAt: p.datetime(),
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
    // Everything that is to be worked on: see place.ts. (Filters are comparisons: MongoDB cannot tell that an equality
    // implies a $type, and would not use the index.)
    mongoIndex('work', { place: 1, order: 1, slot: 1 }, { partialFilterExpression: { place: { $gt: '' } } }),
    // Lists, newest first, for one owner; keyset pages continue at (createdAt, _id).
    mongoIndex('owner_newest', { owner: 1, _id: -1 }),
    mongoIndex('run', { run: 1, _id: 1 }, { partialFilterExpression: { run: { $gt: NO_ID } } }),
    mongoIndex('key', { owner: 1, key: 1 }, { unique: true, partialFilterExpression: { key: { $gt: '' } } }),
  ],
});

/** A delivery as it stands in the database. */
export type DeliveryDoc = InferEntity<typeof Delivery>;

/** What stands in place of what was personal, once the recipient is erased (SEC-7). */
export const ERASED_DELIVERY = {
  to: '',
  recipient: null,
  content: { kind: 'TEXT', text: '' },
  fallback: [],
  metadata: null,
} as const satisfies Partial<DeliveryDoc>;

/** No delivery has an empty address but one whose recipient was erased. */
export function isErased({ to }: Pick<DeliveryDoc, 'to'>): boolean {
  return to === ERASED_DELIVERY.to;
}

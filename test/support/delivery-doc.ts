import { ObjectId } from '@mikro-orm/mongodb';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import { placeIn } from '../../src/core/delivery/place.js';
import { rankOf } from '../../src/core/delivery/rank.js';
import { RETRY_POLICIES } from '../../src/core/delivery/retry-policy.js';

/** A delivery as it would stand in the database: QUEUED and due now, but for what the test names. */
export function deliveryDoc(own: Partial<DeliveryDoc> = {}): DeliveryDoc {
  const now = new Date();
  const dueAt = own.dueAt ?? now;
  const retry = own.retry ?? RETRY_POLICIES.content;
  const doc: DeliveryDoc = {
    _id: new ObjectId(),
    owner: 'owner',
    queue: 'q',
    channel: 'WHATSAPP',
    program: null,
    run: null,
    subject: null,
    period: null,
    idempotencyKey: null,
    key: null,
    fingerprint: '',
    recipient: null,
    to: '+12025550101',
    tier: 'STANDARD',
    priority: 'MEDIUM',
    rank: 0,
    slot: 0,
    content: { kind: 'TEXT', text: 'hello' },
    fallback: [],
    state: 'QUEUED',
    place: null,
    order: 0,
    dueAt,
    deadlineAt: new Date(dueAt.getTime() + 60_000),
    readyAt: own.readyAt ?? dueAt,
    expiresAt: null,
    timezone: 'UTC',
    attempts: 0,
    maxAttempts: retry.attempts,
    retry,
    fence: 0,
    worker: null,
    history: [],
    receipts: null,
    lastError: null,
    metadata: null,
    createdAt: now,
    ...own,
  };
  const rank = own.rank ?? rankOf(dueAt.getTime(), doc.tier, doc.priority);
  return { ...doc, rank, ...placeIn(doc.state, { ...doc, rank }) };
}

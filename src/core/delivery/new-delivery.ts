import { createHash } from 'node:crypto';
import type { ObjectId } from '@mikro-orm/mongodb';
import type { ChannelName, Content } from '../channel/channel.js';
import type { PunctualError } from '../errors.js';
import type { DeliveryDoc, Route } from './delivery.entity.js';
import type { Priority, Tier } from './rank.js';
import type { RETRY_POLICIES } from './retry-policy.js';

/** What a caller or a program asks for. */
export interface NewDelivery {
  readonly queue: string;
  readonly channel: ChannelName;
  /** An address in any form that the channel understands. */
  readonly to: string;
  readonly content: Content;
  /** Null: at once. */
  readonly dueAt: Date | null;
  /** The time as the caller wrote it, by which a repetition is known; `after: 30m` is another instant at each request. */
  readonly askedFor?: string;
  /** The field of the caller's input that says when, for errors: `at` when omitted. */
  readonly dueAtPath?: string;
  /** The recipient's zone; UTC when omitted. It does not move the instant. */
  readonly timezone?: string;
  /** STANDARD when omitted. */
  readonly tier?: Tier;
  /** MEDIUM when omitted. */
  readonly priority?: Priority;
  /** Never sent past this; null or omitted: it does not expire. */
  readonly expiresAt?: Date | null;
  readonly idempotencyKey?: string | null;
  /** `content` when omitted. */
  readonly retryPolicy?: keyof typeof RETRY_POLICIES;
  readonly fallback?: readonly Route[];
  readonly recipient?: string | null;
  readonly metadata?: Record<string, unknown> | null;
  readonly program?: string | null;
  readonly run?: ObjectId | null;
  readonly subject?: string | null;
  readonly period?: string | null;
}

/** What became of one item: accepted (newly, or found under its key), or refused with the reason. */
export type ItemResult =
  | { readonly ok: true; readonly delivery: DeliveryDoc; readonly created: boolean }
  | { readonly ok: false; readonly error: PunctualError };

/**
 * What makes a delivery the only one of its kind for its owner (CORE-3): the caller's idempotency key, or that a program
 * serves a subject once a period; null: nothing does. The two cannot meet: each has a word of its own in front.
 */
export function uniqueKeyOf(item: NewDelivery): string | null {
  if (item.idempotencyKey !== undefined && item.idempotencyKey !== null)
    return `client|${item.idempotencyKey}`;
  if (item.subject === undefined || item.subject === null) return null;
  return `program|${item.program ?? ''}|${item.period ?? ''}|${item.subject}`;
}

/** A hash of what was asked for: the same key with another hash is a conflict, with the same one a repetition. */
export function fingerprintOf(item: NewDelivery): string {
  const asked = [
    item.queue,
    item.channel,
    item.to,
    item.content,
    item.askedFor ?? item.dueAt?.getTime() ?? null,
  ];
  return createHash('sha256').update(JSON.stringify(asked)).digest('base64url').slice(0, 22);
}

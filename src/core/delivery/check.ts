import type { Channel, ChannelName, Content } from '../channel/channel.js';
import { PunctualError } from '../errors.js';
import { checkZone } from '../time/local-time.js';
import type { Route } from './delivery.entity.js';
import type { NewDelivery } from './new-delivery.js';

/** Longest address, key and name that are stored. */
const LONGEST_WORD = 512;
/** Further than this ahead is taken for a mistake in the unit, in ms: ten years. */
const FURTHEST_MS = 10 * 366 * 86_400_000;

/** What an item is checked against. */
export interface CheckContext {
  readonly channels: ReadonlyMap<ChannelName, Channel>;
  readonly queues: ReadonlySet<string>;
  /** Engine time, ms. */
  readonly now: number;
}

/**
 * Checks a new delivery and brings its addresses into the channels' forms.
 * @throws VALIDATION_ERROR, CHANNEL_NOT_FOUND, QUEUE_NOT_FOUND, INVALID_TIMEZONE, INVALID_SCHEDULED_TIME
 */
export function checkDelivery(item: NewDelivery, context: CheckContext): NewDelivery {
  if (!context.queues.has(item.queue)) {
    throw new PunctualError(
      'QUEUE_NOT_FOUND',
      `there is no queue ${JSON.stringify(item.queue.slice(0, 64))}`,
      { path: 'queue' },
    );
  }
  if (item.timezone !== undefined) checkZone(item.timezone);
  checkInstants(item, context.now);
  checkKey(item.idempotencyKey);
  const to = checkRoute(item, context, '');
  const fallback = (item.fallback ?? []).map((route, i): Route => ({
    ...route,
    to: checkRoute(route, context, `fallback[${i}].`),
  }));
  return { ...item, to, fallback };
}

/** Null and none are fine. @throws VALIDATION_ERROR */
export function checkKey(idempotencyKey: string | null | undefined): void {
  if (typeof idempotencyKey === 'string' && (idempotencyKey === '' || idempotencyKey.length > LONGEST_WORD)) {
    throw new PunctualError(
      'VALIDATION_ERROR',
      `the idempotency key has ${idempotencyKey.length} characters; 1 to ${LONGEST_WORD} are allowed`,
      {
        path: 'idempotencyKey',
      },
    );
  }
}

/** @throws INVALID_SCHEDULED_TIME */
export function checkDueAt(dueAt: Date, now: number, path = 'at'): void {
  const ms = instantOf(dueAt, path);
  const past = pastInstant(dueAt, now, path);
  if (past) throw past;
  if (ms > now + FURTHEST_MS) {
    throw new PunctualError('INVALID_SCHEDULED_TIME', `${dueAt.toISOString()} is more than ten years ahead`, {
      path,
    });
  }
}

/** The error for an instant in the past; null when it is not. */
export function pastInstant(dueAt: Date, now: number, path = 'at'): PunctualError | null {
  if (dueAt.getTime() >= now) return null;
  const message = `${dueAt.toISOString()} is in the past; it is ${new Date(now).toISOString()} now`;
  return new PunctualError('INVALID_SCHEDULED_TIME', message, { path });
}

/**
 * Why a delivery may not be made anew, although its key may find one that was made before: a request that is repeated after
 * its instant still gets the first delivery. A program that plans late still promised what it promised: the lateness is to
 * show.
 */
export function whyNotNew(item: NewDelivery, now: number): PunctualError | null {
  return item.dueAt && !item.program ? pastInstant(item.dueAt, now, item.dueAtPath) : null;
}

function instantOf(at: Date, path: string): number {
  const ms = at.getTime();
  if (Number.isNaN(ms))
    throw new PunctualError('INVALID_SCHEDULED_TIME', 'the time cannot be read as an instant', { path });
  return ms;
}

function checkInstants(item: NewDelivery, now: number): void {
  const dueAt = item.dueAt ? instantOf(item.dueAt, 'at') : now;
  // Whether it is past is asked where the key has been looked up: see whyNotNew.
  if (item.dueAt && !item.program) checkDueAt(item.dueAt, Math.min(now, dueAt));
  if (item.expiresAt && instantOf(item.expiresAt, 'expiresAt') <= dueAt) {
    throw new PunctualError('INVALID_SCHEDULED_TIME', 'it would expire before it is due', {
      path: 'expiresAt',
    });
  }
}

function checkRoute(
  route: { channel: ChannelName; to: string; content: Content },
  context: CheckContext,
  at: string,
): string {
  const channel = context.channels.get(route.channel);
  if (!channel)
    throw new PunctualError('CHANNEL_NOT_FOUND', `the channel ${route.channel} is not configured`, {
      path: `${at}channel`,
    });
  const address =
    route.to.length > LONGEST_WORD
      ? ({ ok: false, problem: 'is too long' } as const)
      : channel.address(route.to);
  if (!address.ok)
    throw new PunctualError('VALIDATION_ERROR', `the address ${address.problem}`, { path: `${at}to` });
  const problem = channel.check(route.content);
  if (problem !== null)
    throw new PunctualError('VALIDATION_ERROR', `the content ${problem}`, { path: `${at}content` });
  return address.to;
}

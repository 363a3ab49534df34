import type { ChannelName } from '../channel/channel.js';
import type { DeliveryDoc } from './delivery.entity.js';
import type { DeliveryState } from './states.js';

/**
 * Where a delivery stands in line, and its order there. One index over (place, order) finds everything that is to be
 * worked on: what an alarm rings for, what a worker claims, what a person has to look at. What has ended well stands
 * nowhere, and is in no index of the work.
 *
 * MongoDB 6 makes the keys of every index anew when an update touches any indexed field, which costs more than the rest
 * of the update. So there is one such index and not one for each state, and a claim touches none: what is SENDING keeps
 * its place in its lane, and the next claim steps over it.
 */
export interface Place {
  readonly place: string | null;
  readonly order: number;
}

/** SCHEDULED: by queue, the earliest first. */
export function waitingPlace(queue: string): string {
  return `waiting|${queue}`;
}

/** RETRYING: by queue, the earliest first. Apart from what waits for its first try, so that few stand for few. */
export function retryPlace(queue: string): string {
  return `retry|${queue}`;
}

/** All queues' retries: a range of places. */
export const RETRIES = { $gte: 'retry|', $lt: 'retry}' } as const;

/** QUEUED and SENDING: by lane, the best rank first. */
export function lanePlace(queue: string, channel: ChannelName): string {
  return `lane|${queue}|${channel}`;
}

/** All lanes: a range of places. */
export const LANES = { $gte: 'lane|', $lt: 'lane}' } as const;

/** FAILED and DEAD_LETTERED: by owner, those whose last try was set for the earliest instant first. */
export function failedPlace(owner: string): string {
  return `failed|${owner}`;
}

/**
 * Thousands may fail that were due at the same instant. Each stands a fraction of a millisecond behind it, by the last
 * twelve bits of its id, so that few share one order and a page of them can go on from the last.
 */
function failedOrder({ _id, readyAt }: Pick<DeliveryDoc, '_id' | 'readyAt'>): number {
  return readyAt.getTime() + Number.parseInt(_id.toHexString().slice(-3), 16) / FRACTIONS;
}

/** What a double holds of a millisecond besides an instant. */
const FRACTIONS = 2 ** 12;

/** All owners' failed ones: a range of places. */
export const FAILED_PLACES = { $gte: 'failed|', $lt: 'failed}' } as const;

/** Everything that waits, or is on its way: from the lanes to the end of the waiting places. */
export const OPEN_PLACES = { $gte: 'lane|', $lt: 'waiting}' } as const;

/** `lanePlace` and its order in the words of an update pipeline, for bulk moves into QUEUED. */
export const QUEUED_BY_PIPELINE = {
  place: { $concat: ['lane|', '$queue', '|', '$channel'] },
  order: '$rank',
} as const;

/** The place of a delivery that enters a state. */
export function placeIn(
  state: DeliveryState,
  delivery: Pick<DeliveryDoc, '_id' | 'queue' | 'channel' | 'owner' | 'readyAt' | 'rank'>,
): Place {
  switch (state) {
    case 'SCHEDULED':
      return { place: waitingPlace(delivery.queue), order: delivery.readyAt.getTime() };
    case 'RETRYING':
      return { place: retryPlace(delivery.queue), order: delivery.readyAt.getTime() };
    case 'QUEUED':
    case 'SENDING':
      return { place: lanePlace(delivery.queue, delivery.channel), order: delivery.rank };
    case 'FAILED':
    case 'DEAD_LETTERED':
      return { place: failedPlace(delivery.owner), order: failedOrder(delivery) };
    default:
      return NOWHERE;
  }
}

/** Of what needs no more work. */
export const NOWHERE: Place = { place: null, order: 0 };

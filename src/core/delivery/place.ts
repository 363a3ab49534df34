import type { ChannelName } from '../channel/channel.js';
import type { DeliveryDoc } from './delivery.entity.js';
import type { DeliveryState } from './states.js';

/**
 * Where a delivery waits, and its order there. One index over (place, order) finds everything that is to be worked on:
 * what an alarm rings for, what a worker claims, what a lost worker holds, what a person has to look at. What has ended
 * well is nowhere, and so in no index of the work. (MongoDB 6 makes the keys of every index anew when an update touches
 * any indexed field: five partial indexes by state cost three times what this one does.)
 */
export interface Place {
  readonly place: string | null;
  readonly order: number;
}

/** SCHEDULED and RETRYING: by queue, the earliest first. */
export function waitingPlace(queue: string): string {
  return `waiting|${queue}`;
}

/** QUEUED: by lane, the best rank first. */
export function queuedPlace(queue: string, channel: ChannelName): string {
  return `queued|${queue}|${channel}`;
}

/** SENDING: by the worker that holds it. */
export function heldPlace(worker: string): string {
  return `held|${worker}`;
}

/** FAILED and DEAD_LETTERED: by owner, the oldest first. */
export function failedPlace(owner: string): string {
  return `failed|${owner}`;
}

/** All owners' failed ones: a range of places. */
export const FAILED_PLACES = { $gte: 'failed|', $lt: 'failed}' } as const;

/** `queuedPlace` and its order in the words of an update pipeline, for bulk moves into QUEUED. */
export const QUEUED_BY_PIPELINE = {
  place: { $concat: ['queued|', '$queue', '|', '$channel'] },
  order: '$rank',
} as const;

/** The place of a delivery that enters a state. */
export function placeIn(
  state: DeliveryState,
  delivery: Pick<DeliveryDoc, 'queue' | 'channel' | 'owner' | 'readyAt' | 'rank' | 'worker'>,
): Place {
  switch (state) {
    case 'SCHEDULED':
    case 'RETRYING':
      return { place: waitingPlace(delivery.queue), order: delivery.readyAt.getTime() };
    case 'QUEUED':
      return { place: queuedPlace(delivery.queue, delivery.channel), order: delivery.rank };
    case 'SENDING':
      return { place: heldPlace(delivery.worker ?? ''), order: 0 };
    case 'FAILED':
    case 'DEAD_LETTERED':
      return { place: failedPlace(delivery.owner), order: delivery.readyAt.getTime() };
    default:
      return NOWHERE;
  }
}

/** Of what needs no more work. */
export const NOWHERE: Place = { place: null, order: 0 };

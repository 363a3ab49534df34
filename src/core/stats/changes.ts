import type { ObjectId } from '@mikro-orm/mongodb';
import type { ChannelName } from '../channel/channel.js';
import type { Delays } from '../delivery/delay.js';
import type { DeliveryDoc } from '../delivery/delivery.entity.js';
import type { DeliveryState } from '../delivery/states.js';

/** The parts of a delivery that events and statistics are grouped by. */
export type Dimensions = Pick<
  DeliveryDoc,
  '_id' | 'owner' | 'queue' | 'channel' | 'tier' | 'program' | 'run' | 'dueAt' | 'deadlineAt'
>;

/** The projection that reads just these. */
export const DIMENSIONS = {
  owner: 1,
  queue: 1,
  channel: 1,
  tier: 1,
  program: 1,
  run: 1,
  dueAt: 1,
  deadlineAt: 1,
} as const;

/** One delivery's move from state to state: what events tell and statistics count. */
export interface Change {
  readonly delivery: Dimensions;
  /** Null when it has just been accepted. */
  readonly from: DeliveryState | null;
  readonly to: DeliveryState;
  /** The channel that it goes on with, where that changes (reroute). */
  readonly toChannel?: ChannelName;
  readonly reason?: string;
  /** With a move to an accepted state out of SENDING: acceptance minus due instant, in ms. */
  readonly latenessMs?: number;
  /** With a lateness: where it went. */
  readonly lost?: Delays;
  /** It was tried again by hand past its deadline: it was judged by then, and nothing judges it anew. */
  readonly isJudged?: boolean;
  /** With a move to another instant: the deadline before. */
  readonly rescheduledFrom?: Date;
  /** With the end of an attempt: how long the provider took, in ms of real time. */
  readonly providerMs?: number;
}

/** Whether a delivery was tried again by hand past its deadline: see Change. */
export function isJudged({ history, deadlineAt }: Pick<DeliveryDoc, 'history' | 'deadlineAt'>): boolean {
  return history.some(({ reason, at }) => reason === 'REVIVED' && at >= deadlineAt);
}

/** A group of changes that are alike in everything but the delivery. */
export interface ChangeGroup {
  readonly first: Change;
  readonly deliveries: ObjectId[];
}

/** Puts like changes together, in the order of their first ones. */
export function groupChanges(changes: readonly Change[]): ChangeGroup[] {
  const groups = new Map<string, ChangeGroup>();
  for (const change of changes) {
    const d = change.delivery;
    const key = `${change.to}|${d.owner}|${d.queue}|${change.toChannel ?? d.channel}|${d.program ?? ''}|${d.run?.toHexString() ?? ''}|${change.reason ?? ''}`;
    const group = groups.get(key);
    if (group) group.deliveries.push(d._id);
    else groups.set(key, { first: change, deliveries: [d._id] });
  }
  return [...groups.values()];
}

import { ACCEPTED, type DeliveryState } from '../delivery/states.js';
import type { ChannelName } from '../channel/channel.js';
import type { Change } from './changes.js';

/*
 * How the SLA is counted (CORE-40, CORE-41). A delivery is judged once: good when it is accepted by its deadline, bad when
 * it fails before it, and bad at its deadline when it is still open then. Nobody has to be awake at the deadline: each
 * delivery is `promised` in the second of its deadline, and `settled` there once it is judged or taken back before it.
 * What is promised and not settled when a second has passed is overdue, and any reader can tell.
 */

/** What is counted in a second of engine time. */
export type JudgementField = 'promised' | 'settled' | 'good' | 'failed';

/** One count. */
export interface Judgement {
  /** Engine ms. */
  readonly at: number;
  readonly field: JudgementField;
  /** The channel under which it is counted; omitted: the one that the delivery has after the change. */
  readonly channel?: ChannelName;
}

const OPEN_OR_SENDING: ReadonlySet<DeliveryState | null> = new Set([
  'SCHEDULED',
  'QUEUED',
  'SENDING',
  'RETRYING',
]);
const GIVEN_UP: ReadonlySet<DeliveryState> = new Set(['FAILED', 'DEAD_LETTERED', 'MISSED']);
const TAKEN: ReadonlySet<DeliveryState> = new Set(ACCEPTED);

/** What a change means for the SLA. @param now engine ms of the change */
export function judgementsOf(change: Change, now: number): Judgement[] {
  const deadline = change.delivery.deadlineAt.getTime();
  if (!OPEN_OR_SENDING.has(change.from)) {
    // It has just been taken in, or was given up and is tried again: a promise (anew). One whose deadline has passed
    // already is overdue from now on, not from a second that nobody will look at again.
    const begins = change.from === null || OPEN_OR_SENDING.has(change.to);
    if (!begins) return [];
    if (change.from !== null && deadline <= now) return [];
    return [{ at: Math.max(deadline, now), field: 'promised' }];
  }
  if (change.rescheduledFrom) {
    const before = change.rescheduledFrom.getTime();
    return [
      ...(before > now ? [{ at: before, field: 'settled' } as const] : []),
      { at: Math.max(deadline, now), field: 'promised' },
    ];
  }
  if (TAKEN.has(change.to)) {
    // A report may show that a try before that one was in time.
    if (change.isJudged) return [];
    const acceptedAt = change.delivery.dueAt.getTime() + (change.latenessMs ?? 0);
    return acceptedAt <= deadline ? settledAs('good', Math.min(acceptedAt, now), deadline) : [];
  }
  if (now > deadline) return [];
  if (change.toChannel !== undefined) {
    // The promise goes with the delivery: what is expected of a channel is expected of what is still to go through it.
    return [
      { at: deadline, field: 'settled', channel: change.delivery.channel },
      { at: deadline, field: 'promised', channel: change.toChannel },
    ];
  }
  if (GIVEN_UP.has(change.to)) return settledAs('failed', now, deadline);
  return change.to === 'CANCELLED' ? [{ at: deadline, field: 'settled' }] : [];
}

function settledAs(field: 'good' | 'failed', at: number, deadline: number): Judgement[] {
  return [
    { at, field },
    { at: deadline, field: 'settled' },
  ];
}

import { randomUUID } from 'node:crypto';
import { ArgsType, Field, ID, InterfaceType } from 'type-graphql';
import { parseDuration, PunctualError, type StreamedEvent } from '../core/index.js';
import type { Context } from '../schema/context.js';
import { toGlobalId } from '../schema/ids.js';
import { DateTime, Duration } from '../schema/scalars.js';

/** What every subscription sends (API-7). */
@InterfaceType('SubscriptionEvent', {
  description: 'What a subscription sends: something that has happened.',
})
export abstract class SubscriptionEvent {
  @Field(() => ID, { description: 'Of this event; the same when it is sent again after resuming.' })
  readonly id: string;

  @Field(() => String, { description: 'Opaque; give it as `after` to go on behind this event.' })
  readonly cursor: string;

  @Field(() => DateTime, { description: 'When it happened; for a snapshot, when it was taken.' })
  readonly occurredAt: Date;

  @Field(() => Boolean, {
    description:
      'True for the first event of a subscription without `after`: how things stand, rather than a change.',
  })
  readonly snapshot: boolean;

  constructor(header: EventHeader) {
    this.id = header.id;
    this.cursor = header.cursor;
    this.occurredAt = header.occurredAt;
    this.snapshot = header.snapshot;
  }
}

/** What all subscription events have. */
export interface EventHeader {
  readonly id: string;
  readonly cursor: string;
  readonly occurredAt: Date;
  readonly snapshot: boolean;
}

/** The header of a change, which is that of its last event. */
export function headerOf({ cursor, event }: StreamedEvent): EventHeader {
  return { id: toGlobalId('Event', event._id), cursor, occurredAt: event.at, snapshot: false };
}

/** The header of a snapshot. Take it before the snapshot itself: what happens in between is then told, not lost. */
export function snapshotHeader({ core }: Context): EventHeader {
  return {
    id: toGlobalId('Snapshot', randomUUID()),
    cursor: core.events.cursor(),
    occurredAt: core.clock.date(),
    snapshot: true,
  };
}

/** Who wants to hear so seldom asks instead; ms. A timer of more than 24 days would go off at once. */
const LONGEST_INTERVAL_MS = 3_600_000;

/** Reads `minInterval`, in ms. @throws VALIDATION_ERROR */
export function readInterval(text: string | null | undefined, otherwise: number): number {
  const ms = text == null ? otherwise : parseDuration(text, 'minInterval');
  if (ms > LONGEST_INTERVAL_MS)
    throw new PunctualError('VALIDATION_ERROR', 'an interval may be an hour long', { path: 'minInterval' });
  return ms;
}

/** The arguments of every subscription. */
@ArgsType()
export class ResumeArgs {
  @Field(() => String, {
    nullable: true,
    description: 'The cursor to resume behind, without a snapshot. Null: from now on, after a snapshot.',
  })
  after?: string | null;

  @Field(() => Duration, {
    nullable: true,
    description:
      'At least so long between two events, up to an hour; what happens in between is told together. Null: as it happens.',
  })
  minInterval?: string | null;
}

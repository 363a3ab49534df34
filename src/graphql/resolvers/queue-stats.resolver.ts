import {
  Args,
  Field,
  ObjectType,
  Resolver,
  Root,
  type SubscribeResolverData,
  Subscription,
} from 'type-graphql';
import { EVENTS, type EventType } from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { leavable, moments } from '../event-feed.js';
import {
  type EventHeader,
  headerOf,
  readInterval,
  ResumeArgs,
  snapshotHeader,
  SubscriptionEvent,
} from '../subscription-event.type.js';
import { QueueType } from './queue.resolver.js';

/** Counts are read anew for each event: no denser than a person can see. */
const INTERVAL_MS = 1_000;
const TYPES = (Object.keys(EVENTS) as EventType[]).filter(
  (type) => type.startsWith('delivery.') || type === 'queue.changed',
);

@ObjectType('QueueStatsEvent', {
  implements: SubscriptionEvent,
  description: 'Deliveries have moved, or a queue was switched.',
})
export class QueueStatsEvent extends SubscriptionEvent {
  @Field(() => [QueueType], { description: 'All queues, as they are now.' })
  readonly queues: readonly QueueType[];

  constructor(header: EventHeader, queues: readonly QueueType[]) {
    super(header);
    this.queues = queues;
  }
}

/** @throws VALIDATION_ERROR; from the iterator: those of `moments` */
function queueUpdates(context: Context, { after, minInterval }: ResumeArgs): AsyncIterable<QueueStatsEvent> {
  const minIntervalMs = Math.max(INTERVAL_MS, readInterval(minInterval, INTERVAL_MS));
  const tell = async (header: EventHeader): Promise<QueueStatsEvent> => {
    const views = await context.core.queues.list();
    return new QueueStatsEvent(
      header,
      views.map((view) => new QueueType(view)),
    );
  };
  return leavable(context.signal, async function* (signal) {
    const snapshot = after == null ? snapshotHeader(context) : null;
    if (snapshot) yield await tell(snapshot);
    const feed = { types: TYPES, after: snapshot?.cursor ?? after ?? '', minIntervalMs, matches: () => true };
    for await (const moment of moments(context, feed, signal))
      yield await tell(headerOf(moment.at(-1) ?? moment[0]));
  });
}

@Resolver()
export class QueueStatsResolver {
  @Subscription(() => QueueStatsEvent, {
    name: 'queueStats',
    description:
      'How many deliveries of each queue are in each state: a snapshot first, then after changes, at most once a second.',
    subscribe: ({ args, context }: SubscribeResolverData<unknown, ResumeArgs, Context>) =>
      queueUpdates(context, args),
  })
  queueStats(@Root() event: QueueStatsEvent, @Args(() => ResumeArgs) _resume: ResumeArgs): QueueStatsEvent {
    return event;
  }
}

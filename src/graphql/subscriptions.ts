import type { ObjectId } from '@mikro-orm/mongodb';
import { type DeliveryFilter, EVENTS, type EventDoc, type EventType } from '../core/index.js';
import { MAX_PAGE } from '../schema/connection.js';
import type { Context } from '../schema/context.js';
import { DeliveryType } from '../schema/delivery.type.js';
import { notFound, toGlobalId } from '../schema/ids.js';
import { RunProgressType } from '../schema/run-progress.type.js';
import { RunType } from '../schema/run.type.js';
import { type Part, Parter, readPlace } from './delivery-parts.js';
import { leavable, moments } from './event-feed.js';
import { DeliveryUpdatedEvent } from './resolvers/delivery-updated.type.js';
import { RunProgressedEvent } from './resolvers/run-progressed.type.js';
import {
  type EventHeader,
  headerOf,
  readInterval,
  type ResumeArgs,
  snapshotHeader,
} from './subscription-event.type.js';

/*
 * Events become subscriptions here (API-7). A subscription is authorised when it begins, by the same reads that
 * queries use, and again at each event, by `moments`.
 */

const EVENT_TYPES = Object.keys(EVENTS) as EventType[];
const DELIVERY_EVENTS = EVENT_TYPES.filter((type) => type.startsWith('delivery.'));
const RUN_EVENTS = EVENT_TYPES.filter((type) => type.startsWith('delivery.') || type.startsWith('run.'));

/** Progress is computed anew for each event: no denser than a person can see. */
const PROGRESS_INTERVAL_MS = 200;

/** Which deliveries to watch: those that meet all that is given. */
export interface DeliveryWatch {
  readonly id?: ObjectId;
  readonly queue?: string;
  readonly run?: ObjectId;
}

/** @throws VALIDATION_ERROR, DELIVERY_NOT_FOUND, RUN_NOT_FOUND; from the iterator: those of `moments` */
export async function deliveryUpdates(
  context: Context,
  watch: DeliveryWatch,
  { after, minInterval }: ResumeArgs,
): Promise<AsyncIterable<DeliveryUpdatedEvent>> {
  const { core, caller } = context;
  const minIntervalMs = readInterval(minInterval, 0);
  if (watch.id && !(await core.deliveries.find(caller, watch.id)))
    throw notFound('Delivery', 'DELIVERY_NOT_FOUND');
  if (watch.run && !(await core.runs.find(caller, watch.run))) throw notFound('Run', 'RUN_NOT_FOUND', 'run');
  return leavable(context.signal, async function* (signal) {
    const snapshot = after == null ? snapshotHeader(context) : null;
    if (snapshot) yield await deliveryEvent(context, snapshot, filterOf(watch));
    const place = readPlace(snapshot?.cursor ?? after ?? '');
    const parter = new Parter(place, (event) =>
      event.deliveries.filter((id) => !watch.id || watch.id.equals(id)),
    );
    const feed = { types: DELIVERY_EVENTS, after: place.after, minIntervalMs, matches: matcher(watch) };
    for await (const moment of moments(context, feed, signal)) {
      for (const part of parter.cut(moment)) {
        yield await deliveryEvent(context, partHeader(part), { ids: part.deliveries });
      }
    }
  });
}

/**
 * How a run's deliveries come along. It completes when the run has ended and nothing more is to come.
 * @throws VALIDATION_ERROR, RUN_NOT_FOUND; from the iterator: those of `moments`
 */
export async function runProgressed(
  context: Context,
  run: ObjectId,
  { after, minInterval }: ResumeArgs,
): Promise<AsyncIterable<RunProgressedEvent>> {
  const minIntervalMs = readInterval(minInterval, PROGRESS_INTERVAL_MS);
  if (!(await context.core.runs.find(context.caller, run))) throw notFound('Run', 'RUN_NOT_FOUND', 'run');
  return leavable(context.signal, async function* (signal) {
    const snapshot = await runEvent(context, snapshotHeader(context), run);
    // Whoever comes back to a run that is over gets its end once more: they would wait for it for ever.
    if (after == null || snapshot.over) yield snapshot;
    if (snapshot.over) return;
    const feed = {
      types: RUN_EVENTS,
      after: after ?? snapshot.cursor,
      minIntervalMs,
      matches: (event: EventDoc) => event.run !== null && run.equals(event.run),
    };
    for await (const moment of moments(context, feed, signal)) {
      const event = await runEvent(context, headerOf(moment.at(-1) ?? moment[0]), run);
      yield event;
      if (event.over) return;
    }
  });
}

function filterOf({ id, queue, run }: DeliveryWatch): DeliveryFilter {
  return { ...(id ? { ids: [id] } : {}), ...(queue === undefined ? {} : { queue }), ...(run ? { run } : {}) };
}

function matcher({ id, queue, run }: DeliveryWatch): (event: EventDoc) => boolean {
  return (event) =>
    (!id || event.deliveries.some((changed) => id.equals(changed))) &&
    (queue === undefined || event.queue === queue) &&
    (!run || (event.run !== null && run.equals(event.run)));
}

function partHeader({ event, told, cursor }: Part): EventHeader {
  return {
    id: toGlobalId('Event', `${event._id.toHexString()}-${told}`),
    cursor,
    occurredAt: event.at,
    snapshot: false,
  };
}

async function deliveryEvent(
  { core, caller }: Context,
  header: EventHeader,
  filter: DeliveryFilter,
): Promise<DeliveryUpdatedEvent> {
  const { items } = await core.deliveries.list(caller, filter, { first: MAX_PAGE });
  return new DeliveryUpdatedEvent(
    header,
    items.map((doc) => new DeliveryType(doc)),
  );
}

async function runEvent(
  { core, caller }: Context,
  header: EventHeader,
  id: ObjectId,
): Promise<RunProgressedEvent> {
  const [run, progress] = await Promise.all([core.runs.find(caller, id), core.stats.progress(id)]);
  if (!run) throw notFound('Run', 'RUN_NOT_FOUND', 'run');
  return new RunProgressedEvent(
    header,
    new RunType(run),
    new RunProgressType(progress),
    // Not `finished`: an ended run that had nothing to deliver is over, too.
    run.status !== 'RUNNING' && progress.done === progress.planned,
  );
}

import type { EventDoc, EventType, StreamedEvent } from '../core/index.js';
import type { Context } from '../schema/context.js';
import { leavable, moments } from './event-feed.js';
import { type EventHeader, headerOf, type ResumeArgs, snapshotHeader } from './subscription-event.type.js';

/** What a subscription to things that are recorded as they were is made of: alerts, violations, runs. */
export interface Recorded<Item, Change extends string, Told> {
  /** What has happened to a thing, by the event that says so. */
  readonly changes: Readonly<Partial<Record<EventType, Change>>>;
  /** How things stand, for the first event. */
  readonly snapshot: () => Promise<readonly Item[]>;
  /** The thing as it was when the event happened; null where there is nothing to be told. */
  readonly read: (event: EventDoc) => Promise<Item | null>;
  readonly idOf: (item: Item) => string;
  readonly tell: (header: EventHeader, change: Change | null, items: readonly Item[]) => Told;
}

/** Tells of things one event at a time, or, thinned out, of those that one kind of change has happened to (API-7). */
export function recordedFeed<Item, Change extends string, Told>(
  context: Context,
  recorded: Recorded<Item, Change, Told>,
  { after }: ResumeArgs,
  minIntervalMs: number,
): AsyncIterable<Told> {
  const types = Object.keys(recorded.changes) as EventType[];
  return leavable(context.signal, async function* (signal) {
    const snapshot = after == null ? snapshotHeader(context) : null;
    if (snapshot) yield recorded.tell(snapshot, null, await recorded.snapshot());
    const feed = { types, after: snapshot?.cursor ?? after ?? '', minIntervalMs, matches: () => true };
    for await (const moment of moments(context, feed, signal)) {
      for (const stretch of alike(moment, recorded.changes)) {
        const [first] = stretch;
        const last = stretch.at(-1) ?? first;
        const change = recorded.changes[last.event.type] ?? null;
        const items = new Map<string, Item>();
        for (const { event } of stretch) {
          const item = await recorded.read(event);
          if (item !== null) items.set(recorded.idOf(item), item);
        }
        if (items.size > 0) yield recorded.tell(headerOf(last), change, [...items.values()]);
      }
    }
  });
}

type Stretch = [StreamedEvent, ...StreamedEvent[]];

/** Events that follow one another and say the same, together: so the order is kept, and each cursor goes on behind it. */
function alike<Change extends string>(
  moment: readonly StreamedEvent[],
  changes: Readonly<Partial<Record<EventType, Change>>>,
): Stretch[] {
  const stretches: Stretch[] = [];
  for (const streamed of moment) {
    const last = stretches.at(-1);
    if (last && changes[last[0].event.type] === changes[streamed.event.type]) last.push(streamed);
    else stretches.push([streamed]);
  }
  return stretches;
}

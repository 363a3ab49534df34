import { randomInt } from 'node:crypto';
import { ObjectId } from '@mikro-orm/mongodb';
import type { AnyBulkWriteOperation, ClientSession, Collection } from 'mongodb';
import { EVERYBODY } from '../access/caller.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Event, type EventDoc } from '../events/event.entity.js';
import type { DeliveryDoc } from '../delivery/delivery.entity.js';
import type { EventType } from '../events/event-map.js';
import { type Change, type Dimensions, groupChanges } from './changes.js';
import { judgementsOf } from './judgement.js';
import { Sum } from './sum.js';
import { Tally, type TallyDoc, type TallyKind } from './tally.entity.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** Enough that the writers of a dozen processes seldom share one; few enough that adding them up costs nothing. */
const SHARDS = 64;

/**
 * Writes what a batch of moves means, in the transaction of the moves: one event for each group of like changes,
 * and the counters. Each concurrent writer of a process has a recorder of its own, hence a shard of its own.
 */
export class Recorder {
  readonly #events: Collection<EventDoc>;
  readonly #tallies: Collection<TallyDoc>;
  readonly #shard = randomInt(SHARDS);

  constructor(
    database: Database,
    private readonly clock: Clock,
  ) {
    this.#events = database.collection(Event);
    this.#tallies = database.collection(Tally) as unknown as Collection<TallyDoc>;
  }

  /** Records moves that `session`'s transaction makes. */
  async record(session: ClientSession, changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    const at = this.clock.date();
    await this.#events.insertMany(eventsOf(changes, at), { session });
    const sums = new Sums(at.getTime());
    for (const change of changes) sums.take(change);
    await this.#tallies.bulkWrite(sums.writes(this.#shard), { session, ordered: false });
  }

  /** Takes deliveries that `session`'s transaction deletes out of the counts of now. What has happened stays counted. */
  async forget(
    session: ClientSession,
    gone: readonly (Dimensions & Pick<DeliveryDoc, 'state'>)[],
  ): Promise<void> {
    const sums = new Sums(this.clock.now());
    for (const delivery of gone) sums.forget(delivery);
    await this.#tallies.bulkWrite(sums.writes(this.#shard), { session, ordered: false });
  }

  /** Records something that is not about deliveries. */
  async announce(type: EventType, about: About, session?: ClientSession): Promise<void> {
    await this.#events.insertOne(event(type, this.clock.date(), about, []), session ? { session } : {});
  }
}

type About = Partial<Pick<EventDoc, 'owner' | 'queue' | 'channel' | 'program' | 'run' | 'reason' | 'data'>>;

function eventsOf(changes: readonly Change[], at: Date): EventDoc[] {
  return groupChanges(changes).map(({ first, deliveries }) => {
    const { owner, queue, program, run } = first.delivery;
    const channel = first.toChannel ?? first.delivery.channel;
    const reason = first.reason ?? null;
    return event(
      `delivery.${first.to.toLowerCase()}` as EventType,
      at,
      { owner, queue, channel, program, run, reason },
      deliveries,
    );
  });
}

function event(type: EventType, at: Date, about: About, deliveries: readonly ObjectId[]): EventDoc {
  return {
    _id: new ObjectId(),
    type,
    at,
    writtenAt: new Date(),
    owner: about.owner ?? null,
    queue: about.queue ?? null,
    channel: about.channel ?? null,
    program: about.program ?? null,
    run: about.run ?? null,
    deliveries,
    reason: about.reason ?? null,
    data: about.data ?? null,
  };
}

/** What tallies are told apart by, besides their kind and shard. */
type Key = Pick<TallyDoc, 'owner' | 'queue' | 'channel' | 'tier' | 'program'> & {
  readonly minute: number | null;
  readonly run: string | null;
};

/** The sums of a batch. */
class Sums {
  /** What happened now: the same for NOW and for the minute. */
  readonly #now = new Map<string, { readonly key: Key; readonly sum: Sum }>();
  /** What is counted in the minute of a deadline, or of a judgement. */
  readonly #promises = new Map<string, { readonly key: Key; readonly sum: Sum }>();
  readonly #runs = new Map<string, { readonly key: Key; readonly sum: Sum }>();

  /** @param now engine ms */
  constructor(private readonly now: number) {}

  forget(delivery: Dimensions & Pick<DeliveryDoc, 'state'>): void {
    sumOf(this.#now, delivery, minuteOf(this.now), null).state(delivery.state, -1);
  }

  take(change: Change): void {
    const before = change.delivery;
    const after = change.toChannel === undefined ? before : { ...before, channel: change.toChannel };
    const current = minuteOf(this.now);
    if (change.from) sumOf(this.#now, before, current, null).state(change.from, -1);
    const sum = sumOf(this.#now, after, current, null);
    sum.state(change.to, 1);
    sum.flow(change);
    for (const { at, field, channel = after.channel } of judgementsOf(change, this.now)) {
      const minute = minuteOf(at);
      sumOf(this.#promises, { ...after, channel }, minute, null).add(
        `sla.${Math.floor((at - minute) / SECOND_MS)}.${field}`,
        1,
      );
    }
    if (!before.run) return;
    const run = before.run.toHexString();
    if (change.from) sumOf(this.#runs, before, null, run).state(change.from, -1);
    const ofRun = sumOf(this.#runs, after, null, run);
    ofRun.state(change.to, 1);
    ofRun.flow(change);
  }

  /** One update for each tally: the owners' own, and everybody's. */
  writes(shard: number): AnyBulkWriteOperation<TallyDoc>[] {
    const now = [...this.#now.values(), ...everybody(this.#now)];
    const minutes = new Map<string, { readonly key: Key; readonly sum: Sum }>();
    for (const { key, sum } of [...now, ...this.#promises.values(), ...everybody(this.#promises)]) {
      const id = idOf('MINUTE', key, shard);
      const there = minutes.get(id);
      if (!there) minutes.set(id, { key, sum });
      else {
        const both = new Sum();
        both.merge(there.sum);
        both.merge(sum);
        minutes.set(id, { key, sum: both });
      }
    }
    return [
      ...now.map(({ key, sum }) => write('NOW', { ...key, minute: null }, sum, shard)),
      ...[...minutes.values()].map(({ key, sum }) => write('MINUTE', key, sum, shard)),
      ...[...this.#runs.values()].map(({ key, sum }) => write('RUN', key, sum, shard)),
    ];
  }
}

/** The sums over all owners. Mostly there is one in a batch, whose sums are everybody's then. */
function* everybody(
  sums: ReadonlyMap<string, { readonly key: Key; readonly sum: Sum }>,
): Iterable<{ readonly key: Key; readonly sum: Sum }> {
  const alike = Map.groupBy(sums.values(), ({ key }) => stringOf({ ...key, owner: EVERYBODY }));
  for (const group of alike.values()) {
    const [first, ...others] = group;
    if (!first) continue;
    const key = { ...first.key, owner: EVERYBODY };
    if (others.length === 0) {
      yield { key, sum: first.sum };
      continue;
    }
    const sum = new Sum();
    for (const one of group) sum.merge(one.sum);
    yield { key, sum };
  }
}

function sumOf(
  sums: Map<string, { readonly key: Key; readonly sum: Sum }>,
  { owner, queue, channel, tier, program }: Dimensions,
  minute: number | null,
  run: string | null,
): Sum {
  const key: Key = { owner, queue, channel, tier, program, minute, run };
  const id = stringOf(key);
  const there = sums.get(id);
  if (there) return there.sum;
  const sum = new Sum();
  sums.set(id, { key, sum });
  return sum;
}

function write(kind: TallyKind, key: Key, sum: Sum, shard: number): AnyBulkWriteOperation<TallyDoc> {
  const { owner, queue, channel, tier, program, minute, run } = key;
  const at = minute === null ? null : new Date(minute);
  return sum.writeTo({ kind, owner, at, run, queue, channel, tier, program }, idOf(kind, key, shard));
}

function idOf(kind: TallyKind, key: Key, shard: number): string {
  return `${kind}|${stringOf(key)}|${shard}`;
}

function stringOf({ minute, run, owner, queue, channel, tier, program }: Key): string {
  return `${minute ?? run ?? ''}|${owner}|${queue}|${channel}|${tier}|${program ?? ''}`;
}

function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}

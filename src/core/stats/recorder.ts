import { randomInt } from 'node:crypto';
import { ObjectId } from '@mikro-orm/mongodb';
import type { AnyBulkWriteOperation, ClientSession, Collection } from 'mongodb';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Event, type EventDoc } from '../events/event.entity.js';
import type { EventType } from '../events/event-map.js';
import { ACCEPTED, type DeliveryState } from '../delivery/states.js';
import { type Change, type Dimensions, groupChanges } from './changes.js';
import { bucketOf } from './histogram.js';
import { Tally, type TallyDoc, type TallyKind } from './tally.entity.js';
import { EVERYBODY } from '../access/caller.js';

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

  /** @param targetLatenessMs up to this lateness a delivery counts as on time (CORE-40) */
  constructor(
    database: Database,
    private readonly clock: Clock,
    private readonly targetLatenessMs: number,
  ) {
    this.#events = database.collection(Event);
    this.#tallies = database.collection(Tally) as unknown as Collection<TallyDoc>;
  }

  /** Records moves that `session`'s transaction makes. */
  async record(session: ClientSession, changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    const at = this.clock.date();
    await this.#events.insertMany(this.#eventsOf(changes, at), { session });
    await this.#tallies.bulkWrite(this.#incrementsOf(changes, at), { session, ordered: false });
  }

  /** Records something that is not about deliveries. */
  async announce(
    type: EventType,
    about: Partial<Pick<EventDoc, 'owner' | 'queue' | 'channel' | 'program' | 'run' | 'reason' | 'data'>>,
    session?: ClientSession,
  ): Promise<void> {
    await this.#events.insertOne(event(type, this.clock.date(), about, []), session ? { session } : {});
  }

  #eventsOf(changes: readonly Change[], at: Date): EventDoc[] {
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

  #incrementsOf(changes: readonly Change[], at: Date): AnyBulkWriteOperation<TallyDoc>[] {
    const minute = new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS);
    const sums = new Map<string, Sum>();
    const tally = (kind: TallyKind, owner: string, of: Dimensions, at: Date | null): Sum =>
      sumFor(sums, kind, owner, of, this.#shard, at);
    for (const change of changes) {
      const before = change.delivery;
      const after = change.toChannel === undefined ? before : { ...before, channel: change.toChannel };
      for (const who of [before.owner, EVERYBODY]) {
        if (change.from) {
          tally('NOW', who, before, null).state(change.from, -1);
          tally('MINUTE', who, before, minute).state(change.from, -1);
        }
        tally('NOW', who, after, null).state(change.to, 1);
        const now = tally('MINUTE', who, after, minute);
        now.state(change.to, 1);
        now.flow(change, this.targetLatenessMs);
      }
      if (before.run) {
        if (change.from) tally('RUN', before.owner, before, null).state(change.from, -1);
        const now = tally('RUN', before.owner, after, null);
        now.state(change.to, 1);
        now.flow(change, this.targetLatenessMs);
      }
    }
    return [...sums.values()].map((sum) => sum.write());
  }
}

function event(
  type: EventType,
  at: Date,
  about: Partial<Pick<EventDoc, 'owner' | 'queue' | 'channel' | 'program' | 'run' | 'reason' | 'data'>>,
  deliveries: readonly ObjectId[],
): EventDoc {
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

/** The sum of a batch for one tally, as the `$inc` and `$max` that add it. */
class Sum {
  readonly #inc: Record<string, number> = {};
  readonly #max: Record<string, number> = {};

  constructor(
    private readonly id: string,
    private readonly dimensions: Omit<TallyDoc, '_id'>,
  ) {}

  state(state: DeliveryState, by: number): void {
    this.#add(`counts.${state}`, by);
  }

  flow(change: Change, targetLatenessMs: number): void {
    if (change.from === null) this.#add('moved.CREATED', 1);
    for (const state of passedBy(change)) this.#add(`moved.${state}`, 1);
    if (change.latenessMs !== undefined) {
      if (change.latenessMs <= targetLatenessMs) this.#add('onTime', 1);
      this.#measure('lateness', change.latenessMs);
    }
    if (change.providerMs !== undefined) this.#measure('provider', change.providerMs);
  }

  write(): AnyBulkWriteOperation<TallyDoc> {
    const update = {
      $setOnInsert: this.dimensions,
      $inc: this.#inc,
      ...(Object.keys(this.#max).length > 0 ? { $max: this.#max } : {}),
    };
    return { updateOne: { filter: { _id: this.id }, update, upsert: true } };
  }

  #measure(what: 'lateness' | 'provider', ms: number): void {
    this.#add(`${what}.${bucketOf(ms)}`, 1);
    this.#add(`${what}Sum`, ms);
    this.#max[`${what}Max`] = Math.max(this.#max[`${what}Max`] ?? ms, ms);
  }

  #add(path: string, n: number): void {
    this.#inc[path] = (this.#inc[path] ?? 0) + n;
  }
}

/**
 * The states that a change counts as a move into. Reports may come together, or before the outcome: what was read was
 * sent and delivered all the same, so that figures do not depend on the order in which reports come.
 */
function passedBy({ from, to, latenessMs }: Change): readonly DeliveryState[] {
  const path: readonly DeliveryState[] = ACCEPTED;
  const last = path.indexOf(to);
  // With a lateness it has been sent just now; without one, a move into these comes from SENT or further on.
  if (last < 0) return latenessMs === undefined ? [to] : ['SENT', to];
  const before = from === null ? 0 : Math.max(0, path.indexOf(from));
  return path.slice(latenessMs === undefined ? before + 1 : 0, last + 1);
}

function sumFor(
  sums: Map<string, Sum>,
  kind: TallyKind,
  owner: string,
  of: Dimensions,
  shard: number,
  at: Date | null,
): Sum {
  const { queue, channel, tier, program } = of;
  const run = kind === 'RUN' ? (of.run?.toHexString() ?? null) : null;
  const id = `${kind}|${at?.getTime() ?? run ?? ''}|${owner}|${queue}|${channel}|${tier}|${program ?? ''}|${shard}`;
  let sum = sums.get(id);
  if (!sum) {
    sum = new Sum(id, { kind, owner, at, run, queue, channel, tier, program });
    sums.set(id, sum);
  }
  return sum;
}

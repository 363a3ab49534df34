import type { Collection, Filter } from 'mongodb';
import type { Database } from '../database.js';
import { Delivery, type DeliveryDoc } from '../delivery/delivery.entity.js';
import { coveredBy, type SlaPolicy } from '../delivery/sla-policy.js';
import { lanePlace, retryPlace, waitingPlace } from '../delivery/place.js';
import { LONGEST_HANDICAP_MS } from '../delivery/rank.js';
import { CHANNELS } from '../channel/channel.js';

/** So many overdue ones are counted; more are "at least so many". */
export const MOST_COUNTED = 10_000;

/** Overdue deliveries that are alike. */
export type OverdueGroup = Pick<DeliveryDoc, 'queue' | 'channel' | 'tier' | 'program'> & {
  readonly count: number;
};

/** What is told of an overdue delivery. */
export type OverdueDelivery = Pick<
  DeliveryDoc,
  '_id' | 'queue' | 'channel' | 'tier' | 'program' | 'state' | 'dueAt' | 'deadlineAt' | 'lastError'
>;

/**
 * Finds what is past its deadline and still open. It looks only at what waits and is due (the index of the work), so it
 * costs as much as the backlog, never as much as the history; and it looks at the deliveries themselves, so that a dead
 * dispatcher, or a lost counter, cannot hide one.
 */
export class Overdue {
  readonly #deliveries: Collection<DeliveryDoc>;

  constructor(
    database: Database,
    private readonly queues: () => Iterable<string>,
    /** The smallest target lateness of any policy, engine ms: what was due later is not overdue. */
    private readonly leastLatenessMs: number,
  ) {
    this.#deliveries = database.collection(Delivery);
  }

  /** How many there are at an engine instant (ms), alike ones together; up to MOST_COUNTED. */
  async count(now: number): Promise<OverdueGroup[]> {
    const counted = await Promise.all(
      this.#where(now).map((where) =>
        this.#deliveries
          .aggregate<{ _id: Omit<OverdueGroup, 'count'>; count: number }>(
            [
              { $match: where },
              { $limit: MOST_COUNTED },
              {
                $group: {
                  _id: { queue: '$queue', channel: '$channel', tier: '$tier', program: '$program' },
                  count: { $sum: 1 },
                },
              },
            ],
            { hint: 'work' },
          )
          .toArray(),
      ),
    );
    return counted.flat().map(({ _id, count }) => ({ ..._id, count }));
  }

  /** The ones of a policy that have waited longest. */
  async worst(policy: SlaPolicy, now: number, limit: number): Promise<OverdueDelivery[]> {
    const projection = {
      queue: 1,
      channel: 1,
      tier: 1,
      program: 1,
      state: 1,
      dueAt: 1,
      deadlineAt: 1,
      lastError: 1,
    };
    const found = await Promise.all(
      this.#where(now).map((where) =>
        this.#deliveries
          .find<OverdueDelivery>({ ...where, ...coveredBy(policy) }, { hint: 'work', projection })
          .sort({ order: 1 })
          .limit(limit)
          .toArray(),
      ),
    );
    return found
      .flat()
      .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime())
      .slice(0, limit);
  }

  /** In lanes; not rung although due; between attempts. */
  #where(now: number): Filter<DeliveryDoc>[] {
    const queues = [...this.queues()];
    // Of a channel, too, that is not configured any more: nobody sends those.
    const lanes = queues.flatMap((queue) => CHANNELS.map((channel) => lanePlace(queue, channel)));
    const deadlineAt = { $lt: new Date(now) };
    const due = now - this.leastLatenessMs;
    return [
      // The order in a lane is the due instant and a handicap.
      { place: { $in: lanes }, order: { $lt: due + LONGEST_HANDICAP_MS }, deadlineAt },
      { place: { $in: queues.map(waitingPlace) }, order: { $lt: due }, deadlineAt },
      { place: { $in: queues.map(retryPlace) }, deadlineAt },
    ];
  }
}

import type { ObjectId } from '@mikro-orm/mongodb';
import type { Collection, Filter } from 'mongodb';
import type { ChannelName } from '../channel/channel.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Delivery, type DeliveryDoc } from '../delivery/delivery.entity.js';
import { lanePlace, LANES, NOWHERE } from '../delivery/place.js';
import type { Change } from '../stats/changes.js';
import type { Recorder } from '../stats/recorder.js';

/** A queue's deliveries on one channel: what shares a queue's switch and limits, and a channel's tokens and breaker. */
export interface LaneName {
  readonly queue: string;
  readonly channel: ChannelName;
}

/** The move `claim`: takes the best-ranked deliveries of a lane, in bulk (CORE-20, INV-4, INV-5). */
export class Claimer {
  readonly #deliveries: Collection<DeliveryDoc>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly recorder: Recorder,
  ) {
    this.#deliveries = database.collection(Delivery);
  }

  /** What `worker` holds by the database. It looks at all that waits in lanes: for the rare case, not for the routine. */
  heldBy(worker: string): Promise<DeliveryDoc[]> {
    return this.#deliveries.find({ place: LANES, state: 'SENDING', worker }, { hint: 'work' }).toArray();
  }

  /**
   * Claims up to `limit` deliveries for `worker`. Expired ones that it meets become MISSED instead.
   * @param slots the share of the work that this worker looks at; null: all of it
   * @returns the deliveries as they are after the claim, and whether there may be more
   */
  claim(
    lane: LaneName,
    worker: string,
    limit: number,
    slots: readonly number[] | null,
  ): Promise<{ claimed: DeliveryDoc[]; more: boolean }> {
    return this.database.transaction(async (session) => {
      const queued: Filter<DeliveryDoc> = { place: lanePlace(lane.queue, lane.channel), state: 'QUEUED' };
      if (slots) queued.slot = { $in: [...slots] };
      const found = await this.#deliveries
        .find(queued, { session, hint: 'work' })
        .sort({ order: 1 })
        .limit(limit)
        .toArray();
      if (found.length === 0) return { claimed: [], more: false };
      const at = this.clock.date();
      const expired = found.filter((d) => d.expiresAt !== null && d.expiresAt <= at);
      const fit = expired.length === 0 ? found : found.filter((d) => !expired.includes(d));
      const changes: Change[] = [];
      if (fit.length > 0) {
        const taken = await this.#deliveries.updateMany(
          { _id: { $in: fit.map((d) => d._id) }, state: 'QUEUED' },
          {
            $set: { state: 'SENDING', worker },
            $inc: { fence: 1, attempts: 1 },
            $push: { history: { state: 'SENDING', at, by: worker } } as never,
          },
          { session },
        );
        if (taken.matchedCount !== fit.length)
          throw new Error(`claimed ${taken.matchedCount} of ${fit.length}`);
        for (const delivery of fit) changes.push({ delivery, from: 'QUEUED', to: 'SENDING' });
      }
      if (expired.length > 0) {
        await this.#deliveries.updateMany(
          { _id: { $in: expired.map((d) => d._id) }, state: 'QUEUED' },
          {
            $set: { state: 'MISSED', ...NOWHERE },
            $push: { history: { state: 'MISSED', at, reason: 'EXPIRED' } } as never,
          },
          { session },
        );
        for (const delivery of expired)
          changes.push({ delivery, from: 'QUEUED', to: 'MISSED', reason: 'EXPIRED' });
      }
      await this.recorder.record(session, changes);
      const claimed = fit.map((d): DeliveryDoc => ({
        ...d,
        state: 'SENDING',
        worker,
        fence: d.fence + 1,
        attempts: d.attempts + 1,
      }));
      return { claimed, more: found.length === limit };
    });
  }

  /** True when the provider has reported on a delivery. */
  async isReported(id: ObjectId): Promise<boolean> {
    const reported = { _id: id, receipts: { $ne: null } };
    return (await this.#deliveries.findOne(reported, { projection: { _id: 1 } })) !== null;
  }
}

import type { Collection } from 'mongodb';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Delivery, type DeliveryDoc } from '../delivery/delivery.entity.js';
import { placeIn, lanePlace } from '../delivery/place.js';
import type { Change } from '../stats/changes.js';
import type { Recorder } from '../stats/recorder.js';
import type { LaneName } from './claim.js';

/** Deliveries in one transaction. */
const BATCH = 200;

/** The move `reroute` of what waits behind an open breaker: whoever has another way takes it (CORE-27). */
export class Rerouter {
  readonly #deliveries: Collection<DeliveryDoc>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly recorder: Recorder,
  ) {
    this.#deliveries = database.collection(Delivery);
  }

  /** True when something waits in the lane. */
  async hasQueued(lane: LaneName): Promise<boolean> {
    return (
      (await this.#deliveries.findOne(
        { place: lanePlace(lane.queue, lane.channel), state: 'QUEUED' },
        { hint: 'work', projection: { _id: 1 } },
      )) !== null
    );
  }

  /** Moves what waits in the lane and has a fallback to that channel. @returns how many */
  async reroute(lane: LaneName): Promise<number> {
    for (let moved = 0; ;) {
      const batch = await this.#rerouteBatch(lane);
      moved += batch;
      if (batch < BATCH) return moved;
    }
  }

  #rerouteBatch(lane: LaneName): Promise<number> {
    return this.database.transaction(async (session) => {
      const waiting = {
        place: lanePlace(lane.queue, lane.channel),
        state: 'QUEUED' as const,
        'fallback.0': { $exists: true },
      };
      const found = await this.#deliveries
        .find(waiting, { session, hint: 'work' })
        .sort({ order: 1 })
        .limit(BATCH)
        .toArray();
      if (found.length === 0) return 0;
      const at = this.clock.date();
      const changes: Change[] = [];
      const writes = found.flatMap((delivery) => {
        const [route, ...fallback] = delivery.fallback;
        if (!route) return [];
        const { channel, to, content } = route;
        changes.push({ delivery, from: 'QUEUED', to: 'QUEUED', toChannel: channel, reason: 'BREAKER_OPEN' });
        const maxAttempts = delivery.attempts + delivery.retry.attempts;
        const update = {
          $set: {
            ...placeIn('QUEUED', { ...delivery, channel }),
            channel,
            to,
            content,
            fallback,
            maxAttempts,
          },
          $push: { history: { state: 'QUEUED', at, reason: 'BREAKER_OPEN' } },
        } as never;
        return [
          {
            updateOne: {
              filter: { _id: delivery._id, state: 'QUEUED' as const, channel: lane.channel },
              update,
            },
          },
        ];
      });
      await this.#deliveries.bulkWrite(writes, { session, ordered: false });
      await this.recorder.record(session, changes);
      return found.length;
    });
  }
}

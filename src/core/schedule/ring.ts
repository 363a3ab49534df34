import type { Collection } from 'mongodb';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Delivery, type DeliveryDoc } from '../delivery/delivery.entity.js';
import { QUEUED_BY_PIPELINE, retryPlace, waitingPlace } from '../delivery/place.js';
import { WAITING } from '../delivery/states.js';
import { DIMENSIONS, type Dimensions } from '../stats/changes.js';
import type { Recorder } from '../stats/recorder.js';
import type { Alarms } from './alarms.js';

/** In one transaction: enough to be fast, few enough to stay far below MongoDB's limits. */
const BATCH = 1_000;

/** The move `ring`: what waits for an instant that has come, or is about to, becomes QUEUED. */
export class Ringer {
  readonly #deliveries: Collection<DeliveryDoc>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly alarms: Alarms,
    private readonly recorder: Recorder,
  ) {
    this.#deliveries = database.collection(Delivery);
  }

  /** Queues what is due in a queue up to the alarms' horizon. @returns how many */
  async ring(queue: string): Promise<number> {
    const until = this.alarms.horizon();
    let rung = 0;
    for (;;) {
      const batch = await this.#ringBatch(queue, until);
      rung += batch;
      if (batch < BATCH) return rung;
    }
  }

  /**
   * After a write of waiting deliveries: rings at once if one of them is due so soon that its alarm, which was set before
   * the write, may have rung too early to find it.
   */
  async ringIfSoon(queue: string, readyAts: Iterable<number>): Promise<void> {
    for (const readyAt of readyAts) {
      if (!this.alarms.isSoon(readyAt)) continue;
      await this.ring(queue);
      return;
    }
  }

  #ringBatch(queue: string, until: number): Promise<number> {
    return this.database.transaction(async (session) => {
      const due = { place: { $in: [waitingPlace(queue), retryPlace(queue)] }, order: { $lt: until } };
      const found = await this.#deliveries
        .find<Dimensions & Pick<DeliveryDoc, 'state'>>(due, {
          session,
          hint: 'work',
          projection: { ...DIMENSIONS, state: 1 },
        })
        .sort({ order: 1 })
        .limit(BATCH)
        .toArray();
      if (found.length === 0) return 0;
      const at = this.clock.date();
      await this.#deliveries.updateMany(
        { _id: { $in: found.map((d) => d._id) }, state: { $in: [...WAITING] } },
        [
          {
            $set: {
              state: 'QUEUED',
              ...QUEUED_BY_PIPELINE,
              history: { $concatArrays: ['$history', [{ state: 'QUEUED', at }]] },
            },
          },
        ],
        { session },
      );
      await this.recorder.record(
        session,
        found.map((delivery) => ({ delivery, from: delivery.state, to: 'QUEUED' })),
      );
      return found.length;
    });
  }
}

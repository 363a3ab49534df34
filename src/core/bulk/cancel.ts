import type { ObjectId } from '@mikro-orm/mongodb';
import type { Collection } from 'mongodb';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Delivery, type DeliveryDoc, type HistoryEntry } from '../delivery/delivery.entity.js';
import { NOWHERE } from '../delivery/place.js';
import { OPEN } from '../delivery/states.js';
import type { RunDoc } from '../schedule/run.entity.js';
import type { Runs } from '../schedule/runs.js';
import { DIMENSIONS, type Dimensions } from '../stats/changes.js';
import type { Recorder } from '../stats/recorder.js';
import { batches, openOnes } from './selection.js';
import type { TaskOf, TaskWork } from './tasks.js';

/** The move `cancel`, in bulk: what waits is ended before an attempt (CORE-4). What is SENDING is left alone. */
export class Canceller implements TaskWork<'CANCEL'> {
  readonly #deliveries: Collection<DeliveryDoc>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly runs: Runs,
    private readonly recorder: Recorder,
  ) {
    this.#deliveries = database.collection(Delivery);
  }

  async *steps(run: RunDoc, { scope, filter, reason }: TaskOf<'CANCEL'>): AsyncGenerator<void, void> {
    const selection = openOnes(scope, filter, run.startedAt);
    // What is rung or fails in mid-walk goes to a place that was passed already: walk until nothing is left.
    for (let found = true; found;) {
      found = false;
      for await (const ids of batches(this.#deliveries, selection)) {
        found = true;
        await this.#cancel(run, ids, reason);
        yield;
      }
    }
  }

  #cancel(run: RunDoc, ids: readonly ObjectId[], reason: string | null): Promise<void> {
    return this.database.transaction(async (session) => {
      const open = { _id: { $in: [...ids] }, state: { $in: [...OPEN] } };
      const found = await this.#deliveries
        .find<Dimensions & Pick<DeliveryDoc, 'state'>>(open, {
          session,
          projection: { ...DIMENSIONS, state: 1 },
        })
        .toArray();
      if (found.length === 0) return;
      const why = reason === null ? {} : { reason };
      const entry: HistoryEntry = { state: 'CANCELLED', at: this.clock.date(), by: run.owner, ...why };
      await this.#deliveries.updateMany(
        { _id: { $in: found.map((d) => d._id) }, state: { $in: [...OPEN] } },
        { $set: { state: 'CANCELLED', ...NOWHERE }, $push: { history: entry } as never },
        { session },
      );
      await this.recorder.record(
        session,
        found.map((delivery) => ({ delivery, from: delivery.state, to: 'CANCELLED' as const, ...why })),
      );
      await this.runs.report(run._id, { changed: found.length }, session);
    });
  }
}

import type { ObjectId } from '@mikro-orm/mongodb';
import type { Collection } from 'mongodb';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Delivery, type DeliveryDoc } from '../delivery/delivery.entity.js';
import { QUEUED_BY_PIPELINE } from '../delivery/place.js';
import { FAILED_STATES } from '../delivery/states.js';
import type { RunDoc } from '../schedule/run.entity.js';
import type { Runs } from '../schedule/runs.js';
import { DIMENSIONS, type Dimensions } from '../stats/changes.js';
import type { Recorder } from '../stats/recorder.js';
import { batches, failedOnes } from './selection.js';
import type { TaskOf, TaskWork } from './tasks.js';

/** The move `revive`, in bulk: what has failed gets a fresh set of tries on top of those used (CORE-26). */
export class Reviver implements TaskWork<'REVIVE'> {
  readonly #deliveries: Collection<DeliveryDoc>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly runs: Runs,
    private readonly recorder: Recorder,
  ) {
    this.#deliveries = database.collection(Delivery);
  }

  async *steps(run: RunDoc, { scope, filter, limit }: TaskOf<'REVIVE'>): AsyncGenerator<void, void> {
    const left = limit - (run.changed ?? 0);
    if (left <= 0) return;
    // What fails again while it goes on is not revived by the same run once more.
    const selection = failedOnes(scope, filter, run.startedAt);
    for await (const ids of batches(this.#deliveries, selection, left)) {
      await this.#revive(run, ids);
      yield;
    }
  }

  #revive(run: RunDoc, ids: readonly ObjectId[]): Promise<void> {
    return this.database.transaction(async (session) => {
      const failed = { _id: { $in: [...ids] }, state: { $in: [...FAILED_STATES] } };
      const found = await this.#deliveries
        .find<Dimensions & Pick<DeliveryDoc, 'state'>>(failed, {
          session,
          projection: { ...DIMENSIONS, state: 1 },
        })
        .toArray();
      if (found.length === 0) return;
      const now = this.clock.date();
      const entry = { state: 'QUEUED', at: now, by: run.owner, reason: 'REVIVED' };
      await this.#deliveries.updateMany(
        { _id: { $in: found.map((d) => d._id) }, state: { $in: [...FAILED_STATES] } },
        [
          {
            $set: {
              state: 'QUEUED',
              ...QUEUED_BY_PIPELINE,
              readyAt: now,
              // What was reported was about the tries before: it must not settle the next one.
              receipts: null,
              maxAttempts: { $add: ['$attempts', '$retry.attempts'] },
              history: { $concatArrays: ['$history', [entry]] },
            },
          },
        ],
        { session },
      );
      await this.recorder.record(
        session,
        found.map((delivery) => ({
          delivery,
          from: delivery.state,
          to: 'QUEUED' as const,
          reason: 'REVIVED',
        })),
      );
      await this.runs.report(run._id, { changed: found.length }, session);
    });
  }
}

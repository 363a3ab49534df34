import type { Collection } from 'mongodb';
import type { Database } from '../database.js';
import { Worker, type WorkerDoc, type WorkerReport } from './worker.entity.js';

/** A worker that has not left in order, as any process sees it. */
export interface WorkerView {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** How long ago it was last heard of, in ms by the database server's clock. */
  readonly silentMs: number;
  /** What it said then; null for one that has not said anything. */
  readonly report: WorkerReport | null;
}

/** The workers that are at work, or should be: what they said with their last heartbeats. */
export class Workers {
  readonly #workers: Collection<WorkerDoc>;

  constructor(database: Database) {
    this.#workers = database.collection(Worker);
  }

  /** In the order of their ids. Those that have left, or whose deliveries were taken back, are not among them. */
  async list(): Promise<WorkerView[]> {
    const found = await this.#workers
      .aggregate<WorkerView>(
        [
          { $match: { status: { $in: ['ALIVE', 'LOST'] } } },
          {
            $project: {
              _id: 0,
              id: '$_id',
              host: 1,
              pid: 1,
              // The server's own clock on both sides: a machine whose clock is off makes nobody look dead.
              silentMs: { $max: [0, { $subtract: ['$$NOW', '$seenAt'] }] },
              report: { $ifNull: ['$report', null] },
            },
          },
        ],
        { hint: 'status' },
      )
      .toArray();
    return found.sort((a, b) => a.id.localeCompare(b.id));
  }
}

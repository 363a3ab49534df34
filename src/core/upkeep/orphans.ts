import type { Collection } from 'mongodb';
import type { ChannelName } from '../channel/channel.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Attempt, type AttemptDoc } from '../delivery/attempt.entity.js';
import { Delivery, type DeliveryDoc } from '../delivery/delivery.entity.js';
import { OPEN_PLACES } from '../delivery/place.js';
import { Run, type RunDoc, type RunRemark } from '../schedule/run.entity.js';

/** A run that makes no deliveries, has no task, and has run for so long, in engine ms, has been left by whoever began it. */
const LEFT_MS = 24 * 3_600_000;
/** Counts stop here. */
const COUNTED = 1_000_000;
/** Runs that are told about, at most. */
const RUNS = 20;

/** Looks for what nobody will ever work on, which only a person can decide about. */
export class Orphans {
  readonly #deliveries: Collection<DeliveryDoc>;
  readonly #attempts: Collection<AttemptDoc>;
  readonly #runs: Collection<RunDoc>;

  constructor(
    database: Database,
    private readonly clock: Clock,
    private readonly queues: () => ReadonlySet<string>,
    private readonly channels: ReadonlyMap<ChannelName, unknown>,
  ) {
    this.#deliveries = database.collection(Delivery);
    this.#attempts = database.collection(Attempt);
    this.#runs = database.collection(Run);
  }

  /** What was found, in words. */
  async look(): Promise<RunRemark[]> {
    return [...(await this.#unserved()), ...(await this.#leftRuns())];
  }

  /** Deletes attempts that are older than every delivery: theirs are gone. @returns how many */
  async deleteAttempts(): Promise<number> {
    const [oldest] = await this.#deliveries
      .find<Pick<DeliveryDoc, '_id'>>({}, { projection: { _id: 1 }, hint: '_id_' })
      .sort({ _id: 1 })
      .limit(1)
      .toArray();
    if (!oldest) return 0;
    const { deletedCount } = await this.#attempts.deleteMany({ _id: { $lt: oldest._id.toHexString() } });
    return deletedCount;
  }

  /** What waits in a queue that is not defined any more, or for a channel that is not configured. */
  async #unserved(): Promise<RunRemark[]> {
    const remarks: RunRemark[] = [];
    for (const place of await this.#deliveries.distinct('place', { place: OPEN_PLACES })) {
      const [, queue = '', channel] = place?.split('|') ?? [];
      const lacks = !this.queues().has(queue)
        ? { subject: queue, code: 'NO_QUEUE', what: `the queue ${queue}, which is not defined` }
        : channel !== undefined && !this.channels.has(channel as ChannelName)
          ? { subject: channel, code: 'NO_CHANNEL', what: `the channel ${channel}, which is not configured` }
          : null;
      if (!lacks) continue;
      const count = await this.#deliveries.countDocuments({ place }, { hint: 'work', limit: COUNTED });
      const { subject, code, what } = lacks;
      remarks.push({ subject, code, message: `${count} deliveries wait for ${what}` });
    }
    return remarks;
  }

  async #leftRuns(): Promise<RunRemark[]> {
    const left = new Date(this.clock.now() - LEFT_MS);
    const runs = await this.#runs
      .find({ status: 'RUNNING', window: null, task: null, startedAt: { $lt: left } }, { hint: 'running' })
      .limit(RUNS)
      .toArray();
    return runs.map(({ _id, program, type, startedAt }) => ({
      subject: _id.toHexString(),
      code: 'LEFT_RUN',
      message: `the ${type} of ${program} has run since ${startedAt.toISOString()}, and nobody goes on with it`,
    }));
  }
}

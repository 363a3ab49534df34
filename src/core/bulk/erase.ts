import { setTimeout as delay } from 'node:timers/promises';
import type { ObjectId } from '@mikro-orm/mongodb';
import type { ClientSession, Collection } from 'mongodb';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Attempt, type AttemptDoc, attemptId } from '../delivery/attempt.entity.js';
import {
  Delivery,
  type DeliveryDoc,
  ERASED_DELIVERY,
  type HistoryEntry,
} from '../delivery/delivery.entity.js';
import { NOWHERE } from '../delivery/place.js';
import { type DeliveryState, OPEN } from '../delivery/states.js';
import type { RunDoc } from '../schedule/run.entity.js';
import type { Runs } from '../schedule/runs.js';
import { DIMENSIONS, type Dimensions } from '../stats/changes.js';
import type { Recorder } from '../stats/recorder.js';
import { batches, personsOnes } from './selection.js';
import type { TaskOf, TaskWork } from './tasks.js';

/** How long an attempt under way is given to end before it is looked for again, in real ms. */
const PAUSE_MS = 250;

/** What is read of a delivery that is to be erased. */
type Found = Dimensions & Pick<DeliveryDoc, 'state' | 'attempts'>;

/**
 * Takes a person out of their deliveries (SEC-7): addresses, names, what was sent and answered, the caller's own data.
 * What waits is cancelled first. The deliveries themselves stay, and with them every figure that they are counted in.
 */
export class Eraser implements TaskWork<'ERASE'> {
  readonly #deliveries: Collection<DeliveryDoc>;
  readonly #attempts: Collection<AttemptDoc>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly runs: Runs,
    private readonly recorder: Recorder,
  ) {
    this.#deliveries = database.collection(Delivery);
    this.#attempts = database.collection(Attempt);
  }

  async *steps(run: RunDoc, { scope, person }: TaskOf<'ERASE'>): AsyncGenerator<void, void> {
    // Only a run that has ended names nobody.
    if (!person) return;
    const selection = personsOnes(scope, person, run.startedAt);
    // What has an attempt under way is left until that has ended; what is retried meanwhile is met again as well.
    for (let left = true; left;) {
      left = false;
      for await (const ids of batches(this.#deliveries, selection)) {
        left = true;
        const erased = await this.#erase(run, ids);
        if (erased === 0) await delay(PAUSE_MS);
        yield;
      }
    }
  }

  /** @returns how many; those that are SENDING are not */
  #erase(run: RunDoc, ids: readonly ObjectId[]): Promise<number> {
    return this.database.transaction(async (session) => {
      const found = await this.#deliveries
        .find<Found>(
          { _id: { $in: [...ids] }, state: { $ne: 'SENDING' } },
          { session, projection: { ...DIMENSIONS, state: 1, attempts: 1 } },
        )
        .toArray();
      if (found.length === 0) return 0;
      for (const [state, alike] of Map.groupBy(found, (delivery) => delivery.state))
        await this.#eraseAlike(session, run, state, alike);
      const all = { _id: { $in: found.map(({ _id }) => _id) } };
      await this.#deliveries.updateMany(
        { ...all, lastError: { $ne: null } },
        { $set: { 'lastError.message': '' } },
        { session },
      );
      await this.#eraseAttempts(session, found);
      await this.runs.report(run._id, { changed: found.length }, session);
      return found.length;
    });
  }

  async #eraseAlike(
    session: ClientSession,
    run: RunDoc,
    state: DeliveryState,
    alike: readonly Found[],
  ): Promise<void> {
    const isOpen = (OPEN as readonly DeliveryState[]).includes(state);
    const after = isOpen ? 'CANCELLED' : state;
    const entry: HistoryEntry = { state: after, at: this.clock.date(), by: run.owner, reason: 'ERASED' };
    await this.#deliveries.updateMany(
      { _id: { $in: alike.map(({ _id }) => _id) }, state },
      {
        // What has failed is in line to be tried again by hand: it must not be any more.
        $set: { state: after, ...NOWHERE, ...ERASED_DELIVERY },
        $unset: { 'receipts.messageId': '', 'receipts.response': '', 'receipts.failure': '' },
        $push: { history: entry } as never,
      },
      { session },
    );
    if (!isOpen) return;
    await this.recorder.record(
      session,
      alike.map((delivery) => ({ delivery, from: state, to: 'CANCELLED' as const, reason: 'ERASED' })),
    );
  }

  /** Some providers' ids of messages hold the address, and so may what they answered. */
  async #eraseAttempts(session: ClientSession, found: readonly Found[]): Promise<void> {
    const ids = found.flatMap(({ _id, attempts }) =>
      Array.from({ length: attempts }, (_, i) => attemptId(_id, i + 1)),
    );
    if (ids.length === 0) return;
    const all = { _id: { $in: ids } };
    await this.#attempts.updateMany(all, { $set: { messageId: null } }, { session });
    await this.#attempts.updateMany(
      { ...all, errorMessage: { $ne: null } },
      { $set: { errorMessage: '' } },
      { session },
    );
  }
}

import type { ObjectId } from '@mikro-orm/mongodb';
import type { Collection } from 'mongodb';
import { type Caller, ownedBy } from '../access/caller.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { Delivery, type DeliveryDoc } from '../delivery/delivery.entity.js';
import type { DeliveryFilter } from '../delivery/filter.js';
import { type DeliveryState, OPEN } from '../delivery/states.js';
import { PunctualError } from '../errors.js';
import type { RunDoc } from '../schedule/run.entity.js';
import type { Runs } from '../schedule/runs.js';
import type { Person, TaskScope } from '../schedule/task.js';
import { count, failedOnes, openOnes, personsOnes, type Selection } from './selection.js';
import type { NewTask, Tasks } from './tasks.js';

/** How a bulk action is asked for. */
export interface BulkOptions {
  /** Only count what matches. */
  readonly dryRun: boolean;
  readonly idempotencyKey?: string | null;
}

/** What became of a bulk action, so far. */
export interface BulkResult {
  /** How many matched when it was asked for. */
  readonly matched: number;
  /** How many have been changed so far: all, unless the run is still RUNNING. */
  readonly changed: number;
  /** Null in a dry run, and where nothing matched. */
  readonly run: RunDoc | null;
}

/** Actions on many deliveries at once, each of which is a run (API-8). */
export class Bulk {
  readonly #deliveries: Collection<DeliveryDoc>;

  /** @param queue throws QUEUE_NOT_FOUND unless there is one of this name */
  constructor(
    database: Database,
    private readonly clock: Clock,
    private readonly runs: Runs,
    private readonly tasks: Tasks,
    private readonly queue: (name: string) => unknown,
  ) {
    this.#deliveries = database.collection(Delivery);
  }

  /**
   * Tries failed and dead-lettered deliveries again, the newest first, with a fresh set of tries each (CORE-26).
   * @param options.limit so many at most
   * @throws VALIDATION_ERROR, IDEMPOTENCY_CONFLICT (the key)
   */
  retryFailed(
    caller: Caller,
    filter: DeliveryFilter,
    options: BulkOptions & { readonly limit: number },
  ): Promise<BulkResult> {
    const { limit } = options;
    const scope = scopeOf(caller);
    const task = { kind: 'REVIVE', scope, filter, limit } as const;
    const selection = failedOnes(scope, filter, this.clock.date());
    return this.#act(caller, options, { type: 'retry-failed', task }, selection, limit);
  }

  /** Cancels all that waits and meets a filter (CORE-4). @throws VALIDATION_ERROR (a filter that names nothing; the key) */
  cancelMany(caller: Caller, filter: DeliveryFilter, options: BulkOptions): Promise<BulkResult> {
    if (Object.keys(filter).length === 0) {
      throw new PunctualError('VALIDATION_ERROR', 'name at least one thing that all of them have in common', {
        path: 'filter',
      });
    }
    return this.#cancel(caller, 'cancel-many', filter, null, options);
  }

  /**
   * Cancels what waits in a queue.
   * @param states null: whatever it waits for
   * @throws QUEUE_NOT_FOUND, VALIDATION_ERROR (a state that is no waiting; the key)
   */
  cleanQueue(
    caller: Caller,
    queue: string,
    states: readonly DeliveryState[] | null,
    options: BulkOptions,
  ): Promise<BulkResult> {
    this.queue(queue);
    const open: readonly DeliveryState[] = OPEN;
    const wrong = states?.find((state) => !open.includes(state));
    if (wrong !== undefined) {
      const message = `${wrong} is no state in which a delivery waits: ${OPEN.join(', ')} are`;
      throw new PunctualError('VALIDATION_ERROR', message, { path: 'states' });
    }
    return this.#cancel(
      caller,
      'clean-queue',
      { queue, ...(states ? { states } : {}) },
      'QUEUE_CLEANED',
      options,
    );
  }

  /**
   * Stops a run, and cancels what waits of the deliveries that it made.
   * @returns the run, and what became of cancelling; what the run had changed itself stays so
   * @throws RUN_NOT_FOUND, INVALID_OPERATION when it has ended
   */
  async cancelRun(caller: Caller, id: ObjectId): Promise<{ run: RunDoc; cancelling: BulkResult }> {
    const run = await this.runs.cancel(caller, id);
    const cancelling = await this.#cancel(caller, 'cancel-run', { run: id }, 'RUN_CANCELLED', {
      dryRun: false,
    });
    return { run, cancelling };
  }

  /**
   * Erases a person from their deliveries (SEC-7), and cancels what waits of those. Repeating it changes nothing.
   * @throws VALIDATION_ERROR when nobody is named
   */
  async eraseRecipient(
    caller: Caller,
    person: Person,
    options: Pick<BulkOptions, 'dryRun'>,
  ): Promise<BulkResult> {
    if (person.addresses.length + person.recipients.length === 0)
      throw new PunctualError('VALIDATION_ERROR', 'an address or a name is needed', { path: 'address' });
    const scope = scopeOf(caller);
    const task = { kind: 'ERASE', scope, person } as const;
    const selection = personsOnes(scope, person, this.clock.date());
    return this.#act(caller, options, { type: 'erase-recipient', task }, selection);
  }

  #cancel(
    caller: Caller,
    type: string,
    filter: DeliveryFilter,
    reason: string | null,
    options: BulkOptions,
  ): Promise<BulkResult> {
    const scope = scopeOf(caller);
    const task = { kind: 'CANCEL', scope, filter, reason } as const;
    return this.#act(caller, options, { type, task }, openOnes(scope, filter, this.clock.date()));
  }

  async #act(
    caller: Caller,
    { dryRun, idempotencyKey = null }: BulkOptions,
    task: Pick<NewTask, 'type' | 'task'>,
    selection: Selection,
    most?: number,
  ): Promise<BulkResult> {
    const matched = await count(this.#deliveries, selection, most);
    if (dryRun) return { matched, changed: 0, run: null };
    const asked = { ...task, matched, idempotencyKey };
    // What was done by an earlier request with the key matches no more.
    const run =
      matched === 0
        ? await this.tasks.earlier(caller.owner, asked)
        : await this.tasks.begin(caller.owner, asked);
    return { matched: run?.matched ?? matched, changed: run?.changed ?? 0, run };
  }
}

function scopeOf(caller: Caller): TaskScope {
  return ownedBy(caller).owner ?? null;
}

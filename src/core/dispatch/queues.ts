import type { Collection } from 'mongodb';
import type { Caller } from '../access/caller.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { PunctualError } from '../errors.js';
import { countsByQueue, noCounts, type StateCounts } from '../stats/counts.js';
import type { Recorder } from '../stats/recorder.js';
import { Queue, type QueueDoc } from './queue.entity.js';

/** A queue, as a program or the configuration defines it. */
export interface QueueDefinition {
  readonly name: string;
  /** Attempts under way at once, over all workers (CORE-23). */
  readonly maxInFlight: number;
}

/** A queue as operators see it. */
export interface QueueView extends QueueDefinition {
  readonly paused: boolean;
  /** How many of its deliveries are in each state now. */
  readonly counts: StateCounts;
}

/** The queues: defined by code, paused and resumed by operators. Each process keeps a copy of the switches. */
export class Queues {
  readonly #switches: Collection<QueueDoc>;
  readonly #definitions: ReadonlyMap<string, QueueDefinition>;
  readonly #paused = new Set<string>();
  readonly #names: ReadonlySet<string>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly recorder: Recorder,
    definitions: readonly QueueDefinition[],
  ) {
    this.#switches = database.collection(Queue);
    this.#definitions = new Map(definitions.map((d) => [d.name, d]));
    this.#names = new Set(this.#definitions.keys());
  }

  /** The names of all queues. */
  names(): ReadonlySet<string> {
    return this.#names;
  }

  /** @throws QUEUE_NOT_FOUND */
  definition(name: string): QueueDefinition {
    const definition = this.#definitions.get(name);
    if (!definition)
      throw new PunctualError('QUEUE_NOT_FOUND', `there is no queue ${JSON.stringify(name.slice(0, 64))}`, {
        path: 'queue',
      });
    return definition;
  }

  /** By this process's copy: refreshed at the start, and after a `queue.changed` event. */
  isPaused(name: string): boolean {
    return this.#paused.has(name);
  }

  /** Reads the switches anew. */
  async refresh(): Promise<void> {
    const switches = await this.#switches.find().toArray();
    this.#paused.clear();
    for (const queue of switches) if (queue.paused) this.#paused.add(queue._id);
  }

  async list(): Promise<QueueView[]> {
    await this.refresh();
    const counts = await countsByQueue(this.database);
    return [...this.#definitions.values()].map((definition) => this.#view(definition, counts));
  }

  /** @throws QUEUE_NOT_FOUND */
  async get(name: string): Promise<QueueView> {
    const definition = this.definition(name);
    await this.refresh();
    return this.#view(definition, await countsByQueue(this.database, name));
  }

  /** Claims stop at once; what is under way ends. @throws QUEUE_NOT_FOUND */
  pause(caller: Caller, name: string): Promise<QueueView> {
    return this.#switch(caller, name, true);
  }

  /** @throws QUEUE_NOT_FOUND */
  resume(caller: Caller, name: string): Promise<QueueView> {
    return this.#switch(caller, name, false);
  }

  async #switch(caller: Caller, name: string, paused: boolean): Promise<QueueView> {
    this.definition(name);
    const changed = { paused, changedAt: this.clock.date(), changedBy: caller.owner };
    await this.#switches.updateOne({ _id: name }, { $set: changed }, { upsert: true });
    await this.recorder.announce('queue.changed', {
      queue: name,
      reason: paused ? 'PAUSED' : 'RESUMED',
      data: { by: caller.owner },
    });
    return this.get(name);
  }

  #view(definition: QueueDefinition, counts: ReadonlyMap<string, StateCounts>): QueueView {
    return {
      ...definition,
      paused: this.isPaused(definition.name),
      counts: counts.get(definition.name) ?? noCounts(),
    };
  }
}

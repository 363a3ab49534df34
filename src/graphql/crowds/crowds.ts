import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { createSourceEventStream, execute, type ExecutionArgs } from 'graphql';
import type { Logger } from 'pino';
import type { Caller } from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { type ContextSource, createContext } from '../context.js';
import { SubscriptionEvent } from '../subscription-event.type.js';
import { Ahead } from './ahead.js';
import { Crowd, type Item } from './crowd.js';
import { type CrowdKind, crowdKindOf } from './crowd-kind.js';
import { shared } from './shared-text.js';

/** A subscriber's claim to the crowd of its kind. */
export interface Seat {
  /** Null while the subscriber is the only one of its kind. */
  crowd(): Crowd | null;
  /** Gives the seat up. */
  leave(): void;
}

/** Those of one kind. */
interface Hall {
  readonly kind: CrowdKind;
  readonly caller: Caller;
  taken: number;
  crowd: Crowd | null;
  readonly leaving: AbortController;
}

/**
 * What comes while the members are being told is told together: next time for as long as telling has taken, so that a
 * large crowd is told less often of more, each member in one write, and never lags behind by its size.
 */
const LONGEST_GATHERING_MS = 100;
const MOST_TOGETHER = 100;
/** From so many on a crowd costs less than each for itself. */
const A_CROWD = 2;

/** The crowds of this process: those who ask for the same and may see the same are told by one execution. */
export class Crowds {
  readonly #halls = new Map<string, Hall>();

  constructor(
    private readonly source: ContextSource,
    private readonly stopping: AbortSignal,
    private readonly log: Logger,
  ) {}

  /** A seat among those of the same kind; null where the kind cannot be told. */
  enter(args: ExecutionArgs, caller: Caller): Seat | null {
    const kind = crowdKindOf(args, caller);
    if (!kind) return null;
    const hall = this.#halls.get(kind.key) ?? {
      kind,
      caller,
      taken: 0,
      crowd: null,
      leaving: new AbortController(),
    };
    this.#halls.set(kind.key, hall);
    hall.taken += 1;
    let left = false;
    return {
      crowd: () => (left ? null : this.#crowdOf(hall)),
      leave: () => {
        if (left) return;
        left = true;
        hall.taken -= 1;
        if (hall.taken > 0) return;
        hall.leaving.abort();
        this.#halls.delete(kind.key);
      },
    };
  }

  #crowdOf(hall: Hall): Crowd | null {
    if (hall.taken < A_CROWD) return null;
    if (!hall.crowd || hall.crowd.over) {
      hall.crowd = new Crowd();
      void this.#run(hall, hall.crowd);
    }
    return hall.crowd;
  }

  /** Follows the events for a crowd. Whether each member may still be told, each finds out for itself. */
  async #run({ kind, caller, leaving }: Hall, crowd: Crowd): Promise<void> {
    const signal = AbortSignal.any([this.stopping, leaving.signal]);
    const contextValue: Context = {
      ...createContext(this.source, { caller, bearer: '' }, randomUUID(), signal),
      reauthenticate: () => Promise.resolve({ ...caller, expiresAt: null }),
    };
    const args = { ...kind.args, contextValue };
    try {
      const events = await createSourceEventStream(args);
      if (!(Symbol.asyncIterator in events)) throw events.errors?.[0] ?? new Error('no events');
      await tellAll(new Ahead(events[Symbol.asyncIterator]()), args, crowd);
      crowd.end(null);
    } catch (error) {
      this.log.debug({ err: error }, 'a crowd of subscribers has ended');
      crowd.end(error);
    }
  }
}

/** Tells a crowd of events until there are no more. @throws what their source does */
async function tellAll(events: Ahead<unknown>, args: ExecutionArgs, crowd: Crowd): Promise<void> {
  let gatherMs = 0;
  for (;;) {
    const first = await events.next();
    if (first.done === true) return;
    const items = [...(await itemsOf(first.value, args))];
    const until = performance.now() + gatherMs;
    while (items.length < MOST_TOGETHER) {
      const next = await events.within(until - performance.now());
      if (next === null || next.done === true) break;
      items.push(...(await itemsOf(next.value, args)));
    }
    crowd.tell(items);
    gatherMs = Math.min(LONGEST_GATHERING_MS, await timeOfTelling());
  }
}

/** Nothing for a snapshot: each member has had one of its own. */
async function itemsOf(event: unknown, args: ExecutionArgs): Promise<Item[]> {
  if (!(event instanceof SubscriptionEvent)) throw new Error('a subscription to something else');
  if (event.snapshot) return [];
  const result = await execute({ ...args, rootValue: event });
  return [{ id: event.id, result: shared(result) }];
}

/** How long the members take to be told: until this process comes to anything else. */
async function timeOfTelling(): Promise<number> {
  const beganAt = performance.now();
  await new Promise((resolve) => setImmediate(resolve));
  return performance.now() - beganAt;
}

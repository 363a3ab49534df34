import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { type Caller, type EventDoc, type EventType, mayAct, type StreamedEvent } from '../core/index.js';
import type { Context } from '../schema/context.js';
import { credentialsEnded } from './auth.js';

/** Events gathered into one update; more are sent on without waiting for the interval's end. */
const MOST_GATHERED = 500;

/** One or several events that a subscriber is told of together, in order; at least one. */
export type Moment = readonly [StreamedEvent, ...StreamedEvent[]];

/** Which events, and how densely. */
export interface FeedOptions {
  readonly types: readonly EventType[];
  readonly after: string;
  /** At least so long between two moments, in ms; 0: each event is a moment of its own. */
  readonly minIntervalMs: number;
  readonly matches: (event: EventDoc) => boolean;
}

/**
 * The events that the caller may see, in order, from a cursor on, at most one moment in each `minInterval` (API-7).
 * Before each moment the key is asked for again, and each event's owner is compared.
 * @throws from the iterator: UNAUTHENTICATED, CURSOR_EXPIRED, RATE_LIMITED (too slow a reader)
 */
export async function* moments(
  context: Context,
  options: FeedOptions,
  signal: AbortSignal,
): AsyncGenerator<Moment, void> {
  const source = context.core.events.subscribe({ after: options.after, types: options.types, signal });
  const feed = new Lookahead(source);
  let { caller } = context;
  let earliest = 0;
  const wanted = ({ event }: StreamedEvent): boolean => visible(caller, event) && options.matches(event);
  try {
    for (;;) {
      const first = await feed.next();
      if (first === null) return;
      if (!wanted(first)) continue;
      const gathered = [first, ...(await feed.until(earliest, wanted, signal))];
      caller = await requireCaller(context);
      const [oldest, ...others] = gathered.filter(wanted);
      if (!oldest) continue;
      earliest = performance.now() + options.minIntervalMs;
      yield [oldest, ...others];
    }
  } finally {
    await source.return?.();
  }
}

/**
 * An async generator that can be left while it waits: a plain generator's `return` waits for the pending `next`,
 * and with it a closed socket's subscription would live until the next event.
 * @param outer ends it too
 */
export function leavable<T>(
  outer: AbortSignal,
  generate: (signal: AbortSignal) => AsyncGenerator<T, void>,
): AsyncIterableIterator<T> {
  const controller = new AbortController();
  const generator = generate(AbortSignal.any([outer, controller.signal]));
  return {
    next: () => generator.next(),
    return: async () => {
      controller.abort();
      await generator.return();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** One's own events, and for operators everybody's; what has no owner is about the machine, and theirs alone. */
function visible(caller: Caller, event: EventDoc): boolean {
  return mayAct(caller, 'OPERATOR') || event.owner === caller.owner;
}

/** @throws UNAUTHENTICATED once the key or token is no longer good */
export async function requireCaller(context: Context): Promise<Caller> {
  const caller = await context.reauthenticate();
  if (!caller) throw credentialsEnded();
  return caller;
}

/** Reads ahead with a time limit, and loses nothing when the limit comes first. */
class Lookahead {
  #pending: Promise<IteratorResult<StreamedEvent>> | null = null;

  constructor(private readonly source: AsyncIterator<StreamedEvent>) {}

  /** Null at the end. */
  async next(): Promise<StreamedEvent | null> {
    const result = await (this.#pending ??= this.source.next());
    this.#pending = null;
    return result.done === true ? null : result.value;
  }

  /** What comes until a monotonic instant, in ms, as far as it is wanted; the end of the source is left for `next`. */
  async until(
    instant: number,
    wanted: (event: StreamedEvent) => boolean,
    signal: AbortSignal,
  ): Promise<StreamedEvent[]> {
    const gathered: StreamedEvent[] = [];
    const wait = instant - performance.now();
    if (wait <= 0) return gathered;
    const over = new AbortController();
    const timeUp = delay(wait, null, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => null);
    while (gathered.length < MOST_GATHERED) {
      const result = await Promise.race([timeUp, (this.#pending ??= this.source.next())]);
      if (result === null || result.done === true) break;
      this.#pending = null;
      if (wanted(result.value)) gathered.push(result.value);
    }
    over.abort();
    return gathered;
  }
}

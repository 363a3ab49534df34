import { PunctualError } from '../errors.js';
import type { StreamedEvent } from './streamed-event.js';
import type { EventType } from './event-map.js';

/** Events that may wait for one subscriber; one that falls further behind is cut off. */
export const LONGEST = 10_000;

/** One subscriber's bounded queue, as an async iterator. */
export class EventQueue implements AsyncIterableIterator<StreamedEvent> {
  #waiting: StreamedEvent[] = [];
  #taker: {
    resolve: (result: IteratorResult<StreamedEvent>) => void;
    reject: (error: unknown) => void;
  } | null = null;
  #error: { readonly cause: unknown } | null = null;
  #closed = false;
  #onRoom: (() => void) | null = null;
  readonly #types: ReadonlySet<EventType> | null;
  readonly #onClose: (() => void)[];

  constructor(types: readonly EventType[] | undefined, onClose: () => void) {
    this.#types = types ? new Set(types) : null;
    this.#onClose = [onClose];
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Runs when the subscriber has gone; at once if it has already. */
  onClose(callback: () => void): void {
    if (this.#closed) callback();
    else this.#onClose.push(callback);
  }

  push(streamed: StreamedEvent): void {
    if (this.#closed || (this.#types && !this.#types.has(streamed.event.type))) return;
    const taker = this.#taker;
    if (taker) {
      this.#taker = null;
      taker.resolve({ value: streamed, done: false });
      return;
    }
    if (this.#waiting.length >= LONGEST) {
      this.#waiting = [];
      this.fail(tooSlow());
      return;
    }
    this.#waiting.push(streamed);
  }

  /** How many more it can hold. */
  get roomLeft(): number {
    return LONGEST - this.#waiting.length;
  }

  /** Resolves when there is room for one more, or nobody wants it, or after `boundMs`: for a source that can wait. */
  async room(boundMs: number): Promise<void> {
    if (this.#closed || this.#waiting.length < LONGEST) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#onRoom = () => resolve(undefined);
    const bound = setTimeout(this.#onRoom, boundMs);
    await promise;
    clearTimeout(bound);
  }

  /** Ends the iteration with an error, after what is waiting has been taken. */
  fail(error: unknown): void {
    if (this.#closed) return;
    this.#finish();
    const taker = this.#taker;
    this.#taker = null;
    if (taker) taker.reject(error);
    else this.#error = { cause: error };
  }

  /** Ends the iteration; what is waiting is dropped. */
  close(): void {
    this.#waiting = [];
    this.#finish();
    this.#taker?.resolve({ value: undefined, done: true });
    this.#taker = null;
  }

  next(): Promise<IteratorResult<StreamedEvent>> {
    const streamed = this.#waiting.shift();
    this.#giveRoom();
    if (streamed) return Promise.resolve({ value: streamed, done: false });
    if (this.#error) {
      const { cause } = this.#error;
      this.#error = null;
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
      return Promise.reject(cause);
    }
    if (this.#closed) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => (this.#taker = { resolve, reject }));
  }

  return(): Promise<IteratorResult<StreamedEvent>> {
    this.close();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#giveRoom();
    for (const callback of this.#onClose) callback();
  }
  #giveRoom(): void {
    this.#onRoom?.();
    this.#onRoom = null;
  }
}

/** What a subscriber is told that cannot keep up. */
export function tooSlow(): PunctualError {
  return new PunctualError(
    'RATE_LIMITED',
    `the subscriber is more than ${LONGEST} events behind; resume from the last cursor`,
  );
}

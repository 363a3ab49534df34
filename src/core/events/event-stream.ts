import { once } from 'node:events';
import type { ChangeStream, ChangeStreamInsertDocument, Collection, ResumeToken } from 'mongodb';
import type { Database } from '../database.js';
import { PunctualError } from '../errors.js';
import { Event, type EventDoc } from './event.entity.js';
import type { EventType } from './event-map.js';
import { EventQueue, LONGEST, tooSlow } from './event-queue.js';
import type { StreamedEvent } from './streamed-event.js';
import { Turns } from './turns.js';

/** What a subscriber wants. */
export interface SubscribeOptions {
  /** The cursor after which to go on; omitted: from now on. */
  readonly after?: string;
  /** Omitted: all types. */
  readonly types?: readonly EventType[];
  readonly signal?: AbortSignal;
}

type EventChanges = ChangeStream<EventDoc, ChangeStreamInsertDocument<EventDoc>>;

/**
 * How much this process keeps of what has happened, so that a reconnecting subscriber need not be read for from MongoDB:
 * ids of deliveries, with one more for each event. About 150 bytes each.
 */
const KEPT_IDS = 500_000;
/** Subscribers that catch up through change streams of their own at the same time; the others wait for their turn. */
const CATCHING_UP = 4;

/** A subscriber that catches up and takes nothing for so long, in ms, is cut off: others wait for its turn. */
const STALLED_MS = 30_000;
/** Behind every cursor. */
const NEVER = '~';
/** How long to wait before the stream is opened anew after an error, in ms. */
const REOPEN_MS = 500;

/**
 * The server's words for "that resume token is too old, or none at all". What cannot be read as one ends in whatever
 * assertion it meets first, and those are named by their number: `Location50811`.
 */
const TOKEN_LOST =
  /^(Location\d+|FailedToParse|Overflow|BadValue|TypeMismatch|InvalidBSON|InvalidResumeToken|CappedPositionLost|ChangeStreamHistoryLost|ChangeStreamFatalError)$/;

/**
 * Every process follows the events through one change stream, whose order is the order of events and whose resume token
 * is a cursor that cannot skip. Subscribers get their own bounded queues: a slow one is cut off, and costs the others
 * nothing.
 */
export class EventStream {
  readonly #events: Collection<EventDoc>;
  /** Those who get what this process's stream gives, and up to which cursor each has had it already. */
  readonly #subscribers = new Map<EventQueue, string>();
  /** Those with a change stream of their own, and the work of reading it. */
  readonly #followers = new Map<EventQueue, Promise<void>>();
  readonly #kept: StreamedEvent[] = [];
  #keptIds = 0;
  /** What was kept is complete from behind this cursor on. */
  #floor = '';
  readonly #turns = new Turns(CATCHING_UP);
  #stream: EventChanges | null = null;
  #cursor = '';
  readonly #closing = new AbortController();
  #reading: Promise<void> | null = null;

  constructor(
    database: Database,
    private readonly onError: (error: unknown) => void,
  ) {
    this.#events = database.collection(Event);
  }

  /** Opens the stream; resolves when no event can be missed any more. Rejects when it cannot be opened at all. */
  async start(): Promise<void> {
    this.#stream = this.#open(undefined);
    // The server's cursor is made by the first read, and its first answer holds the token of "from here on".
    const opened = once(this.#stream, 'resumeTokenChanged') as Promise<[ResumeToken]>;
    const failed = Promise.withResolvers<never>();
    this.#reading = this.#read(failed.reject);
    const [token] = await Promise.race([opened, failed.promise]);
    this.#cursor ||= cursorOf(token);
    this.#floor ||= this.#cursor;
  }

  async stop(): Promise<void> {
    this.#closing.abort();
    await this.#stream?.close();
    await this.#reading;
    const following = [...this.#followers.values()];
    for (const subscriber of [...this.#subscribers.keys(), ...this.#followers.keys()]) subscriber.close();
    await Promise.all(following);
  }

  /** The cursor of the newest event that this process has seen. */
  cursor(): string {
    return this.#cursor;
  }

  /**
   * Events in order, none missing, none twice. The subscription stands when this returns, so what happens from now on
   * will come.
   * @throws from the iterator: CURSOR_EXPIRED at the first event, RATE_LIMITED when the subscriber is too slow
   */
  subscribe(options: SubscribeOptions = {}): AsyncIterableIterator<StreamedEvent> {
    const queue = new EventQueue(options.types, () => this.#subscribers.delete(queue));
    options.signal?.addEventListener('abort', () => queue.close(), { once: true });
    if (options.signal?.aborted) queue.close();
    const { after } = options;
    if (after === undefined || after === this.#cursor) {
      this.#subscribers.set(queue, '');
      return queue;
    }
    const place = this.#kept.findIndex((kept) => kept.cursor === after);
    if (place >= 0 && this.#kept.length - place <= LONGEST) {
      for (const kept of this.#kept.slice(place + 1)) queue.push(kept);
      this.#subscribers.set(queue, '');
      return queue;
    }
    const following = this.#follow(after, queue).finally(() => this.#followers.delete(queue));
    this.#followers.set(queue, following);
    return queue;
  }

  /**
   * A subscriber from further back than what is kept, or than a queue holds, catches up through a change stream of its
   * own, no faster than it goes, and then joins the others.
   */
  async #follow(after: string, queue: EventQueue): Promise<void> {
    const done = await this.#turns.take();
    let own: EventChanges | null = null;
    try {
      own = this.#open({ _data: after });
      while (!queue.closed && !this.#isClosed()) {
        const change = await own.tryNext();
        if (change) queue.push(streamed(change));
        if (this.#join(queue, cursorOf(own.resumeToken))) return;
        await queue.room(STALLED_MS);
        if (queue.roomLeft === 0) queue.fail(tooSlow());
      }
    } catch (error) {
      queue.fail(isTokenLost(error) ? expired() : error);
    } finally {
      await own?.close().catch(this.onError);
      done();
    }
  }

  /** Lets a subscriber that has come as far as `reached` go on with what is kept. @returns false when it is too far back */
  #join(queue: EventQueue, reached: string): boolean {
    // Resume tokens compare as strings: their order is the order of events.
    if (reached === '' || reached < this.#floor) return false;
    const rest = this.#kept.filter((kept) => kept.cursor > reached);
    if (rest.length > queue.roomLeft) return false;
    for (const kept of rest) queue.push(kept);
    // It may be ahead of this process's stream: what that gives up to there, it has had.
    if (!queue.closed) this.#subscribers.set(queue, reached);
    return true;
  }

  /** Reads until it is stopped. After an error the stream is opened anew behind the last event: none is missed. */
  async #read(onFirstError: (error: unknown) => void): Promise<void> {
    while (!this.#isClosed()) {
      try {
        const from = this.#cursor === '' ? undefined : { _data: this.#cursor };
        const stream = (this.#stream ??= this.#open(from));
        const change = await stream.tryNext();
        if (change) this.#publish(streamed(change));
        // Without events the place moves on all the same, so that it does not grow older than what the server keeps.
        else this.#cursor = cursorOf(stream.resumeToken) || this.#cursor;
      } catch (error) {
        if (this.#isClosed()) return;
        onFirstError(error);
        this.onError(error);
        await this.#stream?.close().catch(this.onError);
        this.#stream = null;
        if (isTokenLost(error)) this.#startAnew();
        await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
      }
    }
  }

  /** The server no longer knows our place: what happened since is lost to subscribers, and each is told so. */
  #startAnew(): void {
    this.#cursor = '';
    this.#floor = NEVER;
    this.#kept.length = 0;
    this.#keptIds = 0;
    for (const subscriber of [...this.#subscribers.keys()]) subscriber.fail(expired());
  }

  #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  #publish(streamedEvent: StreamedEvent): void {
    if (this.#floor === NEVER) this.#floor = streamedEvent.cursor;
    this.#cursor = streamedEvent.cursor;
    this.#kept.push(streamedEvent);
    this.#keptIds += sizeOf(streamedEvent);
    if (this.#keptIds > KEPT_IDS) this.#forgetHalf();
    for (const [subscriber, had] of this.#subscribers) {
      if (streamedEvent.cursor > had) subscriber.push(streamedEvent);
    }
  }

  #forgetHalf(): void {
    let count = 0;
    while (this.#keptIds > KEPT_IDS / 2) {
      const oldest = this.#kept[count++];
      if (!oldest) break;
      this.#keptIds -= sizeOf(oldest);
      this.#floor = oldest.cursor;
    }
    this.#kept.splice(0, count);
  }

  #open(startAfter: { readonly _data: string } | undefined): EventChanges {
    return this.#events.watch<EventDoc, ChangeStreamInsertDocument<EventDoc>>(
      [{ $match: { operationType: 'insert' } }],
      startAfter === undefined ? { maxAwaitTimeMS: 1_000 } : { startAfter, maxAwaitTimeMS: 1_000 },
    );
  }
}

function sizeOf({ event }: StreamedEvent): number {
  return 1 + event.deliveries.length;
}

function expired(): PunctualError {
  return new PunctualError('CURSOR_EXPIRED', 'the cursor is older than the events that are kept', {
    path: 'after',
  });
}

function streamed(change: ChangeStreamInsertDocument<EventDoc>): StreamedEvent {
  return { cursor: cursorOf(change._id), event: change.fullDocument };
}

function cursorOf(token: ResumeToken): string {
  const data = (token as { _data?: unknown } | undefined)?._data;
  return typeof data === 'string' ? data : '';
}

function isTokenLost(error: unknown): boolean {
  const { codeName } = (error ?? {}) as { codeName?: unknown };
  return typeof codeName === 'string' && TOKEN_LOST.test(codeName);
}

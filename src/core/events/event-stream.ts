import { once } from 'node:events';
import type { ChangeStream, ChangeStreamInsertDocument, Collection, ResumeToken } from 'mongodb';
import type { Database } from '../database.js';
import { PunctualError } from '../errors.js';
import { Event, type EventDoc } from './event.entity.js';
import type { EventType } from './event-map.js';
import { EventQueue } from './event-queue.js';
import type { StreamedEvent } from './streamed-event.js';

/** What a subscriber wants. */
export interface SubscribeOptions {
  /** The cursor after which to go on; omitted: from now on. */
  readonly after?: string;
  /** Omitted: all types. */
  readonly types?: readonly EventType[];
  readonly signal?: AbortSignal;
}

type EventChanges = ChangeStream<EventDoc, ChangeStreamInsertDocument<EventDoc>>;

/** Events that this process keeps, so that a reconnecting subscriber need not open a change stream of its own. */
const KEPT = 20_000;

/** How long to wait before the stream is opened anew after an error, in ms. */
const REOPEN_MS = 500;

/** The server's codes for "that resume token is too old, or none of mine". */
const TOKEN_LOST = new Set([9, 40573, 40585, 40615, 50811, 50795, 136, 260, 280, 286]);

/**
 * Every process follows the events through one change stream, whose order is the order of events and whose resume token
 * is a cursor that cannot skip. Subscribers get their own bounded queues: a slow one is cut off, and costs the others
 * nothing.
 */
export class EventStream {
  readonly #events: Collection<EventDoc>;
  readonly #subscribers = new Set<EventQueue>();
  readonly #kept: StreamedEvent[] = [];
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

  /** Opens the stream; resolves when no event can be missed any more. */
  async start(): Promise<void> {
    this.#stream = this.#open(undefined);
    // The server's cursor is made by the first read, and its first answer holds the token of "from here on".
    const opened = once(this.#stream, 'resumeTokenChanged');
    this.#reading = this.#read();
    const [token] = (await opened) as [ResumeToken];
    this.#cursor ||= cursorOf(token);
  }

  async stop(): Promise<void> {
    this.#closing.abort();
    await this.#stream?.close();
    await this.#reading;
    for (const subscriber of this.#subscribers) subscriber.close();
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
      this.#subscribers.add(queue);
      return queue;
    }
    const place = this.#kept.findIndex((kept) => kept.cursor === after);
    if (place >= 0) {
      for (const kept of this.#kept.slice(place + 1)) queue.push(kept);
      this.#subscribers.add(queue);
      return queue;
    }
    void this.#follow(after, queue);
    return queue;
  }

  /** A subscriber from further back than what is kept gets a change stream of its own. */
  async #follow(after: string, queue: EventQueue): Promise<void> {
    let stream: EventChanges | null = null;
    try {
      stream = this.#open({ _data: after });
      const own = stream;
      queue.onClose(() => void own.close().catch(this.onError));
      for await (const change of own) queue.push(streamed(change));
    } catch (error) {
      if (queue.closed) return;
      queue.fail(
        isTokenLost(error)
          ? new PunctualError('CURSOR_EXPIRED', 'the cursor is older than the events that are kept', {
              path: 'after',
            })
          : error,
      );
    } finally {
      await stream?.close().catch(this.onError);
    }
  }

  async #read(): Promise<void> {
    while (!this.#isClosed()) {
      try {
        const stream = (this.#stream ??= this.#open(
          this.#cursor === '' ? undefined : { _data: this.#cursor },
        ));
        for await (const change of stream) this.#publish(streamed(change));
      } catch (error) {
        if (this.#isClosed()) return;
        this.onError(error);
        await this.#stream?.close().catch(this.onError);
        this.#stream = null;
        await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
      }
    }
  }

  #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  #publish(streamedEvent: StreamedEvent): void {
    this.#cursor = streamedEvent.cursor;
    this.#kept.push(streamedEvent);
    if (this.#kept.length > 2 * KEPT) this.#kept.splice(0, KEPT);
    for (const subscriber of this.#subscribers) subscriber.push(streamedEvent);
  }

  #open(startAfter: { readonly _data: string } | undefined): EventChanges {
    return this.#events.watch<EventDoc, ChangeStreamInsertDocument<EventDoc>>(
      [{ $match: { operationType: 'insert' } }],
      startAfter === undefined ? { maxAwaitTimeMS: 1_000 } : { startAfter, maxAwaitTimeMS: 1_000 },
    );
  }
}

function streamed(change: ChangeStreamInsertDocument<EventDoc>): StreamedEvent {
  return { cursor: cursorOf(change._id), event: change.fullDocument };
}

function cursorOf(token: ResumeToken): string {
  const data = (token as { _data?: unknown } | undefined)?._data;
  return typeof data === 'string' ? data : '';
}

function isTokenLost(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && TOKEN_LOST.has((error as { code?: number }).code ?? -1)
  );
}

import { performance } from 'node:perf_hooks';
import { Agent, request } from 'undici';
import { Pauses } from './pauses.js';

/** Where a provider's webhooks go, and what they are signed with. */
export interface CallbackTarget {
  readonly url: string;
  readonly secret: string;
}

/** A webhook ready to be sent: the raw body, and headers that may sign it. */
export interface CallbackRequest {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface CallbackCounts {
  /** Events that wait for their instant, for room, or for a further attempt. */
  readonly pending: number;
  /** Events that were answered with 2xx. */
  readonly delivered: number;
  /** POSTs that failed and were or will be tried again. */
  readonly retries: number;
  /** Events given up after the last attempt, or dropped because too many waited or there was nowhere to send them. */
  readonly lost: number;
}

/** Events are gathered for so long, in milliseconds, which is what makes batches of them under load. */
const TICK_MS = 25;
const BATCH_EVENTS = 50;
const CONNECTIONS = 4;
/** Bounds memory while the receiver is away: some 100 MB. */
const PENDING_MAX = 200_000;
/** 0.5, 1, 2 ... 32 s apart: a receiver that is away for a minute misses nothing. */
const ATTEMPTS = 8;
const RETRY_BASE_MS = 500;
const ANSWER_TIMEOUT_MS = 10_000;

interface Batch<Event> {
  readonly events: readonly Event[];
  attempts: number;
}

/** Sends a provider's events back to a webhook: each at its time, in batches, at least once, in no promised order. */
export class StatusCallbacks<Event> {
  readonly #format: (events: readonly Event[], secret: string) => CallbackRequest;
  readonly #agent = new Agent({ connections: CONNECTIONS, keepAliveTimeout: 60_000 });
  readonly #pauses = new Pauses();
  readonly #byTick = new Map<number, Event[]>();
  #ready: Batch<Event>[] = [];
  #lastTick = 0;
  #ticking = false;
  #sending = 0;
  #stopped = false;
  #target: CallbackTarget | undefined;
  #pending = 0;
  #delivered = 0;
  #retries = 0;
  #lost = 0;

  constructor(
    format: (events: readonly Event[], secret: string) => CallbackRequest,
    target?: CallbackTarget,
  ) {
    this.#format = format;
    this.#target = target;
  }

  get target(): CallbackTarget | undefined {
    return this.#target;
  }

  /** Changes where events go, those that wait included; undefined stops them, and what waits is lost when its time comes. */
  setTarget(target: CallbackTarget | undefined): void {
    this.#target = target;
  }

  get counts(): CallbackCounts {
    return { pending: this.#pending, delivered: this.#delivered, retries: this.#retries, lost: this.#lost };
  }

  /** Sends `event` in `delayMs` milliseconds, rounded up to the next tick. */
  schedule(event: Event, delayMs: number): void {
    if (this.#stopped) return;
    if (this.#pending >= PENDING_MAX) {
      this.#lost += 1;
      return;
    }
    this.#pending += 1;
    const now = performance.now() / TICK_MS;
    if (!this.#ticking) this.#lastTick = Math.floor(now);
    const tick = Math.max(this.#lastTick + 1, Math.ceil(now + delayMs / TICK_MS));
    const events = this.#byTick.get(tick);
    if (events) events.push(event);
    else this.#byTick.set(tick, [event]);
    this.#keepTicking();
  }

  /** Lets go of everything that waits. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#pauses.clear();
    this.#byTick.clear();
    this.#ready = [];
    await this.#agent.destroy();
  }

  #keepTicking(): void {
    if (this.#ticking || this.#byTick.size === 0) return;
    this.#ticking = true;
    this.#pauses.after(TICK_MS, () => {
      this.#ticking = false;
      this.#collect();
      this.#keepTicking();
    });
  }

  #collect(): void {
    const now = Math.floor(performance.now() / TICK_MS);
    const due: Event[] = [];
    for (let tick = this.#lastTick + 1; tick <= now; tick += 1) {
      const events = this.#byTick.get(tick);
      if (!events) continue;
      for (const event of events) due.push(event);
      this.#byTick.delete(tick);
    }
    this.#lastTick = now;
    for (let from = 0; from < due.length; from += BATCH_EVENTS) {
      this.#ready.push({ events: due.slice(from, from + BATCH_EVENTS), attempts: 0 });
    }
    this.#sendReady();
  }

  #sendReady(): void {
    while (this.#sending < CONNECTIONS) {
      const batch = this.#ready.shift();
      if (!batch) return;
      this.#sending += 1;
      void this.#attempt(batch).then((delivered) => {
        this.#sending -= 1;
        if (this.#stopped) return;
        if (delivered) this.#settle(batch, 'DELIVERED');
        else this.#retry(batch);
        this.#sendReady();
      });
    }
  }

  /** One POST. Never rejects: whatever goes wrong is a receiver that did not take the batch. */
  async #attempt(batch: Batch<Event>): Promise<boolean> {
    batch.attempts += 1;
    const target = this.#target;
    if (!target) return false;
    try {
      const { body, headers } = this.#format(batch.events, target.secret);
      const answer = await request(target.url, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
        dispatcher: this.#agent,
        headersTimeout: ANSWER_TIMEOUT_MS,
        bodyTimeout: ANSWER_TIMEOUT_MS,
      });
      await answer.body.dump();
      return answer.statusCode >= 200 && answer.statusCode < 300;
    } catch {
      // Refused, reset, timed out: counted as a retry by the caller, as every provider does with its receivers.
      return false;
    }
  }

  #retry(batch: Batch<Event>): void {
    if (batch.attempts >= ATTEMPTS || !this.#target) {
      this.#settle(batch, 'LOST');
      return;
    }
    this.#retries += 1;
    this.#pauses.after(RETRY_BASE_MS * 2 ** (batch.attempts - 1), () => {
      this.#ready.push(batch);
      this.#sendReady();
    });
  }

  #settle(batch: Batch<Event>, end: 'DELIVERED' | 'LOST'): void {
    this.#pending -= batch.events.length;
    if (end === 'DELIVERED') this.#delivered += batch.events.length;
    else this.#lost += batch.events.length;
  }
}

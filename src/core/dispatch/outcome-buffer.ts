import type { EndedAttempt } from '../outcome/ended-attempt.js';
import type { OutcomeWriter } from '../outcome/outcome-writer.js';
import type { Alarms } from '../schedule/alarms.js';
import type { Ringer } from '../schedule/ring.js';

/** Outcomes in one transaction at most. */
const BATCH = 500;
/** A small batch waits this long for company, in ms, so that a trickle does not cost a transaction each. */
const LINGER_MS = 4;
/** A write that failed is tried again after this long, in ms; the outcomes are kept. */
const AGAIN_MS = 250;

/** An outcome, and the life of the worker that it belongs to. */
interface Waiting {
  readonly worker: string;
  readonly ended: EndedAttempt;
}

/** What a buffer tells about. */
export interface OutcomeBufferEvents {
  /** Outcomes were written; there may be room for new claims. */
  readonly written: (ended: readonly EndedAttempt[]) => void;
  /** Another worker has taken these over; what became of them here was not written. */
  readonly lost: (ended: readonly EndedAttempt[]) => void;
  readonly error: (error: unknown) => void;
}

/**
 * Collects the outcomes of a worker's attempts and writes them in bulk. Several writers work side by side, one transaction
 * each, so that MongoDB's other cores have something to do; no two of them share a counter.
 */
export class OutcomeBuffer {
  #waiting: Waiting[] = [];
  readonly #writing = new Map<OutcomeWriter, Promise<void>>();
  #timer: NodeJS.Timeout | null = null;
  #givenUp = false;
  #unwritten = 0;

  constructor(
    private readonly writers: readonly OutcomeWriter[],
    private readonly alarms: Alarms,
    private readonly ringer: Ringer,
    private readonly events: OutcomeBufferEvents,
  ) {}

  /** Outcomes that are not written yet. */
  get size(): number {
    return this.#waiting.length + this.#unwritten;
  }

  push(worker: string, ended: EndedAttempt): void {
    this.#waiting.push({ worker, ended });
    this.#schedule();
  }

  /** Resolves when everything that was pushed is written. */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0 || this.#writing.size > 0) {
      this.#start();
      await Promise.race(this.#writing.values());
    }
  }

  /** Writes that fail are not tried again from now on: the process has to end. */
  giveUp(): void {
    this.#givenUp = true;
  }

  /** A whole batch goes to any writer that is free; a part of one waits for company, and for the writer under way. */
  #schedule(): void {
    if (this.#waiting.length >= BATCH) this.#start();
    else if (this.#waiting.length > 0 && this.#writing.size === 0) {
      this.#timer ??= setTimeout(() => this.#start(), LINGER_MS);
    }
  }

  #start(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const idle = this.writers.find((writer) => !this.#writing.has(writer));
    if (!idle || this.#waiting.length === 0) return;
    const written = this.#writeBatch(idle, this.#waiting.splice(0, BATCH)).finally(() => {
      this.#writing.delete(idle);
      this.#schedule();
    });
    this.#writing.set(idle, written);
  }

  async #writeBatch(writer: OutcomeWriter, batch: readonly Waiting[]): Promise<void> {
    for (const [worker, group] of Map.groupBy(batch, (b) => b.worker)) {
      const ended = group.map((b) => b.ended);
      await this.#write(writer, worker, ended);
    }
  }

  async #write(writer: OutcomeWriter, worker: string, ended: readonly EndedAttempt[]): Promise<void> {
    for (;;) {
      try {
        const waiting = waitingOf(ended);
        // Before the write: an alarm that finds nothing is harmless, a retry without one waits for the sweeper.
        for (const [queue, readyAts] of waiting) await this.alarms.setFor(queue, readyAts);
        const lost = await writer.write(worker, ended);
        for (const [queue, readyAts] of waiting) await this.ringer.ringIfSoon(queue, readyAts);
        if (lost.length > 0) this.events.lost(lost);
        this.events.written(ended);
        return;
      } catch (error) {
        this.events.error(error);
        if (this.#givenUp) {
          this.#unwritten += ended.length;
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }
}

/** The instants (engine ms) that deliveries are to wait for after these outcomes, by queue. */
function waitingOf(ended: readonly EndedAttempt[]): Map<string, number[]> {
  const waiting = new Map<string, number[]>();
  for (const { delivery, verdict } of ended) {
    const readyAt = verdict.move === 'retry' || verdict.move === 'release' ? verdict.readyAt : undefined;
    if (readyAt === undefined) continue;
    const own = waiting.get(delivery.queue);
    if (own) own.push(readyAt);
    else waiting.set(delivery.queue, [readyAt]);
  }
  return waiting;
}

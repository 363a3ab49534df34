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

/** What a buffer tells about. */
export interface OutcomeBufferEvents {
  /** Outcomes were written; there may be room for new claims. */
  readonly written: (ended: readonly EndedAttempt[]) => void;
  /** Another worker has taken these over; what became of them here was not written. */
  readonly lost: (ended: readonly EndedAttempt[]) => void;
  readonly error: (error: unknown) => void;
}

/** Collects the outcomes of a worker's attempts and writes them in bulk, one transaction at a time. */
export class OutcomeBuffer {
  #waiting: { readonly worker: string; readonly ended: EndedAttempt }[] = [];
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly writer: OutcomeWriter,
    private readonly alarms: Alarms,
    private readonly ringer: Ringer,
    private readonly events: OutcomeBufferEvents,
  ) {}

  /** Outcomes that are not written yet. */
  get size(): number {
    return this.#waiting.length;
  }

  push(worker: string, ended: EndedAttempt): void {
    this.#waiting.push({ worker, ended });
    if (this.#writing) return;
    if (this.#waiting.length >= BATCH) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), LINGER_MS);
  }

  /** Resolves when everything that was pushed is written. */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0 || this.#writing) {
      this.#start();
      await this.#writing;
    }
  }

  #start(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing ??= this.#drain().finally(() => (this.#writing = null));
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH);
      for (const [worker, group] of Map.groupBy(batch, (b) => b.worker)) {
        await this.#write(
          worker,
          group.map((b) => b.ended),
        );
      }
    }
  }

  async #write(worker: string, ended: readonly EndedAttempt[]): Promise<void> {
    for (;;) {
      try {
        const waiting = waitingOf(ended);
        // Before the write: an alarm that finds nothing is harmless, a retry without one waits for the sweeper.
        for (const [queue, readyAts] of waiting) await this.alarms.setFor(queue, readyAts);
        const lost = await this.writer.write(worker, ended);
        for (const [queue, readyAts] of waiting) await this.ringer.ringIfSoon(queue, readyAts);
        if (lost.length > 0) this.events.lost(lost);
        this.events.written(ended);
        return;
      } catch (error) {
        this.events.error(error);
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

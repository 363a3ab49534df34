import { changeBehaviour, DEFAULT_BEHAVIOUR, type Behaviour } from './behaviour.js';
import type { LedgerAnswer } from './ledger.js';
import { Purpose, roll, rollLatency } from './random.js';
import { SlidingSecond } from './sliding-second.js';

/** What a channel knows of a request when its fate is decided. */
interface ArrivedRequest {
  /** Number of the request in the channel since its behaviour was set, from `Gate.arrive`. */
  readonly n: number;
  /** Arrival, in milliseconds since 1970. */
  readonly at: number;
  readonly to: string | null;
  /** The provider's own verdict, before any fault or limit. */
  readonly verdict: 'GOOD' | 'REFUSED' | 'DUPLICATE';
}

export interface Fate {
  readonly answer: LedgerAnswer;
  /** Milliseconds from arrival to the answer (or to the reset). */
  readonly latencyMs: number;
  /** What a THROTTLED request ran into: the channel's limit, or that of its recipient. */
  readonly limit?: 'CHANNEL' | 'RECIPIENT';
}

/** Above so many recipients, those whose interval has passed are forgotten. */
const RECIPIENTS_KEPT = 10_000;

/** Decides the fate of each request of one channel by its behaviour. Knows no protocol: HTTP and SMTP ask it alike. */
export class Gate {
  readonly #defaults: Behaviour;
  readonly #accepted = new SlidingSecond();
  readonly #lastTo = new Map<string, number>();
  #behaviour: Behaviour;
  #arrivals = 0;

  constructor(defaults: Partial<Behaviour>) {
    this.#defaults = { ...DEFAULT_BEHAVIOUR, ...defaults };
    this.#behaviour = this.#defaults;
  }

  get behaviour(): Behaviour {
    return this.#behaviour;
  }

  /**
   * Changes the fields that `input` names and starts the seed's sequence anew. What was accepted in the last second
   * still counts.
   *
   * @throws PunctualError `VALIDATION_ERROR`
   */
  change(input: unknown): Behaviour {
    this.#behaviour = changeBehaviour(this.#behaviour, input);
    this.#arrivals = 0;
    return this.#behaviour;
  }

  /** Sets the behaviour back to the channel's default and starts the seed's sequence anew. */
  setBack(): Behaviour {
    this.#behaviour = this.#defaults;
    this.#arrivals = 0;
    return this.#behaviour;
  }

  /** Counts an arrival. To be called when the request arrives, so that the seed's sequence follows that order. */
  arrive(): number {
    return this.#arrivals++;
  }

  decide(request: ArrivedRequest): Fate {
    const { latencyMs, latencyP99Ms, seed } = this.#behaviour;
    const latency = rollLatency(seed, request.n, latencyMs, latencyP99Ms);
    const answer = this.#answer(request);
    if (answer === 'CHANNEL' || answer === 'RECIPIENT') {
      return { answer: 'THROTTLED', latencyMs: latency, limit: answer };
    }
    return { answer, latencyMs: latency };
  }

  /** Whether a share of `rate` strikes the request with the number `n`. */
  strikes(n: number, purpose: Purpose, rate: number): boolean {
    return rate > 0 && roll(this.#behaviour.seed, n, purpose) < rate;
  }

  #answer({ n, at, to, verdict }: ArrivedRequest): LedgerAnswer | 'CHANNEL' | 'RECIPIENT' {
    const b = this.#behaviour;
    if (b.outage) return 'ERROR';
    if (this.strikes(n, Purpose.HANG, b.hangRate)) return 'HUNG';
    if (this.strikes(n, Purpose.RESET, b.resetRate)) return 'RESET';
    if (this.strikes(n, Purpose.ERROR, b.errorRate)) return 'ERROR';
    if (verdict === 'REFUSED') return 'REJECTED';
    if (verdict === 'DUPLICATE') return 'DEDUPLICATED';
    if (this.strikes(n, Purpose.THROTTLE, b.throttleRate)) return 'CHANNEL';
    if (this.#tooSoonFor(to, at)) return 'RECIPIENT';
    if (!this.#accepted.take(at, b.throttlePerSecond)) return 'CHANNEL';
    this.#noteRecipient(to, at);
    return this.strikes(n, Purpose.RESET_AFTER_ACCEPT, b.resetAfterAcceptRate)
      ? 'RESET_AFTER_ACCEPT'
      : 'ACCEPTED';
  }

  #tooSoonFor(to: string | null, at: number): boolean {
    const interval = this.#behaviour.pairIntervalMs;
    if (interval === 0 || to === null) return false;
    const last = this.#lastTo.get(to);
    return last !== undefined && at - last < interval;
  }

  #noteRecipient(to: string | null, at: number): void {
    const interval = this.#behaviour.pairIntervalMs;
    if (interval === 0 || to === null) return;
    // Taken out first, so that the map's order is the order of time and the oldest are at its front.
    this.#lastTo.delete(to);
    this.#lastTo.set(to, at);
    if (this.#lastTo.size <= RECIPIENTS_KEPT) return;
    for (const [recipient, last] of this.#lastTo) {
      if (at - last < interval) break;
      this.#lastTo.delete(recipient);
    }
  }
}

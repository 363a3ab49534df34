import type { DeliveryDoc } from '../delivery/delivery.entity.js';
import type { LaneName } from './claim.js';
import { Holdups } from './holdups.js';

/** A delivery in this worker's hands that has not been started. */
export interface Held {
  readonly delivery: DeliveryDoc;
  /** Not before this engine instant, ms: its due instant, or the end of its recipient's pause. */
  readonly notBefore: number;
  /** How long its recipient's pause has held it back in this worker's hands, in ms of engine time. */
  readonly pausedMs: number;
}

/** Claims ahead at most: what a fast channel gets through in a fraction of a second. */
const MOST_HELD = 2_000;
/** An attempt is taken to last this long, in real ms, until one has been seen: fast, so that a wave is claimed in time. */
const FIRST_GUESS_MS = 20;
/** The worker claims what it can start within this time, in real ms. */
const AHEAD_MS = 1_000;

/** What one worker knows of one lane: what it holds, what is under way, and how fast it goes. */
export class Lane {
  readonly key: string;
  /** May start, the best-ranked first, from #next on. */
  #ready: Held[] = [];
  #next = 0;
  /** May not start yet, the earliest last. */
  #later: Held[] = [];
  #attemptMs = FIRST_GUESS_MS;
  /** Attempts under way at the provider. */
  inFlight = 0;
  /** Deliveries with a reserved send instant that has not come. */
  reserved = 0;
  /** There may be more to claim. */
  dirty = true;
  pulling = false;
  reserving = false;
  /** Nothing is claimed or started before this real instant, ms: the day's limit is used up. */
  blockedUntil = 0;
  /** No tokens are asked for before this real instant, ms: the last answer said that there are none. */
  tokensAt = 0;
  timer: NodeJS.Timeout | null = null;
  /** What has held it up, and when. */
  readonly holdups = new Holdups();

  constructor(readonly name: LaneName) {
    this.key = laneKey(name);
  }

  /** Deliveries that are claimed and not started. */
  get held(): number {
    return this.#ready.length - this.#next + this.#later.length + this.reserved;
  }

  /** How many deliveries to hold at most, so that no more is claimed than can be started soon. */
  target(inFlightLimit: number, perSecond: number | undefined): number {
    const byPace = (inFlightLimit * AHEAD_MS) / Math.max(this.#attemptMs, 0.5);
    const byTokens = perSecond === undefined ? MOST_HELD : Math.ceil((perSecond * AHEAD_MS * 1.5) / 1_000);
    return Math.max(1, Math.floor(Math.min(MOST_HELD, Math.max(byPace, inFlightLimit), byTokens)));
  }

  /** Learns how long attempts take. */
  took(realMs: number): void {
    this.#attemptMs += (realMs - this.#attemptMs) * 0.05;
  }

  add(held: readonly Held[]): void {
    if (held.length === 0) return;
    this.#later.push(...held);
    this.#later.sort((a, b) => b.notBefore - a.notBefore);
  }

  /** Takes up to `count` that may start at the engine instant `now` (ms), the best-ranked first. */
  take(count: number, now: number): Held[] {
    this.#ripen(now);
    const taken = this.#ready.slice(this.#next, this.#next + count);
    this.#next += taken.length;
    return taken;
  }

  /** When the next one may start, engine ms; null when nothing is held back by its instant. */
  nextAt(): number | null {
    if (this.#next < this.#ready.length) return 0;
    return this.#later.at(-1)?.notBefore ?? null;
  }

  /** Takes everything that has not been started and has no send instant, in order to give it back. */
  takeAll(): Held[] {
    const all = [...this.#ready.slice(this.#next), ...this.#later];
    this.#ready = [];
    this.#next = 0;
    this.#later = [];
    return all;
  }

  #ripen(now: number): void {
    const ripe: Held[] = [];
    for (let last = this.#later.at(-1); last && last.notBefore <= now; last = this.#later.at(-1)) {
      ripe.push(last);
      this.#later.pop();
    }
    if (ripe.length === 0) return;
    this.#ready = [...this.#ready.slice(this.#next), ...ripe].sort(
      (a, b) => a.delivery.rank - b.delivery.rank || a.notBefore - b.notBefore,
    );
    this.#next = 0;
  }
}

/** One string for a lane. */
export function laneKey(name: LaneName): string {
  return `${name.queue}|${name.channel}`;
}

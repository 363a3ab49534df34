import type { Channel, ChannelName } from '../channel/channel.js';
import { type Clock, monotonicMs } from '../clock.js';
import type { DeliveryDoc } from '../delivery/delivery.entity.js';
import type { EndedAttempt } from '../outcome/ended-attempt.js';
import type { AttemptRunner } from './attempt-runner.js';
import type { ChannelStates } from './channel-states.js';
import type { Held, Lane } from './lane.js';
import type { Lease } from './lease.js';
import type { Queues } from './queues.js';
import { isUnlimited, type RateLimiter } from './rate-limiter.js';

/** Tokens are reserved this far ahead, in real ms: enough to hide a round trip, little enough to give back. */
export const HORIZON_MS = 250;
/** Reservations in one call. */
const RESERVE_BATCH = 32;
/** A recipient's pause that is longer than this, in real ms, is waited out in the database and not in a worker. */
const LONG_PAUSE_MS = 5_000;

/** What the starter tells the dispatcher. */
export interface StarterEvents {
  /** An attempt has ended, or a claim is given back, in this life of the worker. */
  ended(worker: string, ended: EndedAttempt): void;
  /** The lane cannot go on before a real instant that is `delayMs` away. */
  blocked(lane: Lane, delayMs: number): void;
  /** Work that has to be waited for when the worker stops. */
  spawned(work: Promise<void>, doing: string): void;
  /** Held in an earlier life, or with a lease that may be gone: another worker has it, or will. */
  lost(count: number): void;
  error(error: unknown, doing: string): void;
}

/**
 * Starts what a lane holds: at its instant, within the limits of tokens and of attempts under way. What it may not start
 * any more (a pause, an open breaker, a drain) it gives back unsent.
 */
export class Starter {
  /** Deliveries that wait for a reserved instant, by their timers. */
  readonly #reservations = new Map<NodeJS.Timeout, { readonly lane: Lane; readonly held: Held }>();
  #inFlight = 0;
  #draining = false;

  constructor(
    private readonly clock: Clock,
    private readonly channels: ReadonlyMap<ChannelName, Channel>,
    private readonly queues: Queues,
    private readonly states: ChannelStates,
    private readonly limiter: RateLimiter,
    private readonly lease: Lease,
    private readonly runner: AttemptRunner,
    private readonly concurrency: number,
    private readonly events: StarterEvents,
  ) {}

  /** Makes limited channels known to the limiter: after a loss of what Redis held, the first reservation would wait. */
  async warmUp(): Promise<void> {
    for (const { name, limits } of this.channels.values()) {
      if (!isUnlimited(limits)) await this.limiter.reserve(name, limits, [], HORIZON_MS);
    }
  }

  /** Starts nothing any more, and gives back what has not been started. */
  async drain(lanes: Iterable<Lane>): Promise<void> {
    this.#draining = true;
    await this.#cancelReservations();
    for (const lane of lanes) {
      if (lane.timer) clearTimeout(lane.timer);
      this.giveBack(lane, 'DRAINING');
    }
  }

  /** Attempts of a lane that this worker may have under way at once: its share of the queue's limit (CORE-23). */
  inFlightLimit(lane: Lane): number {
    const share = Math.floor(this.queues.definition(lane.name.queue).maxInFlight / this.lease.aliveWorkers);
    return Math.max(1, Math.min(this.concurrency, share));
  }

  /** Everything that the lane holds and has not started goes back unsent. */
  giveBack(lane: Lane, reason: string): void {
    for (const held of lane.takeAll()) this.#unsent(held, reason);
  }

  /** Starts what may start. */
  pump(lane: Lane): void {
    if (this.#draining) return;
    if (!this.#mayStart(lane)) {
      this.giveBack(lane, 'CLOSED');
      return;
    }
    const channel = this.channel(lane);
    if (isUnlimited(channel.limits)) {
      for (const held of lane.take(this.#free(lane), this.clock.now())) this.#start(lane, held);
      this.#arm(lane);
    } else if (!lane.reserving && lane.reserved < RESERVE_BATCH / 4) {
      lane.reserving = true;
      this.events.spawned(this.#reserve(lane, channel), 'reserving tokens');
    }
  }

  /** Takes tokens for what may start now, never ahead of its instant: a token is worth what it is only at its own. */
  async #reserve(lane: Lane, channel: Channel): Promise<void> {
    try {
      if (Math.max(lane.blockedUntil, lane.tokensAt) > this.clock.realNow()) return;
      const held = lane.take(Math.min(this.#free(lane), RESERVE_BATCH), this.clock.now());
      if (held.length === 0) return;
      const grants = await this.limiter
        .reserve(
          channel.name,
          channel.limits,
          held.map((h) => h.delivery.to),
          HORIZON_MS,
        )
        .catch((error: unknown) => {
          lane.add(held);
          throw error;
        });
      const answered = monotonicMs();
      held.forEach((h, i) => {
        const grant = grants[i];
        if (!grant) lane.add([h]);
        else if (grant.kind === 'SEND') this.#reserved(lane, h, answered + grant.delayMs, channel);
        else this.#wait(lane, h, grant.kind, grant.delayMs);
      });
    } finally {
      lane.reserving = false;
      this.#arm(lane);
    }
  }

  #wait(lane: Lane, held: Held, kind: 'LATER' | 'RECIPIENT' | 'DAY', delayMs: number): void {
    const real = this.clock.realNow() + delayMs;
    if (kind === 'RECIPIENT') {
      const notBefore = this.clock.toEngine(real);
      if (delayMs <= LONG_PAUSE_MS) lane.add([{ ...held, notBefore }]);
      else this.#unsent(held, 'RECIPIENT_LIMIT', notBefore);
      return;
    }
    lane.add([held]);
    if (kind === 'LATER') {
      // Half a horizon early, so that the next tokens are reserved before the reserved ones are used.
      lane.tokensAt = Math.max(lane.tokensAt, real - HORIZON_MS / 2);
      return;
    }
    lane.blockedUntil = real;
    this.giveBack(lane, 'DAY_LIMIT');
    this.events.blocked(lane, delayMs);
  }

  /** A send instant has been reserved, on the monotonic clock. */
  #reserved(lane: Lane, held: Held, at: number, channel: Channel): void {
    const { perSecond } = channel.limits;
    const tolerance = perSecond === undefined ? Number.POSITIVE_INFINITY : 1_000 / perSecond;
    this.#hold(lane, held, at - monotonicMs(), () => {
      // Too late by more than a token's width: used now, it could fall into one second with those of the next. It is
      // let go, and another is taken.
      if (monotonicMs() - at > tolerance || !this.#mayStart(lane)) lane.add([held]);
      else this.#start(lane, held);
      this.pump(lane);
    });
  }

  #hold(lane: Lane, held: Held, delayMs: number, then: () => void): void {
    lane.reserved++;
    const timer = setTimeout(
      () => {
        this.#reservations.delete(timer);
        lane.reserved--;
        then();
      },
      Math.max(0, Math.ceil(delayMs)),
    );
    this.#reservations.set(timer, { lane, held });
  }

  /** What waits for an instant goes back unsent, and its tokens too. */
  async #cancelReservations(): Promise<void> {
    const counts = new Map<Lane, number>();
    for (const [timer, { lane, held }] of this.#reservations) {
      clearTimeout(timer);
      lane.reserved--;
      counts.set(lane, (counts.get(lane) ?? 0) + 1);
      this.#unsent(held, 'DRAINING');
    }
    this.#reservations.clear();
    for (const [lane, count] of counts) {
      const { name, limits } = this.channel(lane);
      await this.limiter
        .giveBack(name, limits, count)
        .catch((e: unknown) => this.events.error(e, 'giving tokens back'));
    }
  }

  #mayStart(lane: Lane): boolean {
    return (
      !this.#draining &&
      !this.queues.isPaused(lane.name.queue) &&
      this.states.permission(lane.name.channel).kind === 'ALL'
    );
  }

  /** Starts one at its instant, whatever the lane does meanwhile: the probe of a breaker. */
  startAt(lane: Lane, held: Held): void {
    const delay = this.clock.delayUntil(held.notBefore);
    if (delay <= 0) {
      this.#start(lane, held);
      return;
    }
    this.#hold(lane, held, delay, () => this.startAt(lane, held));
  }

  #start(lane: Lane, held: Held): void {
    // The last look before the request leaves: a lease that may be gone means that another may send this one.
    if (!this.lease.isValid() || held.delivery.worker !== this.lease.id) {
      this.events.lost(1);
      return;
    }
    const worker = this.lease.id;
    lane.inFlight++;
    this.#inFlight++;
    const attempt = this.runner.run(held.delivery, this.channel(lane)).then((ended) => {
      lane.inFlight--;
      this.#inFlight--;
      if (ended.providerMs !== null) lane.took(ended.providerMs);
      this.events.ended(worker, ended);
      this.pump(lane);
    });
    this.events.spawned(attempt, 'attempt');
  }

  #unsent(held: Held, reason: string, readyAt?: number): void {
    // Of an earlier life it is no more ours to give back.
    if (held.delivery.worker !== this.lease.id) this.events.lost(1);
    else this.events.ended(this.lease.id, this.runner.unsent(held.delivery, reason, readyAt));
  }

  /** Wakes the lane when its next delivery may start. */
  #arm(lane: Lane): void {
    const next = lane.nextAt();
    if (next === null || this.#draining) return;
    const blocked = Math.max(lane.blockedUntil, lane.tokensAt) - this.clock.realNow();
    const delay = Math.max(this.clock.delayUntil(next), blocked, 0);
    // Nothing to wait for but a free place: the end of an attempt, or a reserved instant, pumps again.
    if (delay === 0 && (this.#free(lane) === 0 || lane.reserved > 0)) return;
    if (lane.timer) clearTimeout(lane.timer);
    lane.timer = setTimeout(() => {
      lane.timer = null;
      this.pump(lane);
    }, Math.ceil(delay));
  }

  #free(lane: Lane): number {
    return Math.max(
      0,
      Math.min(this.concurrency - this.#inFlight, this.inFlightLimit(lane) - lane.inFlight - lane.reserved),
    );
  }

  /** The channel of a lane. */
  channel(lane: Lane): Channel {
    const channel = this.channels.get(lane.name.channel);
    if (!channel) throw new Error(`no channel ${lane.name.channel}`);
    return channel;
  }
}

/** What is claimed ahead waits for its instant: the promised one, or that of its retry. */
export function hold(delivery: DeliveryDoc): Held {
  return { delivery, notBefore: Math.max(delivery.dueAt.getTime(), delivery.readyAt.getTime()) };
}

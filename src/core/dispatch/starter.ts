import type { Channel, ChannelName } from '../channel/channel.js';
import { type Clock, monotonicMs } from '../clock.js';
import type { DelayCause, Delays } from '../delivery/delay.js';
import type { DeliveryDoc } from '../delivery/delivery.entity.js';
import type { EndedAttempt } from '../outcome/ended-attempt.js';
import type { AttemptRunner } from './attempt-runner.js';
import type { ChannelStates } from './channel-states.js';
import type { Held, Lane } from './lane.js';
import type { Lease } from './lease.js';
import type { Queues } from './queues.js';
import { shareOf } from './pacing.js';
import { isUnlimited, type RateLimiter } from './rate-limiter.js';

/** Tokens are reserved this far ahead, in real ms: enough to hide a round trip, little enough to give back. */
export const HORIZON_MS = 250;
/** Reservations in one call. */
const RESERVE_BATCH = 32;
/** A recipient's pause that is longer than this, in real ms, is waited out in the database and not in a worker. */
const LONG_PAUSE_MS = 5_000;
/** The worker as a whole, beside its queues: no queue has an empty name. */
const WHOLE_WORKER = '';
/** How often a lane looks whether a lease that may be gone has been renewed, in real ms. */
const LEASE_LOOK_MS = 100;

/** What the starter tells the dispatcher. */
export interface StarterEvents {
  /** An attempt has ended, or a claim is given back, in this life of the worker. */
  ended(worker: string, ended: EndedAttempt): void;
  /** The lane cannot go on before a real instant that is `delayMs` away. */
  blocked(lane: Lane, delayMs: number): void;
  /** Work that has to be waited for when the worker stops. */
  spawned(work: Promise<void>, doing: string): void;
  error(error: unknown, doing: string): void;
}

/**
 * Starts what a lane holds: at its instant, within the limits of tokens and of attempts under way. What it may not start
 * any more (a pause, an open breaker, a drain) it gives back unsent.
 */
export class Starter {
  /** Deliveries that wait for a reserved instant, by their timers. */
  readonly #reservations = new Map<NodeJS.Timeout, { readonly lane: Lane; readonly held: Held }>();
  /** Attempts under way and reserved, by queue: a queue's limit holds over all of its lanes. */
  readonly #taken = new Map<string, number>();
  /** Lanes turned away because there was no free place; the first in line gets the next one. */
  readonly #turnedAway = new Set<Lane>();
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

  /** Attempts of a lane's queue that this worker may have under way at once: its share of the limit (CORE-23). */
  inFlightLimit(lane: Lane): number {
    const { maxInFlight } = this.queues.definition(lane.name.queue);
    const crew = { workers: this.lease.aliveWorkers, place: this.lease.place };
    return Math.min(this.concurrency, shareOf(maxInFlight, crew));
  }

  /** Everything that the lane holds and has not started goes back unsent. */
  giveBack(lane: Lane, reason: string): void {
    for (const held of lane.takeAll()) this.#unsent(held, reason);
  }

  /** Starts what may start. */
  pump(lane: Lane): void {
    if (this.#draining) return;
    if (!this.#mayStart(lane)) {
      lane.holdups.note(this.#closedBy(lane), this.clock.now());
      this.giveBack(lane, 'CLOSED');
      return;
    }
    if (!this.lease.isValid()) {
      this.#arm(lane);
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
      if (delayMs <= LONG_PAUSE_MS) lane.add([this.#pausedUntil(held, notBefore)]);
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

  /** For its recipient's sake: the pause is its own, and not the lane's. */
  #pausedUntil(held: Held, notBefore: number): Held {
    const pausedMs = held.pausedMs + Math.max(0, notBefore - Math.max(held.notBefore, this.clock.now()));
    return { ...held, notBefore, pausedMs };
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
      this.#placeFreed(lane);
    });
  }

  #hold(lane: Lane, held: Held, delayMs: number, then: () => void): void {
    lane.reserved++;
    this.#count(lane, 1);
    const timer = setTimeout(
      () => {
        this.#reservations.delete(timer);
        lane.reserved--;
        this.#count(lane, -1);
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
      this.#count(lane, -1);
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

  #closedBy(lane: Lane): DelayCause | null {
    if (this.queues.isPaused(lane.name.queue)) return 'PAUSED';
    const permission = this.states.permission(lane.name.channel);
    if (permission.kind === 'ALL') return null;
    return permission.kind === 'NONE' && permission.until === null ? 'STOPPED' : 'BREAKER';
  }

  /** Notes what keeps the lane from starting the next one, that is due. */
  #noteHoldup(lane: Lane, next: number | null): void {
    // What has closed it was noted when it was closed.
    if (!this.#mayStart(lane)) return;
    const now = this.clock.now();
    const real = this.clock.realNow();
    const isDue = next !== null && next <= now;
    const cause =
      lane.blockedUntil > real
        ? 'DAY_LIMIT'
        : (isDue && lane.tokensAt > real) || lane.reserved > 0
          ? 'TOKEN'
          : isDue && this.#free(lane) === 0
            ? 'IN_FLIGHT'
            : null;
    lane.holdups.note(cause, now);
  }

  /** Starts one at its instant, whatever the lane does meanwhile: the probe of a breaker. */
  probeAt(lane: Lane, held: Held): void {
    const delay = this.clock.delayUntil(held.notBefore);
    if (delay <= 0) {
      this.#start(lane, held, true);
      return;
    }
    this.#hold(lane, held, delay, () => this.probeAt(lane, held));
  }

  #start(lane: Lane, held: Held, isProbe = false): void {
    // The last look before the request leaves. What an earlier life claimed may be another worker's by now.
    if (held.delivery.worker !== this.lease.id) {
      this.#unsent(held, 'LEASE_LOST');
      return;
    }
    // A lease that may be gone: it waits until the lease is renewed, or goes back with this life.
    if (!this.lease.isValid()) {
      lane.add([held]);
      this.#arm(lane);
      return;
    }
    const { expiresAt } = held.delivery;
    if (expiresAt !== null && expiresAt.getTime() <= this.clock.now()) {
      // It waited too long for a place or a token: the next claim makes it MISSED.
      this.#unsent(held, 'EXPIRED');
      return;
    }
    const worker = this.lease.id;
    const stillHeld = (): boolean => this.lease.isValid() && this.lease.id === worker;
    lane.inFlight++;
    this.#count(lane, 1);
    const attempt = this.runner
      .run(held.delivery, this.channel(lane), {
        isProbe,
        stillHeld,
        waitedUntil: (at) => waited(lane, held, at),
      })
      .then((ended) => {
        lane.inFlight--;
        this.#count(lane, -1);
        if (ended.providerMs !== null) lane.took(ended.providerMs);
        this.events.ended(worker, ended);
        this.#placeFreed(lane);
      });
    this.events.spawned(attempt, 'attempt');
  }

  #unsent(held: Held, reason: string, readyAt?: number): void {
    // In the name that claimed it: of an earlier life the fence says whether it is still there to be given back.
    const worker = held.delivery.worker ?? this.lease.id;
    this.events.ended(worker, this.runner.unsent(held.delivery, reason, readyAt));
  }

  /** Wakes the lane when its next delivery may start. */
  #arm(lane: Lane): void {
    const next = lane.nextAt();
    if (this.#draining) return;
    this.#noteHoldup(lane, next);
    if (next === null) return;
    const blocked = Math.max(lane.blockedUntil, lane.tokensAt) - this.clock.realNow();
    const renewal = this.lease.isValid() ? 0 : LEASE_LOOK_MS;
    const delay = Math.max(this.clock.delayUntil(next), blocked, renewal);
    // Nothing to wait for but a free place: the end of an attempt, or a reserved instant, pumps again.
    if (delay === 0 && this.#free(lane) === 0) {
      this.#turnedAway.add(lane);
      return;
    }
    if (delay === 0 && lane.reserved > 0) return;
    if (lane.timer) clearTimeout(lane.timer);
    lane.timer = setTimeout(() => {
      lane.timer = null;
      this.pump(lane);
    }, Math.ceil(delay));
  }

  #free(lane: Lane): number {
    const ofWorker = this.concurrency - (this.#taken.get(WHOLE_WORKER) ?? 0);
    const ofQueue = this.inFlightLimit(lane) - (this.#taken.get(lane.name.queue) ?? 0);
    return Math.max(0, Math.min(ofWorker, ofQueue));
  }

  #count(lane: Lane, by: number): void {
    for (const what of [WHOLE_WORKER, lane.name.queue])
      this.#taken.set(what, (this.#taken.get(what) ?? 0) + by);
  }

  /** A place is free: whoever was turned away comes first, so that no lane shuts another out. */
  #placeFreed(lane: Lane): void {
    const turn = new Set(this.#turnedAway).add(lane);
    this.#turnedAway.clear();
    for (const next of turn) this.pump(next);
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
  return { delivery, notBefore: readyFrom(delivery), pausedMs: 0 };
}

/** What held a delivery up from its instant to another (engine ms): its lane, and its recipient's pause. */
function waited(lane: Lane, held: Held, at: number): Delays {
  const ready = readyFrom(held.delivery);
  if (at - ready < 1) return {};
  const { pausedMs } = held;
  const ofLane = lane.holdups.between(ready, at);
  return pausedMs === 0 ? ofLane : { ...ofLane, RECIPIENT_LIMIT: pausedMs };
}

function readyFrom({ dueAt, readyAt }: DeliveryDoc): number {
  return Math.max(dueAt.getTime(), readyAt.getTime());
}

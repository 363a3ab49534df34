import type { Channel, ChannelName } from '../channel/channel.js';
import { type Clock, monotonicMs } from '../clock.js';
import type { DeliveryDoc } from '../delivery/delivery.entity.js';
import type { EventStream, StreamedEvent } from '../events/event-stream.js';
import type { EndedAttempt } from '../outcome/ended-attempt.js';
import type { OutcomeWriter } from '../outcome/outcome-writer.js';
import { SLOTS } from '../schedule/accept.js';
import type { Alarms } from '../schedule/alarms.js';
import type { Ringer } from '../schedule/ring.js';
import { AttemptRunner } from './attempt-runner.js';
import type { ChannelStates } from './channel-states.js';
import type { Claimer } from './claim.js';
import { type Held, Lane, laneKey } from './lane.js';
import type { Lease } from './lease.js';
import { OutcomeBuffer } from './outcome-buffer.js';
import type { Queues } from './queues.js';
import type { RateLimiter } from './rate-limiter.js';
import { Rerouter } from './reroute.js';

/** Limits of one worker. */
export interface DispatchLimits {
  /** Attempts under way at once in this process, over all lanes. */
  readonly concurrency: number;
  /** How long an attempt may take, in real ms. */
  readonly attemptTimeoutMs: number;
  /** How long what is under way may take to end when the worker stops, in real ms. */
  readonly drainMs: number;
}

/** What the dispatcher reports for the log. */
export interface DispatchLog {
  error(error: unknown, doing: string): void;
  lost(count: number): void;
}

/** Deliveries in one claim. */
const CLAIM_BATCH = 500;
/** Tokens are reserved this far ahead, in real ms: enough to hide a round trip, little enough to give back. */
const HORIZON_MS = 250;
/** Reservations in one call. */
const RESERVE_BATCH = 32;
/** A recipient's pause that is longer than this, in real ms, is waited out in the database and not in a worker. */
const LONG_PAUSE_MS = 5_000;

/**
 * The worker: pulls what is due into its lanes, starts it at its instant, under the limits, and hands the outcomes on.
 * Events wake it; what wakes it does not matter, for the claim decides who takes what.
 */
export class Dispatcher {
  readonly #lanes = new Map<string, Lane>();
  readonly #runner: AttemptRunner;
  readonly #outcomes: OutcomeBuffer;
  /** Deliveries that wait for a reserved instant, by their timers. */
  readonly #reservations = new Map<NodeJS.Timeout, { readonly lane: Lane; readonly held: Held }>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #busy = new Set<Promise<void>>();
  #inFlight = 0;
  #draining = false;
  #wakes: AsyncIterableIterator<StreamedEvent> | null = null;
  #share: { readonly of: number; readonly place: number; readonly slots: readonly number[] } | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly channels: ReadonlyMap<ChannelName, Channel>,
    private readonly queues: Queues,
    private readonly states: ChannelStates,
    private readonly claimer: Claimer,
    private readonly rerouter: Rerouter,
    private readonly limiter: RateLimiter,
    private readonly lease: Lease,
    private readonly events: EventStream,
    writers: readonly OutcomeWriter[],
    alarms: Alarms,
    ringer: Ringer,
    private readonly limits: DispatchLimits,
    private readonly log: DispatchLog,
  ) {
    this.#runner = new AttemptRunner(clock, channels, states, limits.attemptTimeoutMs, (e) =>
      log.error(e, 'attempt'),
    );
    this.#outcomes = new OutcomeBuffer(writers, alarms, ringer, {
      written: (ended) => this.#written(ended),
      lost: (ended) => log.lost(ended.length),
      error: (e) => log.error(e, 'writing outcomes'),
    });
    for (const queue of queues.names()) {
      for (const channel of channels.keys()) {
        const lane = new Lane({ queue, channel });
        this.#lanes.set(lane.key, lane);
      }
    }
  }

  async start(): Promise<void> {
    this.#wakes = this.events.subscribe({ types: ['delivery.queued', 'queue.changed', 'channel.changed'] });
    this.#spawn(this.#listen(this.#wakes), 'listening for events');
    await Promise.all([this.queues.refresh(), this.states.refresh()]);
    // Makes limited channels known to the limiter: after a loss of what Redis held, the first real reservation would wait.
    for (const { name, limits } of this.channels.values())
      await this.limiter.reserve(name, limits, [], HORIZON_MS);
    this.wakeAll();
  }

  /** No new work; what is held is given back, what is under way ends or is cut off after the bound (CORE-30). */
  async stop(): Promise<void> {
    this.#draining = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#wakes?.return?.().catch((e: unknown) => this.log.error(e, 'stopping'));
    await this.#cancelReservations();
    for (const lane of this.#lanes.values()) {
      if (lane.timer) clearTimeout(lane.timer);
      this.#giveBack(lane, 'DRAINING');
    }
    const cut = setTimeout(() => this.#runner.abortAll(), this.limits.drainMs);
    await this.#outcomes.flush();
    while (this.#busy.size > 0) {
      await Promise.allSettled(this.#busy);
      await this.#cancelReservations();
      for (const lane of this.#lanes.values()) this.#giveBack(lane, 'DRAINING');
      await this.#outcomes.flush();
    }
    clearTimeout(cut);
    await this.#outcomes.flush();
  }

  /** Looks at every lane: at the start, and by the sweeper in case a wake-up was missed. */
  wakeAll(): void {
    for (const lane of this.#lanes.values()) this.#wake(lane);
  }

  /** This life's lease is lost: another worker takes over what is held here. */
  dropAll(): void {
    for (const lane of this.#lanes.values()) this.log.lost(lane.takeAll().length);
  }

  async #listen(wakes: AsyncIterableIterator<StreamedEvent>): Promise<void> {
    for await (const { event } of wakes) {
      if (event.type === 'queue.changed') await this.queues.refresh();
      if (event.type === 'channel.changed') await this.states.refresh();
      for (const lane of this.#lanes.values()) {
        const { queue, channel } = lane.name;
        if ((event.queue ?? queue) === queue && (event.channel ?? channel) === channel) this.#wake(lane);
      }
    }
  }

  #wake(lane: Lane): void {
    lane.dirty = true;
    if (!lane.pulling) this.#spawn(this.#pull(lane), 'claiming');
  }

  async #pull(lane: Lane): Promise<void> {
    lane.pulling = true;
    try {
      while (lane.dirty && !this.#draining && this.lease.isValid() && (await this.#mayClaim(lane))) {
        const room = this.#roomOf(lane);
        if (room === 0) return;
        lane.dirty = false;
        const { claimed, more } = await this.#claim(lane, Math.min(room, CLAIM_BATCH));
        lane.dirty ||= more;
        lane.add(claimed.map(hold));
        this.#pump(lane);
      }
    } finally {
      lane.pulling = false;
    }
  }

  /** Own share first, so that workers do not race; then whatever there is, so that none waits for a slow one. */
  async #claim(lane: Lane, limit: number): ReturnType<Claimer['claim']> {
    const slots = this.#slots();
    if (slots) {
      const own = await this.claimer.claim(lane.name, this.lease.id, limit, slots);
      if (own.claimed.length > 0) return { ...own, more: true };
    }
    return this.claimer.claim(lane.name, this.lease.id, limit, null);
  }

  #slots(): readonly number[] | null {
    const of = this.lease.aliveWorkers;
    if (of <= 1) return null;
    const place = this.lease.place;
    if (this.#share?.of !== of || this.#share.place !== place) {
      this.#share = {
        of,
        place,
        slots: Array.from({ length: SLOTS }, (_, i) => i).filter((slot) => slot % of === place % of),
      };
    }
    return this.#share.slots;
  }

  /** False when the queue is paused or the channel closed to us; then what is held is given back. */
  async #mayClaim(lane: Lane): Promise<boolean> {
    if (this.queues.isPaused(lane.name.queue)) {
      this.#giveBack(lane, 'QUEUE_PAUSED');
      return false;
    }
    const permission = this.states.permission(lane.name.channel);
    if (permission.kind === 'ALL') {
      const wait = lane.blockedUntil - this.clock.realNow();
      if (wait > 0) this.#later(lane, wait);
      return wait <= 0;
    }
    this.#giveBack(
      lane,
      permission.kind === 'PROBE'
        ? 'BREAKER_OPEN'
        : permission.until === null
          ? 'CHANNEL_STOPPED'
          : 'BREAKER_OPEN',
    );
    if (permission.kind === 'PROBE') {
      await this.#probe(lane);
      return false;
    }
    await this.rerouter.reroute(lane.name);
    if (permission.until !== null) this.#later(lane, permission.until - this.clock.realNow());
    return false;
  }

  /** Half open: one delivery is let through, by whichever worker takes the probe. */
  async #probe(lane: Lane): Promise<void> {
    if (
      lane.inFlight > 0 ||
      !(await this.rerouter.hasQueued(lane.name)) ||
      !(await this.states.takeProbe(lane.name.channel))
    )
      return;
    const { claimed } = await this.claimer.claim(lane.name, this.lease.id, 1, null);
    const [delivery] = claimed;
    if (delivery) this.#startAt(lane, hold(delivery));
  }

  /** How many to claim now; 0 until a good part of what may be held is free, so that claims come in batches. */
  #roomOf(lane: Lane): number {
    const target = lane.target(this.#inFlightLimit(lane), this.#channel(lane).limits.perSecond);
    const room = target - lane.held;
    return room >= Math.max(1, Math.min(CLAIM_BATCH, target) / 4) ? room : 0;
  }

  #inFlightLimit(lane: Lane): number {
    const share = Math.floor(this.queues.definition(lane.name.queue).maxInFlight / this.lease.aliveWorkers);
    return Math.max(1, Math.min(this.limits.concurrency, share));
  }

  #free(lane: Lane): number {
    return Math.max(
      0,
      Math.min(
        this.limits.concurrency - this.#inFlight,
        this.#inFlightLimit(lane) - lane.inFlight - lane.reserved,
      ),
    );
  }

  /** Starts what may start. */
  #pump(lane: Lane): void {
    if (this.#draining) return;
    const channel = this.#channel(lane);
    const { perSecond, perDay, perRecipientMs } = channel.limits;
    if (perSecond === undefined && perDay === undefined && perRecipientMs === undefined) {
      for (const held of lane.take(this.#free(lane), this.clock.now())) this.#start(lane, held);
      this.#arm(lane);
    } else if (!lane.reserving && lane.reserved < RESERVE_BATCH / 4) {
      lane.reserving = true;
      this.#spawn(this.#reserve(lane, channel), 'reserving tokens');
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
      else this.#finish(this.#runner.unsent(held.delivery, 'RECIPIENT_LIMIT', notBefore));
      return;
    }
    lane.add([held]);
    if (kind === 'LATER') {
      // Half a horizon early, so that the next tokens are reserved before the reserved ones are used.
      lane.tokensAt = Math.max(lane.tokensAt, real - HORIZON_MS / 2);
      return;
    }
    lane.blockedUntil = real;
    this.#giveBack(lane, 'DAY_LIMIT');
    this.#later(lane, delayMs);
  }

  /** A send instant has been reserved, on the monotonic clock. */
  #reserved(lane: Lane, held: Held, at: number, channel: Channel): void {
    const tolerance = 1_000 / (channel.limits.perSecond ?? 1_000);
    this.#hold(lane, held, at - monotonicMs(), () => {
      // Too late by more than a token's width: used now, it could fall into one second with those of the next. It is
      // let go, and another is taken.
      if (monotonicMs() - at > tolerance || !this.#mayStart(lane)) lane.add([held]);
      else this.#start(lane, held);
      this.#pump(lane);
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
      this.#finish(this.#runner.unsent(held.delivery, 'DRAINING'));
    }
    this.#reservations.clear();
    for (const [lane, count] of counts) {
      const { name, limits } = this.#channel(lane);
      await this.limiter
        .giveBack(name, limits, count)
        .catch((e: unknown) => this.log.error(e, 'giving tokens back'));
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
  #startAt(lane: Lane, held: Held): void {
    const delay = this.clock.delayUntil(held.notBefore);
    if (delay <= 0) {
      this.#start(lane, held);
      return;
    }
    this.#hold(lane, held, delay, () => this.#startAt(lane, held));
  }

  #start(lane: Lane, held: Held): void {
    // The last look before the request leaves: a lease that may be gone means that another may send this one.
    if (!this.lease.isValid() || held.delivery.worker !== this.lease.id) {
      this.log.lost(1);
      return;
    }
    const worker = this.lease.id;
    lane.inFlight++;
    this.#inFlight++;
    const attempt = this.#runner.run(held.delivery, this.#channel(lane)).then((ended) => {
      lane.inFlight--;
      this.#inFlight--;
      if (ended.providerMs !== null) lane.took(ended.providerMs);
      this.#finish(ended, worker);
      this.#pump(lane);
    });
    this.#spawn(attempt, 'attempt');
  }

  #finish(ended: EndedAttempt, worker = this.lease.id): void {
    this.#outcomes.push(worker, ended);
  }

  /** After a write there is room again. */
  #written(ended: readonly EndedAttempt[]): void {
    for (const key of new Set(ended.map((e) => laneKey(e.delivery)))) {
      const lane = this.#lanes.get(key);
      if (lane?.dirty && !lane.pulling) this.#spawn(this.#pull(lane), 'claiming');
    }
  }

  #giveBack(lane: Lane, reason: string): void {
    for (const held of lane.takeAll()) this.#finish(this.#runner.unsent(held.delivery, reason));
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
      this.#pump(lane);
    }, Math.ceil(delay));
  }

  #later(lane: Lane, delayMs: number): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#wake(lane);
      },
      Math.max(1, Math.ceil(Math.min(delayMs, 60_000))),
    );
    timer.unref();
    this.#timers.add(timer);
  }

  #channel(lane: Lane): Channel {
    const channel = this.channels.get(lane.name.channel);
    if (!channel) throw new Error(`no channel ${lane.name.channel}`);
    return channel;
  }

  #spawn(work: Promise<void>, doing: string): void {
    const busy = work
      .catch((error: unknown) => this.log.error(error, doing))
      .finally(() => this.#busy.delete(busy));
    this.#busy.add(busy);
  }
}

/** What is claimed ahead waits for its instant: the promised one, or that of its retry. */
function hold(delivery: DeliveryDoc): Held {
  return { delivery, notBefore: Math.max(delivery.dueAt.getTime(), delivery.readyAt.getTime()) };
}

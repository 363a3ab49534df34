import type { Channel, ChannelName } from '../channel/channel.js';
import type { Clock } from '../clock.js';
import type { EventDoc } from '../events/event.entity.js';
import type { EventStream } from '../events/event-stream.js';
import type { StreamedEvent } from '../events/streamed-event.js';
import type { EndedAttempt } from '../outcome/ended-attempt.js';
import type { OutcomeWriter } from '../outcome/outcome-writer.js';
import { SLOTS } from '../schedule/accept.js';
import type { Alarms } from '../schedule/alarms.js';
import type { Ringer } from '../schedule/ring.js';
import { AttemptRunner } from './attempt-runner.js';
import type { ChannelStates } from './channel-states.js';
import type { Claimer } from './claim.js';
import { Hands } from './hands.js';
import { Lane, laneKey } from './lane.js';
import type { Lease } from './lease.js';
import { OutcomeBuffer } from './outcome-buffer.js';
import type { Queues } from './queues.js';
import type { RateLimiter } from './rate-limiter.js';
import type { Rerouter } from './reroute.js';
import { hold, Starter } from './starter.js';

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
/** A lane that is closed for longer is looked at in between, in real ms. */
const LONGEST_NAP_MS = 60_000;
/** Beyond the drain: how long the last outcomes may take to be written, in real ms. */
const WRITE_MS = 5_000;
/** Before the events are followed anew after an error, in real ms. */
const AGAIN_MS = 500;

/**
 * The worker: pulls what is due into its lanes, starts it at its instant, under the limits, and hands the outcomes on.
 * Events wake it; what wakes it does not matter, for the claim decides who takes what.
 */
export class Dispatcher {
  readonly #lanes = new Map<string, Lane>();
  readonly #runner: AttemptRunner;
  readonly #outcomes: OutcomeBuffer;
  readonly #starter: Starter;
  /** When a closed lane is looked at again. */
  readonly #naps = new Map<Lane, NodeJS.Timeout>();
  readonly #busy = new Set<Promise<void>>();
  readonly #hands = new Hands();
  /** A claim was not answered: it may stand in the database all the same. */
  #claimInDoubt = false;
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
    limiter: RateLimiter,
    private readonly lease: Lease,
    private readonly events: EventStream,
    writers: readonly OutcomeWriter[],
    alarms: Alarms,
    ringer: Ringer,
    private readonly limits: DispatchLimits,
    private readonly log: DispatchLog,
  ) {
    this.#runner = new AttemptRunner(
      clock,
      channels,
      states,
      limits.attemptTimeoutMs,
      (delivery) => claimer.isReported(delivery._id),
      (e) => log.error(e, 'attempt'),
    );
    this.#outcomes = new OutcomeBuffer(writers, alarms, ringer, {
      written: (ended) => this.#written(ended),
      lost: (ended) => log.lost(ended.length),
      error: (e) => log.error(e, 'writing outcomes'),
    });
    this.#starter = new Starter(
      clock,
      channels,
      queues,
      states,
      limiter,
      lease,
      this.#runner,
      limits.concurrency,
      {
        ended: (worker, ended) => this.#outcomes.push(worker, ended),
        blocked: (lane, delayMs) => this.#later(lane, delayMs),
        spawned: (work, doing) => this.#spawn(work, doing),
        error: (error, doing) => log.error(error, doing),
      },
    );
    for (const queue of queues.names()) {
      for (const channel of channels.keys()) {
        const lane = new Lane({ queue, channel });
        this.#lanes.set(lane.key, lane);
      }
    }
  }

  /** Attempts under way. */
  get inFlight(): number {
    return [...this.#lanes.values()].reduce((sum, lane) => sum + lane.inFlight, 0);
  }

  async start(): Promise<void> {
    this.#spawn(this.#listen(), 'listening for events');
    await Promise.all([this.queues.refresh(), this.states.refresh(), this.#starter.warmUp()]);
    this.wakeAll();
  }

  /**
   * No new work; what is held is given back, what is under way ends or is cut off after the bound (CORE-30).
   * @returns false when outcomes could not be written: then another worker has to look after what is left
   */
  async stop(): Promise<boolean> {
    this.#draining = true;
    for (const nap of this.#naps.values()) clearTimeout(nap);
    this.#wakes?.return?.().catch((e: unknown) => this.log.error(e, 'stopping'));
    await this.#starter.drain(this.#lanes.values());
    const cut = setTimeout(() => this.#runner.abortAll(), this.limits.drainMs);
    const bound = setTimeout(() => this.#outcomes.giveUp(), this.limits.drainMs + WRITE_MS);
    while (this.#busy.size > 0) {
      await Promise.allSettled(this.#busy);
      await this.#starter.drain(this.#lanes.values());
    }
    await this.#outcomes.flush();
    clearTimeout(cut);
    clearTimeout(bound);
    return this.#outcomes.size === 0;
  }

  /** By the sweeper, in case an event was missed: reads the switches anew, and looks at every lane. */
  async lookAgain(): Promise<void> {
    await Promise.all([this.queues.refresh(), this.states.refresh()]);
    this.wakeAll();
  }

  /** Looks at every lane. */
  wakeAll(): void {
    for (const lane of this.#lanes.values()) this.#wake(lane);
    if (this.#claimInDoubt && !this.#draining)
      this.#spawn(this.#giveBackForgotten(), 'looking for forgotten claims');
  }

  /** A life has ended: what it held and had not started goes back, where no other worker has taken it back already. */
  dropAll(): void {
    for (const lane of this.#lanes.values()) this.#starter.giveBack(lane, 'LEASE_LOST');
  }

  /** Follows the events; after an error (this process was too slow for them) anew, and looks at everything once. */
  async #listen(): Promise<void> {
    for (let again = false; !this.#draining; again = true) {
      if (again) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      const wakes = this.events.subscribe({ types: ['delivery.queued', 'queue.changed', 'channel.changed'] });
      this.#wakes = wakes;
      try {
        if (again) await this.lookAgain();
        for await (const { event } of wakes) await this.#woken(event);
        return;
      } catch (error) {
        this.log.error(error, 'following the events');
        await wakes.return?.();
      }
    }
  }

  async #woken(event: EventDoc): Promise<void> {
    if (event.type === 'queue.changed') await this.queues.refresh();
    if (event.type === 'channel.changed') await this.states.refresh();
    for (const lane of this.#lanes.values()) {
      const { queue, channel } = lane.name;
      if ((event.queue ?? queue) === queue && (event.channel ?? channel) === channel) this.#wake(lane);
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
        if (room === 0) {
          this.#starter.pump(lane);
          return;
        }
        lane.dirty = false;
        const { claimed, more } = await this.#claim(lane, Math.min(room, CLAIM_BATCH));
        lane.dirty ||= more;
        lane.add(claimed.map(hold));
        this.#starter.pump(lane);
      }
    } finally {
      lane.pulling = false;
    }
  }

  /** What a claim that was never answered has taken goes back unsent: it never came into this worker's hands. */
  async #giveBackForgotten(): Promise<void> {
    const worker = this.lease.id;
    const held = await this.claimer.heldBy(worker);
    // With a claim under way it cannot be told apart from what is forgotten: then at the next sweep.
    if ([...this.#lanes.values()].some((lane) => lane.pulling)) return;
    this.#claimInDoubt = false;
    for (const delivery of held) {
      if (!this.#hands.has(delivery))
        this.#outcomes.push(worker, this.#runner.unsent(delivery, 'CLAIM_IN_DOUBT'));
    }
  }

  /** Own share first, so that workers do not race; then whatever there is, so that none waits for a slow one. */
  async #claim(lane: Lane, limit: number): ReturnType<Claimer['claim']> {
    const slots = this.#slots();
    if (slots) {
      const own = await this.#take(lane, limit, slots);
      if (own.claimed.length > 0) return { ...own, more: true };
    }
    return this.#take(lane, limit, null);
  }

  async #take(lane: Lane, limit: number, slots: readonly number[] | null): ReturnType<Claimer['claim']> {
    try {
      const taken = await this.claimer.claim(lane.name, this.lease.id, limit, slots);
      this.#hands.take(taken.claimed);
      return taken;
    } catch (error) {
      this.#claimInDoubt = true;
      throw error;
    }
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
      lane.holdups.note('PAUSED', this.clock.now());
      this.#starter.giveBack(lane, 'QUEUE_PAUSED');
      return false;
    }
    const permission = this.states.permission(lane.name.channel);
    if (permission.kind === 'ALL') {
      lane.holdups.reopen(this.clock.now());
      const wait = lane.blockedUntil - this.clock.realNow();
      if (wait > 0) this.#later(lane, wait);
      return wait <= 0;
    }
    const isStopped = permission.kind === 'NONE' && permission.until === null;
    lane.holdups.note(isStopped ? 'STOPPED' : 'BREAKER', this.clock.now());
    this.#starter.giveBack(lane, isStopped ? 'CHANNEL_STOPPED' : 'BREAKER_OPEN');
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
    const { claimed } = await this.#take(lane, 1, null);
    const [delivery] = claimed;
    if (delivery) this.#starter.probeAt(lane, hold(delivery));
  }

  /** How many to claim now; 0 until a good part of what may be held is free, so that claims come in batches. */
  #roomOf(lane: Lane): number {
    const target = lane.target(
      this.#starter.inFlightLimit(lane),
      this.#starter.channel(lane).limits.perSecond,
    );
    const room = target - lane.held;
    return room >= Math.max(1, Math.min(CLAIM_BATCH, target) / 4) ? room : 0;
  }

  /** After a write there is room again. */
  #written(ended: readonly EndedAttempt[]): void {
    for (const { delivery } of ended) this.#hands.drop(delivery);
    for (const key of new Set(ended.map((e) => laneKey(e.delivery)))) {
      const lane = this.#lanes.get(key);
      if (lane?.dirty && !lane.pulling) this.#spawn(this.#pull(lane), 'claiming');
    }
  }

  #later(lane: Lane, delayMs: number): void {
    clearTimeout(this.#naps.get(lane));
    const nap = setTimeout(
      () => {
        this.#naps.delete(lane);
        this.#wake(lane);
      },
      Math.max(1, Math.ceil(Math.min(delayMs, LONGEST_NAP_MS))),
    );
    nap.unref();
    this.#naps.set(lane, nap);
  }

  #spawn(work: Promise<void>, doing: string): void {
    const busy = work
      .catch((error: unknown) => this.log.error(error, doing))
      .finally(() => this.#busy.delete(busy));
    this.#busy.add(busy);
  }
}

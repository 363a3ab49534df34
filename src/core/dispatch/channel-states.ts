import type { Collection } from 'mongodb';
import type { Caller } from '../access/caller.js';
import type { Channel, ChannelLimits, ChannelName } from '../channel/channel.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database.js';
import { PunctualError } from '../errors.js';
import type { Recorder } from '../stats/recorder.js';
import { type BreakerSettings, type Permission, permission, PROBE_MS } from './breaker.js';
import { type Breaker, ChannelState, type ChannelStateDoc } from './channel-state.entity.js';

/** A channel as operators see it. */
export interface ChannelStateView {
  readonly channel: ChannelName;
  readonly provider: string;
  readonly breaker: Breaker;
  readonly consecutiveFailures: number;
  /** While the breaker is not closed: when the next try is permitted. */
  readonly retryAt: Date | null;
  /** Why it is stopped until somebody takes it up again; null: it runs. */
  readonly stopped: string | null;
  readonly limits: ChannelLimits;
  /** Sends counted against the day's limit; null where there is none, or it cannot be told now. */
  readonly usedToday: number | null;
}

/**
 * The breakers and switches of the channels, shared by all workers through MongoDB (CORE-27): a conditional update makes
 * each transition once, and its event tells every process. Each process keeps a copy, refreshed by those events.
 */
export class ChannelStates {
  readonly #states: Collection<ChannelStateDoc>;
  readonly #copies = new Map<ChannelName, ChannelStateDoc>();

  constructor(
    database: Database,
    private readonly clock: Clock,
    private readonly channels: ReadonlyMap<ChannelName, Channel>,
    private readonly recorder: Recorder,
    private readonly breaker: BreakerSettings,
    private readonly usedToday: (channel: ChannelName, limits: ChannelLimits) => Promise<number>,
  ) {
    this.#states = database.collection(ChannelState);
  }

  /** Reads all states anew: at the start, and after a `channel.changed` event. */
  async refresh(): Promise<void> {
    const states = await this.#states.find().toArray();
    this.#copies.clear();
    for (const state of states) this.#copies.set(state._id, state);
  }

  /** What this process may do on a channel now, by its copy. */
  permission(channel: ChannelName): Permission {
    return permission(this.#copies.get(channel) ?? null, this.clock.realNow());
  }

  /** Takes the right to send the one delivery that an open breaker lets through. @returns false when another has it */
  async takeProbe(channel: ChannelName): Promise<boolean> {
    const now = new Date(this.clock.realNow());
    const taken = await this.#states.findOneAndUpdate(
      { _id: channel, breaker: { $ne: 'CLOSED' }, stopped: null, retryAt: { $lte: now } },
      { $set: { breaker: 'HALF_OPEN', retryAt: new Date(now.getTime() + PROBE_MS), changedAt: now } },
      { returnDocument: 'after' },
    );
    if (taken) await this.#changed(taken, 'PROBE');
    else await this.refresh();
    return taken !== null;
  }

  /**
   * A provider answered in order: the count of failures starts anew. A half-open breaker is closed by its probe only: what
   * was sent before it opened says nothing about now.
   */
  async succeeded(channel: ChannelName, isProbe: boolean): Promise<void> {
    const copy = this.#copies.get(channel);
    if (!copy || (copy.breaker === 'CLOSED' ? copy.consecutiveFailures === 0 : !isProbe)) return;
    const from =
      copy.breaker === 'CLOSED'
        ? { breaker: 'CLOSED' as const, consecutiveFailures: { $gt: 0 } }
        : { breaker: 'HALF_OPEN' as const, stopped: null };
    const changedAt = new Date(this.clock.realNow());
    const closed = await this.#states.findOneAndUpdate(
      { _id: channel, ...from },
      { $set: { breaker: 'CLOSED', consecutiveFailures: 0, retryAt: null, changedAt } },
      { returnDocument: 'after' },
    );
    if (closed && copy.breaker !== 'CLOSED') await this.#changed(closed, 'CLOSED');
    else if (closed) this.#copies.set(channel, closed);
    else await this.refresh();
  }

  /** A provider failed in a way that says something about the provider: 5xx, a time-out, no connection. */
  async failed(channel: ChannelName, isProbe: boolean): Promise<void> {
    const now = new Date(this.clock.realNow());
    const counted = await this.#states.findOneAndUpdate(
      { _id: channel },
      {
        $inc: { consecutiveFailures: 1 },
        $setOnInsert: { breaker: 'CLOSED', retryAt: null, stopped: null, changedAt: now },
      },
      { upsert: true, returnDocument: 'after' },
    );
    if (!counted) return;
    this.#copies.set(channel, counted);
    const opens =
      counted.breaker === 'CLOSED'
        ? counted.consecutiveFailures >= this.breaker.failures
        : counted.breaker === 'HALF_OPEN' && isProbe;
    if (!opens) return;
    const opened = await this.#states.findOneAndUpdate(
      // A success in between has set the count back: then it stays closed.
      { _id: channel, breaker: counted.breaker, consecutiveFailures: { $gte: this.breaker.failures } },
      { $set: { breaker: 'OPEN', retryAt: new Date(now.getTime() + this.breaker.openMs), changedAt: now } },
      { returnDocument: 'after' },
    );
    if (opened) await this.#changed(opened, 'OPENED');
  }

  /** The provider refuses our credentials: nothing is sent until somebody takes the channel up again (CORE-24). */
  async stop(channel: ChannelName, reason: string): Promise<void> {
    const now = new Date(this.clock.realNow());
    const first = {
      breaker: 'CLOSED' as const,
      consecutiveFailures: 0,
      retryAt: null,
      stopped: null,
      changedAt: now,
    };
    await this.#states.updateOne({ _id: channel }, { $setOnInsert: first }, { upsert: true });
    const stopped = await this.#states.findOneAndUpdate(
      { _id: channel, stopped: null },
      { $set: { stopped: reason, changedAt: now } },
      { returnDocument: 'after' },
    );
    // Another worker was first: its event may not have come yet, and until then this one would go on.
    if (stopped) await this.#changed(stopped, 'STOPPED');
    else await this.refresh();
  }

  /** Takes a stopped channel up again, and closes its breaker. @throws CHANNEL_NOT_FOUND */
  async resume(caller: Caller, name: ChannelName): Promise<ChannelStateView> {
    this.#channel(name);
    const resumed = await this.#states.findOneAndUpdate(
      { _id: name },
      {
        $set: {
          stopped: null,
          breaker: 'CLOSED',
          consecutiveFailures: 0,
          retryAt: null,
          changedAt: new Date(this.clock.realNow()),
        },
      },
      { returnDocument: 'after' },
    );
    if (resumed) await this.#changed(resumed, `RESUMED by ${caller.owner}`);
    return this.get(name);
  }

  async list(): Promise<ChannelStateView[]> {
    await this.refresh();
    return Promise.all([...this.channels.values()].map((channel) => this.#view(channel)));
  }

  /** @throws CHANNEL_NOT_FOUND */
  async get(name: ChannelName): Promise<ChannelStateView> {
    const channel = this.#channel(name);
    await this.refresh();
    return this.#view(channel);
  }

  #channel(name: ChannelName): Channel {
    const channel = this.channels.get(name);
    if (!channel)
      throw new PunctualError('CHANNEL_NOT_FOUND', `the channel ${name} is not configured`, {
        path: 'channel',
      });
    return channel;
  }

  async #changed(state: ChannelStateDoc, reason: string): Promise<void> {
    this.#copies.set(state._id, state);
    await this.recorder.announce('channel.changed', {
      channel: state._id,
      reason,
      data: { breaker: state.breaker, stopped: state.stopped },
    });
  }

  async #view(channel: Channel): Promise<ChannelStateView> {
    const state = this.#copies.get(channel.name);
    return {
      channel: channel.name,
      provider: channel.provider,
      breaker: state?.breaker ?? 'CLOSED',
      consecutiveFailures: state?.consecutiveFailures ?? 0,
      retryAt: state?.retryAt ?? null,
      stopped: state?.stopped ?? null,
      limits: channel.limits,
      usedToday:
        channel.limits.perDay === undefined ? null : await this.usedToday(channel.name, channel.limits),
    };
  }
}

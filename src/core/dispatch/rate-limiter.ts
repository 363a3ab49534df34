import type { ChannelLimits, ChannelName } from '../channel/channel.js';

/** Where tokens come from. */
export type TokenSource = 'REDIS' | 'MEMORY';

/** What one send may do. `delayMs`: real ms from now. */
export type Grant =
  /**
   * At its send instant. A negative delay is an instant that was missed while the answer was under way: used now, it
   * could fall into one second with those of the next, so let it go and take another.
   */
  | { readonly kind: 'SEND'; readonly delayMs: number }
  /** No token within the horizon: the next is free then. */
  | { readonly kind: 'LATER'; readonly delayMs: number }
  /** This recipient was reached too recently. */
  | { readonly kind: 'RECIPIENT'; readonly delayMs: number }
  /** The day's limit is used up: until midnight of the channel's zone. */
  | { readonly kind: 'DAY'; readonly delayMs: number };

/** Send tokens, shared by all workers (CORE-21). Two real implementations: Redis, and this process's memory. */
export interface RateLimiter {
  /** Where tokens come from now. */
  readonly source: TokenSource;
  /**
   * Reserves send instants for these recipients, in order, none further ahead than `horizonMs`. One round trip.
   * All workers have to use the same horizon: after a loss of Redis, reservations are waited out that long.
   * With no recipients it reserves nothing, but makes the channel known: the first reservation after a loss of what
   * Redis held waits for one horizon, which a worker's start can so take beforehand.
   */
  reserve(
    channel: ChannelName,
    limits: ChannelLimits,
    recipients: readonly string[],
    horizonMs: number,
  ): Promise<Grant[]>;
  /**
   * Gives back reservations that were not used: the newest `count` ones of this process, as far as nobody has reserved
   * behind them. Their part of the day's count is given back in any case; a recipient's pause is not.
   */
  giveBack(channel: ChannelName, limits: ChannelLimits, count: number): Promise<void>;
  /** Sends counted today, for display. */
  usedToday(channel: ChannelName, limits: ChannelLimits): Promise<number>;
  close(): Promise<void>;
}

/** The workers that are alive, and this one's place among them, from 0: what shares of a limit go by. */
export interface Crew {
  readonly workers: number;
  readonly place: number;
}

/** True for a channel whose sends need no tokens at all. */
export function isUnlimited({ perSecond, perDay, perRecipientMs }: ChannelLimits): boolean {
  return perSecond === undefined && perDay === undefined && perRecipientMs === undefined;
}

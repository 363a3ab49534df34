import type { ChannelLimits, ChannelName } from '../channel/channel.js';

/** What one send may do. `delayMs`: real ms from now. */
export type Grant =
  /** At its send instant. */
  | { readonly kind: 'SEND'; readonly delayMs: number }
  /** No token within the horizon: ask again then. */
  | { readonly kind: 'LATER'; readonly delayMs: number }
  /** This recipient was reached too recently. */
  | { readonly kind: 'RECIPIENT'; readonly delayMs: number }
  /** The day's limit is used up: until midnight of the channel's zone. */
  | { readonly kind: 'DAY'; readonly delayMs: number };

/** Send tokens, shared by all workers (CORE-21). Two real implementations: Redis, and this process's memory. */
export interface RateLimiter {
  /** Reserves send instants for these recipients, in order, none further ahead than `horizonMs`. One round trip. */
  reserve(channel: ChannelName, limits: ChannelLimits, recipients: readonly string[], horizonMs: number): Promise<Grant[]>;
  /** Gives back reservations that were not used: the newest `count` ones, as far as that can be done. */
  giveBack(channel: ChannelName, limits: ChannelLimits, count: number): Promise<void>;
  /** Sends counted today, for display. */
  usedToday(channel: ChannelName, limits: ChannelLimits): Promise<number>;
  close(): Promise<void>;
}

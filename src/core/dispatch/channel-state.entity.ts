import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { ChannelName } from '../channel/channel.js';

/** The breaker of a channel: see `breaker.ts`. */
export const BREAKERS = ['CLOSED', 'OPEN', 'HALF_OPEN'] as const;
export type Breaker = (typeof BREAKERS)[number];

/** What all workers share about a channel. A channel that is not here is closed and running. */
export const ChannelState = defineEntity({
  name: 'ChannelState',
  collection: 'channel_states',
  properties: {
    _id: p.string().$type<ChannelName>().primary(),
    breaker: p.string().$type<Breaker>(),
    consecutiveFailures: p.integer(),
    /** When OPEN: from when on one may be let through. When HALF_OPEN: until when that one has the say. */
    retryAt: p.datetime().strictNullable(),
    /** Why the channel is stopped until somebody takes it up again (its credentials were refused); null: it runs. */
    stopped: p.string().strictNullable(),
    changedAt: p.datetime(),
  },
});

/** A channel's state as it stands in the database. */
export type ChannelStateDoc = InferEntity<typeof ChannelState>;

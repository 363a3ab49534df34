import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ObjectId } from '@mikro-orm/mongodb';
import type { ChannelName } from '../channel/channel.js';
import type { EventType } from './event-map.js';
import { mongoIndex } from '../mongo-index.js';

/**
 * What happened, once, written in the same transaction as the change itself. Like changes of one batch are one
 * document, so that ten thousand a second are some hundred documents. Every process follows the collection
 * through one change stream; the stream's order is the order of events.
 */
export const Event = defineEntity({
  name: 'Event',
  collection: 'events',
  properties: {
    _id: p.type(ObjectId).primary(),
    type: p.string().$type<EventType>(),
    /** Engine time. */
    at: p.datetime(),
    /** Real time, for the expiry of the document itself. */
    writtenAt: p.datetime(),
    owner: p.string().strictNullable(),
    queue: p.string().strictNullable(),
    channel: p.string().$type<ChannelName>().strictNullable(),
    program: p.string().strictNullable(),
    run: p.type(ObjectId).strictNullable(),
    /** The deliveries that changed alike; empty for events about other things. */
    deliveries: p.json().$type<readonly ObjectId[]>(),
    reason: p.string().strictNullable(),
    /** Further figures, by type: see the event map. */
    data: p.json().$type<Record<string, unknown>>().strictNullable(),
  },
  indexes: [mongoIndex('expiry', { writtenAt: 1 }, { expireAfterSeconds: 7 * 24 * 3600 })],
});

/** An event as it stands in the database. */
export type EventDoc = InferEntity<typeof Event>;

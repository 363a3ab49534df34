import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ObjectId } from '@mikro-orm/mongodb';
import type { ChannelName, ErrorClass } from '../channel/channel.js';
import type { Delays } from './delay.js';
import { mongoIndex } from '../mongo-index.js';

/** How an attempt ended. */
export type AttemptOutcome = 'ACCEPTED' | 'REFUSED' | 'UNKNOWN';

/** One try of a delivery at a provider. Written once, with its outcome. */
export const Attempt = defineEntity({
  name: 'Attempt',
  collection: 'attempts',
  properties: {
    /** `attemptId(delivery, number)`: one document a try, and a delivery's tries are found without an index. */
    _id: p.string().primary(),
    delivery: p.type(ObjectId),
    number: p.integer(),
    fence: p.integer(),
    channel: p.string().$type<ChannelName>(),
    provider: p.string(),
    worker: p.string(),
    outcome: p.string().$type<AttemptOutcome>(),
    /** Engine time just before the request left; null when a dead worker took that knowledge with it. */
    startedAt: p.datetime().strictNullable(),
    /** Engine time at which the answer was read; for UNKNOWN ones, at which it was given up. */
    endedAt: p.datetime(),
    /** Acceptance minus due instant, in ms; null unless accepted. */
    latenessMs: p.double().$type<number>().strictNullable(),
    /** What held it up between being ready and its start, in ms by cause; null: nothing. */
    waited: p.json().$type<Delays>().strictNullable(),
    messageId: p.string().strictNullable(),
    errorClass: p.string().$type<ErrorClass>().strictNullable(),
    errorCode: p.string().strictNullable(),
    errorMessage: p.string().strictNullable(),
  },
  indexes: [
    // Receipts and replies that name only the provider's message id.
    mongoIndex('message', { messageId: 1 }, { partialFilterExpression: { messageId: { $gt: '' } } }),
  ],
});

/** An attempt as it stands in the database. */
export type AttemptDoc = InferEntity<typeof Attempt>;

/** The id of a delivery's attempt: the delivery's id, a dash, the number of the try. */
export function attemptId(delivery: ObjectId, number: number): string {
  return `${delivery.toHexString()}-${number}`;
}

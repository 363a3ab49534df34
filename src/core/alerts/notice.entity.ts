import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ObjectId } from '@mikro-orm/mongodb';
import type { ChannelName, Content } from '../channel/channel.js';
import { mongoIndex } from '../mongo-index.js';

/** What about an alert is told. */
export type NoticeChange = 'OPENED' | 'RESOLVED';

/** The channels that notices go through. */
export type NoticeKind = Extract<ChannelName, 'EMAIL' | 'WEBHOOK'>;

/** PENDING: to be sent, again and again if need be. SENT: accepted. FAILED: refused for good, or a day long in vain. */
export type NoticeState = 'PENDING' | 'SENT' | 'FAILED';

/**
 * One message about one change of an alert to one receiver (CORE-42). It is written in the transaction that changes the
 * alert, so that a crash loses none, and sent afterwards, by whichever process comes to it.
 */
export const Notice = defineEntity({
  name: 'Notice',
  collection: 'notices',
  properties: {
    /** `noticeId`: the key under which the receiver gets it in every attempt. */
    _id: p.string().primary(),
    alert: p.type(ObjectId),
    change: p.string().$type<NoticeChange>(),
    kind: p.string().$type<NoticeKind>(),
    /** The address, in the form of its channel. */
    to: p.string(),
    /** As it was when the alert changed: what happens to the alert later is another notice. */
    content: p.json().$type<Content>(),
    state: p.string().$type<NoticeState>(),
    /** Tries begun, counted at the claim. A sender's write names the number it got, as with a delivery's fence. */
    attempts: p.integer(),
    /** Engine time: when it may be claimed next. While it is being sent, when the claim ends. */
    nextAt: p.datetime(),
    lastError: p.json().$type<{ readonly code: string; readonly message: string }>().strictNullable(),
    /** Engine time: when the alert changed. */
    createdAt: p.datetime(),
    /** Real time: when the document may go; null until it is sent or has failed. */
    forgetAt: p.datetime().strictNullable(),
  },
  indexes: [
    mongoIndex('due', { state: 1, nextAt: 1 }),
    mongoIndex('forget', { forgetAt: 1 }, { expireAfterSeconds: 0 }),
  ],
});

/** A notice as it stands in the database. */
export type NoticeDoc = InferEntity<typeof Notice>;

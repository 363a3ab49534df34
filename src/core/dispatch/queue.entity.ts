import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

/** What operators have set for a queue. A queue that is not here runs by its definition. */
export const Queue = defineEntity({
  name: 'Queue',
  collection: 'queues',
  properties: {
    /** The queue's name. */
    _id: p.string().primary(),
    paused: p.boolean(),
    changedAt: p.datetime(),
    changedBy: p.string(),
  },
});

/** A queue's settings as they stand in the database. */
export type QueueDoc = InferEntity<typeof Queue>;

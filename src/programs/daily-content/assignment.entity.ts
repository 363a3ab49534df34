import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ObjectId } from '@mikro-orm/mongodb';

/** What is sent on a date: to one advisor, or to everyone who has nothing of their own that day. */
export const ContentAssignment = defineEntity({
  name: 'ContentAssignment',
  collection: 'daily_content_assignments',
  properties: {
    _id: p.type(ObjectId).primary(),
    owner: p.string(),
    /** The calendar date in the program's zone, as `2026-11-23`. */
    date: p.string(),
    /** Null: the default of the date. */
    advisor: p.type(ObjectId).strictNullable(),
    content: p.type(ObjectId),
    createdAt: p.datetime(),
  },
  indexes: [
    // Null is a value of the key here, on purpose: a date has one default.
    {
      options: [
        { owner: 1, date: 1, advisor: 1 },
        { name: 'date_advisor', unique: true },
      ],
    },
  ],
});

/** An assignment as it stands in the database. */
export type AssignmentDoc = InferEntity<typeof ContentAssignment>;

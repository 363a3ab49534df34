import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ObjectId } from '@mikro-orm/mongodb';
import { mongoIndex } from '../mongo-index.js';

/** Where a run stands. */
export const RUN_STATUSES = ['RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Something that a run passed over or could not do, with the reason. */
export interface RunRemark {
  readonly subject: string;
  readonly code: string;
  readonly message: string;
}

/** One execution of a program's job: a wave, an assignment, a cleanup. Kept as history. */
export const Run = defineEntity({
  name: 'Run',
  collection: 'runs',
  properties: {
    _id: p.type(ObjectId).primary(),
    owner: p.string(),
    program: p.string(),
    /** What kind of run within the program: `wave`. */
    type: p.string(),
    /** The occurrence that it serves, as `2026-11-23`: one run for each (owner, program, type, occurrence). */
    occurrence: p.string(),
    status: p.string().$type<RunStatus>(),
    startedAt: p.datetime(),
    /** Null while it runs. */
    endedAt: p.datetime().strictNullable(),
    /** For runs that make deliveries: the instants between which they are due. */
    window: p.json().$type<{ readonly from: Date; readonly to: Date }>().strictNullable(),
    scheduled: p.integer(),
    skipped: p.integer(),
    failed: p.integer(),
    /** The first hundred of what was skipped or failed, with reasons. */
    remarks: p.json().$type<readonly RunRemark[]>(),
    error: p.string().strictNullable(),
  },
  indexes: [
    mongoIndex('occurrence', { owner: 1, program: 1, type: 1, occurrence: 1 }, { unique: true }),
    mongoIndex('newest', { owner: 1, _id: -1 }),
    mongoIndex('running', { status: 1 }, { partialFilterExpression: { status: 'RUNNING' } }),
  ],
});

/** A run as it stands in the database. */
export type RunDoc = InferEntity<typeof Run>;

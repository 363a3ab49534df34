import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ObjectId } from '@mikro-orm/mongodb';
import { mongoIndex } from '../mongo-index.js';
import type { Task } from './task.js';

/** Where a run stands. */
export const RUN_STATUSES = ['RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Something that a run passed over or could not do, with the reason. */
export interface RunRemark {
  readonly subject: string;
  readonly code: string;
  readonly message: string;
}

/** The `program` of the core's own runs: bulk actions and upkeep. No program is called so. */
export const CORE_PROGRAM = 'core';

/** One execution of a program's job, or of a bulk action: a wave, an assignment, a cleanup. Kept as history. */
export const Run = defineEntity({
  name: 'Run',
  collection: 'runs',
  properties: {
    _id: p.type(ObjectId).primary(),
    owner: p.string(),
    /** A program's name, or CORE_PROGRAM. */
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
    /** For runs that work on what is there: how many they found at the beginning. Null: it makes deliveries, or is older. */
    matched: p.integer().strictNullable(),
    /** How many of those it has changed or deleted so far. Null: likewise. */
    changed: p.integer().strictNullable(),
    /** What it is to do, so that any worker can go on with it. Null: whoever began it knows. */
    task: p.json().$type<Task>().strictNullable(),
    /** Real time until which whoever began the task has the say; null: any worker may go on with it. */
    heldUntil: p.datetime().strictNullable(),
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

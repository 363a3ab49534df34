import { defineEntity, type InferEntity, p } from '@mikro-orm/core';

/** When a job is to run next, and when it ran last. */
export const JobState = defineEntity({
  name: 'JobState',
  collection: 'job_states',
  properties: {
    /** The job's name. */
    _id: p.string().primary(),
    nextAt: p.datetime(),
    /** When somebody asked for a run besides those of its schedule; null: nobody has, or it has been run since. */
    requestedAt: p.datetime().strictNullable(),
    /** What the right to run it goes by, anew for each run; null: nobody runs it. */
    holder: p.string().strictNullable(),
    /** Real time until which the process that runs it has the say; it renews it while it runs. Null: nobody runs it. */
    runningUntil: p.datetime().strictNullable(),
    lastAt: p.datetime().strictNullable(),
    lastError: p.string().strictNullable(),
  },
});

/** A job's state as it stands in the database. */
export type JobStateDoc = InferEntity<typeof JobState>;

import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ObjectId } from '@mikro-orm/mongodb';
import type { DeliveryState } from '../delivery/states.js';
import { mongoIndex } from '../mongo-index.js';
import type { Severity } from '../severity.js';

/** A delivery that made the rate fall. */
export interface Offender {
  readonly delivery: ObjectId;
  /** Engine ms past its due instant: until it was accepted, or until now. */
  readonly latenessMs: number;
  readonly state: DeliveryState;
  /** The code of the last attempt's error; null where there was none. */
  readonly reason: string | null;
}

/** A stretch of time in which a policy's rate was below its target (CORE-41). */
export const SlaViolation = defineEntity({
  name: 'SlaViolation',
  collection: 'sla_violations',
  properties: {
    _id: p.type(ObjectId).primary(),
    /** The policy's name. */
    policy: p.string(),
    /** The same while it is open, null after that: a unique index makes it one violation at a time. */
    openPolicy: p.string().strictNullable(),
    severity: p.string().$type<Severity>(),
    openedAt: p.datetime(),
    updatedAt: p.datetime(),
    closedAt: p.datetime().strictNullable(),
    /** The window that the figures are about, the last one while it was open. */
    window: p.json().$type<{ readonly from: Date; readonly to: Date }>(),
    target: p.double().$type<number>(),
    rate: p.double().$type<number>(),
    worstRate: p.double().$type<number>(),
    good: p.integer(),
    bad: p.integer(),
    /** The worst ones, the latest first. */
    offenders: p.json().$type<readonly Offender[]>(),
  },
  indexes: [
    mongoIndex(
      'open',
      { openPolicy: 1 },
      { unique: true, partialFilterExpression: { openPolicy: { $gt: '' } } },
    ),
  ],
});

/** A violation as it stands in the database. */
export type SlaViolationDoc = InferEntity<typeof SlaViolation>;

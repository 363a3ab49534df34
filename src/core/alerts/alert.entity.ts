import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ObjectId } from '@mikro-orm/mongodb';
import { mongoIndex } from '../mongo-index.js';
import type { Severity } from '../severity.js';

/** OPEN: the condition holds, or nobody has looked yet. ACKNOWLEDGED: it holds, and somebody is at it. RESOLVED: over. */
export const ALERT_STATES = ['OPEN', 'ACKNOWLEDGED', 'RESOLVED'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** A condition that somebody should know of (CORE-42). The same condition is one alert for as long as it holds. */
export const Alert = defineEntity({
  name: 'Alert',
  collection: 'alerts',
  properties: {
    _id: p.type(ObjectId).primary(),
    /** The condition, and what it is about: `channel.stopped|WHATSAPP`. */
    key: p.string(),
    /** The key while the alert is not resolved, null from then on: the unique index over it makes it the only one. */
    openKey: p.string().strictNullable(),
    severity: p.string().$type<Severity>(),
    /** The part that raised it: `sla`, `channels`, `queues`. */
    source: p.string(),
    /** One sentence, without recipients' addresses. */
    message: p.string(),
    /** What was measured, with the limits that it was held against; null where there is nothing to measure. */
    figures: p.json().$type<Record<string, unknown>>().strictNullable(),
    state: p.string().$type<AlertState>(),
    openedAt: p.datetime(),
    /** The last change of severity, message, figures or state. */
    updatedAt: p.datetime(),
    acknowledgedAt: p.datetime().strictNullable(),
    /** The API key's name. */
    acknowledgedBy: p.string().strictNullable(),
    resolvedAt: p.datetime().strictNullable(),
    /** The API key's name; null when the condition ended by itself. */
    resolvedBy: p.string().strictNullable(),
  },
  indexes: [
    // A comparison, not a $type: see delivery.entity.ts.
    mongoIndex('open', { openKey: 1 }, { unique: true, partialFilterExpression: { openKey: { $gt: '' } } }),
    // Lists, newest first, of some states.
    mongoIndex('state', { state: 1, _id: -1 }),
  ],
});

/** An alert as it stands in the database. */
export type AlertDoc = InferEntity<typeof Alert>;

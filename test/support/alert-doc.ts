import { ObjectId } from '@mikro-orm/mongodb';
import type { AlertDoc } from '../../src/core/alerts/alert.entity.js';

/** An alert that has just been opened, but for what the test names. */
export function alertDoc(own: Partial<AlertDoc> = {}): AlertDoc {
  const now = new Date();
  return {
    _id: new ObjectId(),
    key: 'health.backlog|general',
    openKey: 'health.backlog|general',
    severity: 'CRITICAL',
    source: 'health',
    message: 'The queue general has 1,204 deliveries waiting.',
    figures: { waiting: 1204, limit: 1000 },
    state: 'OPEN',
    openedAt: now,
    updatedAt: now,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    resolvedBy: null,
    ...own,
  };
}

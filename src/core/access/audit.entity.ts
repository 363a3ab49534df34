import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ObjectId } from '@mikro-orm/mongodb';
import type { ErrorCode } from '../errors.js';
import { mongoIndex } from '../mongo-index.js';
import type { Role } from './caller.js';

/** Who did what (SEC-7): one entry for each mutation. It names objects by their ids and holds no personal data. */
export const AuditEntry = defineEntity({
  name: 'AuditEntry',
  collection: 'audit',
  properties: {
    _id: p.type(ObjectId).primary(),
    /** Real time at which it began. */
    at: p.datetime(),
    owner: p.string(),
    role: p.string().$type<Role>(),
    /** What proved the caller: `key:` or `token:` and its id. */
    credential: p.string(),
    /** The mutation's name. */
    action: p.string(),
    /** Global ids, and names like `queue:general`, of what it was about and of what came of it; the first hundred. */
    subjects: p.json().$type<readonly string[]>(),
    /** How many there were in all. */
    subjectCount: p.integer(),
    /** Items of a bulk that were refused. */
    refused: p.integer(),
    /** OK: the call was carried out, whatever became of its items. Null: it began, and nobody knows how it ended. */
    outcome: p.string().$type<'OK' | ErrorCode>().strictNullable(),
    requestId: p.string(),
    /** When MongoDB removes it: each entry by the retention that was set when it was written. */
    expiresAt: p.datetime(),
  },
  indexes: [
    mongoIndex('owner', { owner: 1, _id: -1 }),
    mongoIndex('action', { action: 1, _id: -1 }),
    mongoIndex('subject', { subjects: 1, _id: -1 }),
    mongoIndex('expiry', { expiresAt: 1 }, { expireAfterSeconds: 0 }),
  ],
});

/** An entry of the audit as it stands in the database. */
export type AuditEntryDoc = InferEntity<typeof AuditEntry>;

import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ObjectId } from '@mikro-orm/mongodb';
import type { Role, Scope } from './caller.js';
import { mongoIndex } from '../mongo-index.js';

/** A machine's key. Only its hash is stored (SEC-4). */
export const ApiKey = defineEntity({
  name: 'ApiKey',
  collection: 'api_keys',
  properties: {
    _id: p.type(ObjectId).primary(),
    /** The first characters, as shown in lists: `pk_live_1a2b3c`. Not secret. */
    prefix: p.string(),
    /** SHA-256 of the whole key, hex. */
    hash: p.string(),
    name: p.string(),
    owner: p.string(),
    role: p.string().$type<Role>(),
    /** Null, and absent in keys from before there were any: everything that the role permits. */
    scopes: p.json().$type<readonly Scope[]>().strictNullable(),
    createdAt: p.datetime(),
    expiresAt: p.datetime().strictNullable(),
    revokedAt: p.datetime().strictNullable(),
    lastUsedAt: p.datetime().strictNullable(),
  },
  indexes: [mongoIndex('hash', { hash: 1 }, { unique: true })],
});

/** An API key as it stands in the database. */
export type ApiKeyDoc = InferEntity<typeof ApiKey>;

import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ObjectId } from '@mikro-orm/mongodb';
import type { Tier } from '../../core/index.js';

/** A person who gets the day's content. */
export const Advisor = defineEntity({
  name: 'Advisor',
  collection: 'daily_content_advisors',
  properties: {
    _id: p.type(ObjectId).primary(),
    owner: p.string(),
    /** The owner's own id for this person: what imports and the API name it by. */
    externalId: p.string(),
    name: p.string(),
    tier: p.string().$type<Tier>(),
    /** The language that the person reads, as `en` or `en_US`. */
    language: p.string(),
    /** The person's zone; null: the program's. It is kept with the delivery, and does not move the wave. */
    timezone: p.string().strictNullable(),
    /** The WhatsApp number, E.164. */
    phone: p.string(),
    /** Alternative ways, taken when WhatsApp fails; null where there is none. */
    sms: p.string().strictNullable(),
    email: p.string().strictNullable(),
    /** False: kept, but gets nothing. The owner's decision. */
    active: p.boolean(),
    /** True: gets nothing. The person's decision; an import changes it only where its file says so. */
    optedOut: p.boolean(),
    createdAt: p.datetime(),
  },
  indexes: [
    {
      options: [
        { owner: 1, externalId: 1 },
        { name: 'external_id', unique: true },
      ],
    },
    // The wave: one tier after the other in pages, and how many of a tier there are without reading the documents.
    { options: [{ owner: 1, tier: 1, _id: 1, active: 1, optedOut: 1 }, { name: 'wave' }] },
  ],
});

/** An advisor as it stands in the database. */
export type AdvisorDoc = InferEntity<typeof Advisor>;

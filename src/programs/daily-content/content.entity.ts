import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import { ObjectId } from '@mikro-orm/mongodb';

/** Something to send: a WhatsApp template with its parameters, and the same in plain words for other channels. */
export const DailyContent = defineEntity({
  name: 'DailyContent',
  collection: 'daily_content_contents',
  properties: {
    _id: p.type(ObjectId).primary(),
    owner: p.string(),
    externalId: p.string(),
    /** The name under which WhatsApp has approved the template. */
    template: p.string(),
    language: p.string(),
    /** In WhatsApp's own shape. Strings may hold variables like `{{name}}` (message.ts). */
    components: p.json().$type<readonly Record<string, unknown>[]>(),
    /** For channels without templates; may hold variables. Null: this content takes no other way. */
    text: p.string().strictNullable(),
    createdAt: p.datetime(),
  },
  indexes: [
    {
      options: [
        { owner: 1, externalId: 1 },
        { name: 'external_id', unique: true },
      ],
    },
  ],
});

/** A content as it stands in the database. */
export type ContentDoc = InferEntity<typeof DailyContent>;

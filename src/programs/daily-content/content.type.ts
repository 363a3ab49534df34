import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { DeliveryType } from '../../schema/delivery.type.js';
import { toGlobalId } from '../../schema/ids.js';
import { Node } from '../../schema/node.js';
import { DateTime, JSONObject } from '../../schema/scalars.js';
import { Payload } from '../../schema/user-error.js';
import type { ContentDoc } from './content.entity.js';
import type { ContentInput } from './contents.js';

const VARIABLES = '`{{name}}`, `{{externalId}}`, `{{tier}}`, `{{language}}` and `{{date}}`';

@ObjectType('Content', {
  implements: Node,
  description: 'Something to send: a WhatsApp template with its parameters.',
})
export class ContentType implements Node {
  constructor(readonly doc: ContentDoc) {}

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return toGlobalId('Content', this.doc._id);
  }

  @Field(() => String, { description: "The owner's own id for it." })
  get externalId(): string {
    return this.doc.externalId;
  }

  @Field(() => String, { description: 'The name under which WhatsApp has approved the template.' })
  get template(): string {
    return this.doc.template;
  }

  @Field(() => String, { description: 'The language of the template, as `en` or `en_US`.' })
  get language(): string {
    return this.doc.language;
  }

  @Field(() => [JSONObject], {
    description: `Parameters in WhatsApp's own shape; strings may hold ${VARIABLES}.`,
  })
  get components(): readonly Record<string, unknown>[] {
    return this.doc.components;
  }

  @Field(() => String, {
    nullable: true,
    description: 'The same in plain words, for channels without templates; null: it takes no other channel.',
  })
  get text(): string | null {
    return this.doc.text;
  }

  @Field(() => DateTime, { description: 'When it was first stored.' })
  get createdAt(): Date {
    return this.doc.createdAt;
  }
}

@InputType('ContentInput', { description: 'A content.' })
export class ContentInputType implements ContentInput {
  @Field(() => String, {
    description: "The owner's own id for it, at most 64 characters: the same id is the same content.",
  })
  externalId!: string;

  @Field(() => String, { description: 'The name under which WhatsApp has approved the template.' })
  template!: string;

  @Field(() => String, { description: 'The language of the template, as `en` or `en_US`.' })
  language!: string;

  @Field(() => [JSONObject], {
    description: `Parameters in WhatsApp's own shape; strings may hold ${VARIABLES}.`,
  })
  components!: Record<string, unknown>[];

  @Field(() => String, {
    nullable: true,
    description: `The same in plain words, at most 1,000 characters; may hold ${VARIABLES}. Omitted, it stays as it is stored; null takes it away.`,
  })
  text?: string | null;
}

@InputType('UpsertContentInput', { description: 'A content, made or changed. Repeating it changes nothing.' })
export class UpsertContentInput extends ContentInputType {}

@InputType('ImportContentsInput', { description: 'Contents as a CSV file. Repeating it changes nothing.' })
export class ImportContentsInput {
  @Field(() => String, {
    description:
      'The file, with a header. Required columns: externalId, template, language, components (JSON). Optional: text. An empty cell leaves what is stored. A body is at most 256 kB: send longer files in parts, each with the header.',
  })
  csv!: string;
}

@InputType('AssignContentInput', {
  description: 'Which content goes to whom on a date. Repeating it changes nothing.',
})
export class AssignContentInput {
  @Field(() => String, {
    description: "The calendar date in the program's zone, as `2026-11-23`; today or later.",
  })
  date!: string;

  @Field(() => String, { description: "The content's externalId." })
  content!: string;

  @Field(() => [String], {
    nullable: true,
    description:
      "ExternalIds of 1 to 1,000 advisors. Null: the date's default, for everyone without an assignment of their own.",
  })
  advisors?: string[] | null;
}

@InputType('SendImmediateInput', { description: 'A content to one advisor, now.' })
export class SendImmediateInput {
  @Field(() => String, { description: "The advisor's externalId." })
  advisor!: string;

  @Field(() => String, { description: "The content's externalId." })
  content!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'At most 200 characters. The same key again gets the first delivery instead of a second one.',
  })
  idempotencyKey?: string | null;
}

@InputType('SendImmediateBulkInput', { description: 'A content to a list of advisors, now.' })
export class SendImmediateBulkInput {
  @Field(() => [String], {
    description: 'ExternalIds of 1 to 1,000 advisors; one that is named twice gets one delivery.',
  })
  advisors!: string[];

  @Field(() => String, { description: "The content's externalId." })
  content!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'At most 200 characters. The same key again gets each advisor its first delivery instead of a second one.',
  })
  idempotencyKey?: string | null;
}

@ObjectType('UpsertContentPayload', { implements: Payload, description: 'What became of the content.' })
export class UpsertContentPayload extends Payload {
  @Field(() => ContentType, {
    nullable: true,
    description: 'The content as stored; null when it was refused.',
  })
  content: ContentType | null = null;
}

@ObjectType('AssignContentPayload', { implements: Payload, description: 'What became of the assignment.' })
export class AssignContentPayload extends Payload {
  @Field(() => ContentType, {
    nullable: true,
    description: 'The content that is assigned; null when nothing is.',
  })
  content: ContentType | null = null;

  @Field(() => Int, { description: 'To how many advisors it is assigned; for the default of a date, 1.' })
  assigned: number = 0;
}

@ObjectType('SendImmediatePayload', { implements: Payload, description: 'What became of the message.' })
export class SendImmediatePayload extends Payload {
  @Field(() => DeliveryType, {
    nullable: true,
    description: 'The delivery, new or found under its key; null when it was refused.',
  })
  delivery: DeliveryType | null = null;
}

@ObjectType('SendImmediateBulkPayload', { implements: Payload, description: 'What became of the messages.' })
export class SendImmediateBulkPayload extends Payload {
  @Field(() => [DeliveryType], {
    description: 'The deliveries, new or found under their key, in the order of the list.',
  })
  deliveries: DeliveryType[] = [];
}

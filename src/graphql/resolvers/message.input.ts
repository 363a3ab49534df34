import { Field, InputType, registerEnumType } from 'type-graphql';
import {
  type ChannelName,
  type Content,
  type NewDelivery,
  type Priority,
  PunctualError,
  type RETRY_POLICIES,
  type Route,
  type Tier,
} from '../../core/index.js';
import { ChannelEnum, PriorityEnum, TierEnum } from '../../schema/enums.js';
import { DateTime, JSONObject, readDateTime } from '../../schema/scalars.js';

type RetryPolicyName = keyof typeof RETRY_POLICIES;

/** Names of the retry policies as the API writes them. */
const RetryPolicyEnum: Record<'CONTENT' | 'PROMPT' | 'PATIENT', RetryPolicyName> = {
  CONTENT: 'content',
  PROMPT: 'prompt',
  PATIENT: 'patient',
};
registerEnumType(RetryPolicyEnum, {
  name: 'RetryPolicy',
  description: 'How long to wait between tries. Each takes 4 tries at most.',
  valuesConfig: {
    CONTENT: { description: '5, 10, 20 seconds.' },
    PROMPT: { description: '2, 4, 8 seconds.' },
    PATIENT: { description: '5, 10, 20 minutes.' },
  },
});

@InputType('TemplateInput', { description: 'A message template that the provider has approved.' })
export class TemplateInput {
  @Field(() => String, { description: 'Its name at the provider.' })
  name!: string;

  @Field(() => String, { description: "The provider's language code, as `en` or `en_US`." })
  language!: string;

  @Field(() => [JSONObject], {
    nullable: true,
    description: "Parameters in the provider's own shape. Null: none.",
  })
  components?: Record<string, unknown>[] | null;
}

@InputType('EmailContentInput', { description: 'An e-mail, with a text for every mail program.' })
export class EmailContentInput {
  @Field(() => String, { description: 'One line of 1 to 255 characters.' })
  subject!: string;

  @Field(() => String, { description: 'Plain text; with the HTML at most 256 kB.' })
  text!: string;

  @Field(() => String, { nullable: true, description: 'The same as HTML. Null: the mail is text alone.' })
  html?: string | null;
}

@InputType('ContentInput', {
  description: 'What is delivered: exactly one of the fields. Not every channel carries each.',
})
export class ContentInput {
  @Field(() => String, {
    nullable: true,
    description: 'Plain text; by e-mail, the beginning of its first line is the subject.',
  })
  text?: string | null;

  @Field(() => TemplateInput, { nullable: true, description: 'A template with its parameters.' })
  template?: TemplateInput | null;

  @Field(() => JSONObject, { nullable: true, description: 'A JSON body, for webhooks.' })
  json?: Record<string, unknown> | null;

  @Field(() => EmailContentInput, { nullable: true, description: 'A subject and a body, for e-mail.' })
  email?: EmailContentInput | null;
}

@InputType('RouteInput', { description: 'Another way to reach the same person.' })
export class RouteInput {
  @Field(() => ChannelEnum, { description: 'The channel.' })
  channel!: ChannelName;

  @Field(() => String, {
    description:
      'The address, in any form that the channel reads: `+91 98765 43210`, `ann@example.org`, a URL.',
  })
  to!: string;

  @Field(() => ContentInput, { description: 'What is delivered this way.' })
  content!: ContentInput;
}

@InputType({ description: 'What every message has.' })
export abstract class MessageInput extends RouteInput {
  @Field(() => String, {
    defaultValue: 'general',
    description: 'Name of the queue that it goes through: `general`, or one of a program.',
  })
  queue!: string;

  @Field(() => TierEnum, { defaultValue: 'STANDARD', description: 'First sort key among what is due.' })
  tier!: Tier;

  @Field(() => PriorityEnum, { defaultValue: 'MEDIUM', description: 'Second sort key among what is due.' })
  priority!: Priority;

  @Field(() => DateTime, { nullable: true, description: 'Never sent past this. Null: it does not expire.' })
  expiresAt?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'A second request with the same key returns the first delivery. 1 to 512 characters; null: none.',
  })
  idempotencyKey?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The caller's own name for the recipient; it is only kept.",
  })
  recipient?: string | null;

  @Field(() => RetryPolicyEnum, { defaultValue: 'content', description: 'How long to wait between tries.' })
  retryPolicy!: RetryPolicyName;

  @Field(() => [RouteInput], {
    nullable: true,
    description: 'Further ways, in order, taken when the first is broken.',
  })
  fallback?: RouteInput[] | null;

  @Field(() => JSONObject, { nullable: true, description: "The caller's own data; it is only kept." })
  metadata?: Record<string, unknown> | null;
}

/**
 * Reads what every message has; when it is due is added by the caller.
 * @param at before each path: empty, or `items[3].`
 * @throws VALIDATION_ERROR, INVALID_SCHEDULED_TIME (expiresAt)
 */
export function readMessage(input: MessageInput, at: string): Omit<NewDelivery, 'dueAt' | 'timezone'> {
  return {
    queue: input.queue,
    channel: input.channel,
    to: input.to,
    content: readContent(input.content, `${at}content`),
    tier: input.tier,
    priority: input.priority,
    retryPolicy: input.retryPolicy,
    expiresAt: input.expiresAt == null ? null : readDateTime(input.expiresAt, `${at}expiresAt`),
    idempotencyKey: input.idempotencyKey ?? null,
    recipient: input.recipient ?? null,
    metadata: input.metadata ?? null,
    fallback: (input.fallback ?? []).map((route, i): Route => ({
      channel: route.channel,
      to: route.to,
      content: readContent(route.content, `${at}fallback[${i}].content`),
    })),
  };
}

function readContent({ text, template, json, email }: ContentInput, path: string): Content {
  const given: Content[] = [];
  if (text != null) given.push({ kind: 'TEXT', text });
  if (template)
    given.push({
      kind: 'TEMPLATE',
      name: template.name,
      language: template.language,
      components: template.components ?? [],
    });
  if (json) given.push({ kind: 'JSON', body: json });
  if (email) {
    const { subject, text: plain, html } = email;
    given.push({ kind: 'EMAIL', subject, text: plain, ...(html == null ? {} : { html }) });
  }
  const [content] = given;
  if (!content || given.length > 1) {
    throw new PunctualError('VALIDATION_ERROR', 'exactly one of text, template, json and email is needed', {
      path,
    });
  }
  return content;
}

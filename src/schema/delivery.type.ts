import { DateTime as Luxon } from 'luxon';
import { Ctx, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import {
  type ChannelName,
  type DeliveryDoc,
  type DeliveryState,
  type HistoryEntry,
  type Priority,
  type Tier,
} from '../core/index.js';
import { AttemptType } from './attempt.type.js';
import { connectionOf } from './connection.js';
import type { Context } from './context.js';
import { ChannelEnum, DeliveryStateEnum, PriorityEnum, TierEnum } from './enums.js';
import { toGlobalId } from './ids.js';
import { Node } from './node.js';
import { personal } from './personal.js';
import { RunType } from './run.type.js';
import { DateTime, JSONObject, TimeZone } from './scalars.js';

@ObjectType('DeliveryMove', { description: "One entry of a delivery's own history." })
export class DeliveryMoveType {
  constructor(private readonly entry: HistoryEntry) {}

  @Field(() => DeliveryStateEnum, { description: 'The state that it moved into.' })
  get state(): DeliveryState {
    return this.entry.state;
  }

  @Field(() => DateTime, { description: 'When.' })
  get at(): Date {
    return this.entry.at;
  }

  @Field(() => String, {
    nullable: true,
    description: "Why: a word of the lifecycle or an error's code; null where the state says it all.",
  })
  get reason(): string | null {
    return this.entry.reason ?? null;
  }

  @Field(() => String, {
    nullable: true,
    description: 'The worker or key that did it; null where it does not matter.',
  })
  get by(): string | null {
    return this.entry.by ?? null;
  }
}

@ObjectType('DeliveryError', { description: "The last attempt's error." })
export class DeliveryErrorType {
  @Field(() => String, {
    description: "The provider's own code, the HTTP status or the system's error code.",
  })
  readonly code!: string;

  @Field(() => String, { description: 'One sentence.' })
  readonly message!: string;
}

@ObjectType('Delivery', {
  implements: Node,
  description: 'One message or call to one recipient, through one channel, due at one instant.',
})
export class DeliveryType implements Node {
  constructor(readonly doc: DeliveryDoc) {}

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return toGlobalId('Delivery', this.doc._id);
  }

  @Field(() => ID, {
    description:
      "The key under which the provider sees it in every attempt, and the sandbox's ledger lists it; by e-mail it is the beginning of the `Message-ID`.",
  })
  get key(): string {
    return this.doc._id.toHexString();
  }

  @Field(() => String, { description: 'The user on whose behalf it is sent.' })
  get owner(): string {
    return this.doc.owner;
  }

  @Field(() => DeliveryStateEnum, { description: 'Where it stands now.' })
  get state(): DeliveryState {
    return this.doc.state;
  }

  @Field(() => String, { description: 'Name of the queue that it goes through.' })
  get queue(): string {
    return this.doc.queue;
  }

  @Field(() => ChannelEnum, { description: 'The way that it takes; a fallback changes it.' })
  get channel(): ChannelName {
    return this.doc.channel;
  }

  @Field(() => String, {
    nullable: true,
    description: 'Name of the program that made it; null when a caller did.',
  })
  get program(): string | null {
    return this.doc.program;
  }

  @Field(() => RunType, { nullable: true, description: 'The run that made it; null when a caller did.' })
  async run(@Ctx() context: Context): Promise<RunType | null> {
    const run = this.doc.run && (await context.runs.load(this.doc.run));
    return run ? new RunType(run) : null;
  }

  @Field(() => String, { description: 'The address, in the form of its channel; masked for viewers.' })
  to(@Ctx() { caller }: Context): string {
    return personal(caller).address(this.doc.to);
  }

  @Field(() => String, {
    nullable: true,
    description: "The caller's name for the recipient; masked for viewers; null when none was given.",
  })
  recipient(@Ctx() { caller }: Context): string | null {
    return personal(caller).fact(this.doc.recipient);
  }

  @Field(() => TierEnum, { description: 'First sort key among what is due.' })
  get tier(): Tier {
    return this.doc.tier;
  }

  @Field(() => PriorityEnum, { description: 'Second sort key among what is due.' })
  get priority(): Priority {
    return this.doc.priority;
  }

  @Field(() => JSONObject, {
    description:
      '`{kind: TEXT, text}`, `{kind: TEMPLATE, name, language, components}`, `{kind: JSON, body}` or `{kind: EMAIL, subject, text, html}`; its values are masked for viewers.',
  })
  content(@Ctx() { caller }: Context): Record<string, unknown> {
    return personal(caller).content(this.doc.content);
  }

  @Field(() => DateTime, { description: 'The instant that was promised; lateness counts from here.' })
  get dueAt(): Date {
    return this.doc.dueAt;
  }

  @Field(() => TimeZone, { description: "The recipient's zone; UTC when none was given." })
  get timezone(): string {
    return this.doc.timezone;
  }

  @Field(() => Int, { description: "The zone's offset at `dueAt`, in minutes east of UTC." })
  get offsetMinutes(): number {
    return Luxon.fromJSDate(this.doc.dueAt, { zone: this.doc.timezone }).offset;
  }

  @Field(() => DateTime, {
    description: 'The next instant at which something is to be done: `dueAt`, or a retry.',
  })
  get readyAt(): Date {
    return this.doc.readyAt;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'Past this it is never sent; null: it does not expire.',
  })
  get expiresAt(): Date | null {
    return this.doc.expiresAt;
  }

  @Field(() => Int, { description: 'Tries begun.' })
  get attemptCount(): number {
    return this.doc.attempts;
  }

  @Field(() => Int, { description: 'Most tries that it may take.' })
  get maxAttempts(): number {
    return this.doc.maxAttempts;
  }

  @Field(() => [AttemptType], { description: 'The tries that have ended, by number.' })
  async attempts(@Ctx() context: Context): Promise<AttemptType[]> {
    return (await context.attempts.load(this.doc)).map((attempt) => new AttemptType(attempt));
  }

  @Field(() => Float, {
    nullable: true,
    description: 'Acceptance by the provider minus `dueAt`, in ms; null until it is accepted.',
  })
  async latenessMs(@Ctx() context: Context): Promise<number | null> {
    const attempts = await context.attempts.load(this.doc);
    return attempts.findLast((attempt) => attempt.outcome === 'ACCEPTED')?.latenessMs ?? null;
  }

  @Field(() => [DeliveryMoveType], { description: 'Its moves, oldest first.' })
  get history(): DeliveryMoveType[] {
    return this.doc.history.map((entry) => new DeliveryMoveType(entry));
  }

  @Field(() => DateTime, { nullable: true, description: 'When it reached the device; null until reported.' })
  get deliveredAt(): Date | null {
    return this.doc.receipts?.deliveredAt ?? null;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was read; null until reported.' })
  get readAt(): Date | null {
    return this.doc.receipts?.readAt ?? null;
  }

  @Field(() => DateTime, { nullable: true, description: 'When the recipient answered; null until then.' })
  get respondedAt(): Date | null {
    return this.doc.receipts?.respondedAt ?? null;
  }

  @Field(() => String, {
    nullable: true,
    description: 'What the recipient answered; masked for viewers; null until then.',
  })
  response(@Ctx() { caller }: Context): string | null {
    return personal(caller).fact(this.doc.receipts?.response ?? null);
  }

  @Field(() => DeliveryErrorType, {
    nullable: true,
    description: 'Null before an attempt failed, and after success.',
  })
  lastError(@Ctx() { caller }: Context): DeliveryDoc['lastError'] {
    const error = this.doc.lastError;
    return error && { ...error, message: personal(caller).text(error.message) };
  }

  @Field(() => String, {
    nullable: true,
    description:
      'The key that it was made under, with addresses in it masked for viewers; null when none was given.',
  })
  idempotencyKey(@Ctx() { caller }: Context): string | null {
    return personal(caller).text(this.doc.idempotencyKey);
  }

  @Field(() => JSONObject, {
    nullable: true,
    description: "The caller's own data; its values are masked for viewers; null when none was given.",
  })
  metadata(@Ctx() { caller }: Context): Record<string, unknown> | null {
    return personal(caller).json(this.doc.metadata);
  }

  @Field(() => DateTime, { description: 'When it was accepted by Punctual.' })
  get createdAt(): Date {
    return this.doc.createdAt;
  }
}

/** `DeliveryConnection`. */
export const DeliveryConnection = connectionOf('Delivery', () => DeliveryType);

import { Ctx, Field, ID, InputType, ObjectType } from 'type-graphql';
import type { Tier } from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { TierEnum } from '../../schema/enums.js';
import { toGlobalId } from '../../schema/ids.js';
import { Node } from '../../schema/node.js';
import { personal } from '../../schema/personal.js';
import { DateTime, TimeZone } from '../../schema/scalars.js';
import { Payload } from '../../schema/user-error.js';
import type { AdvisorDoc } from './advisor.entity.js';
import type { AdvisorInput } from './advisors.js';
import { UpsertCountsPayload } from './bulk.type.js';

@ObjectType('Advisor', { implements: Node, description: 'A person who gets the daily content.' })
export class AdvisorType implements Node {
  constructor(readonly doc: AdvisorDoc) {}

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return toGlobalId('Advisor', this.doc._id);
  }

  @Field(() => String, { description: "The owner's own id for this person." })
  get externalId(): string {
    return this.doc.externalId;
  }

  @Field(() => String, { description: 'The name, as it stands in messages; masked for viewers.' })
  name(@Ctx() { caller }: Context): string {
    return personal(caller).fact(this.doc.name);
  }

  @Field(() => TierEnum, { description: 'PRO go first.' })
  get tier(): Tier {
    return this.doc.tier;
  }

  @Field(() => String, { description: 'The language that the person reads, as `en` or `en_US`.' })
  get language(): string {
    return this.doc.language;
  }

  @Field(() => TimeZone, { nullable: true, description: "The person's zone; null: the program's." })
  get timezone(): string | null {
    return this.doc.timezone;
  }

  @Field(() => String, { description: 'The WhatsApp number, E.164; masked for viewers.' })
  phone(@Ctx() { caller }: Context): string {
    return personal(caller).address(this.doc.phone);
  }

  @Field(() => String, {
    nullable: true,
    description: 'The number for text messages when WhatsApp fails, E.164; masked for viewers; null: none.',
  })
  sms(@Ctx() { caller }: Context): string | null {
    return personal(caller).address(this.doc.sms);
  }

  @Field(() => String, {
    nullable: true,
    description:
      'The address for e-mail when WhatsApp and text messages fail; masked for viewers; null: none.',
  })
  email(@Ctx() { caller }: Context): string | null {
    return personal(caller).address(this.doc.email);
  }

  @Field(() => Boolean, { description: 'False: kept, but gets nothing.' })
  get active(): boolean {
    return this.doc.active;
  }

  @Field(() => Boolean, { description: 'True: the person wants nothing, and gets nothing.' })
  get optedOut(): boolean {
    return this.doc.optedOut;
  }

  @Field(() => DateTime, { description: 'When it was first stored.' })
  get createdAt(): Date {
    return this.doc.createdAt;
  }
}

@InputType('AdvisorInput', {
  description:
    'An advisor. What is omitted stays as it is stored, or gets its default where the advisor is new.',
})
export class AdvisorInputType implements AdvisorInput {
  @Field(() => String, {
    description:
      "The owner's own id for this person, at most 64 characters: the same id is the same advisor.",
  })
  externalId!: string;

  @Field(() => String, { description: 'The name as it is to stand in messages, at most 100 characters.' })
  name!: string;

  @Field(() => String, { description: 'The WhatsApp number with its country code, in any spelling.' })
  phone!: string;

  @Field(() => TierEnum, { nullable: true, description: 'STANDARD by default.' })
  tier?: Tier | null;

  @Field(() => String, { nullable: true, description: 'As `en` or `en_US`; `en` by default.' })
  language?: string | null;

  @Field(() => TimeZone, {
    nullable: true,
    description: "The person's zone. Null takes away what is stored.",
  })
  timezone?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'A number for text messages. Null takes away what is stored.',
  })
  sms?: string | null;

  @Field(() => String, { nullable: true, description: 'An e-mail address. Null takes away what is stored.' })
  email?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'False: kept, but gets nothing. True by default.' })
  active?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'True: the person wants nothing. False by default.' })
  optedOut?: boolean | null;
}

@InputType('UpsertAdvisorInput', {
  description: 'One advisor, made or changed. Repeating it changes nothing.',
})
export class UpsertAdvisorInput extends AdvisorInputType {}

@InputType('UpsertAdvisorsInput', { description: 'Advisors, made or changed. Repeating it changes nothing.' })
export class UpsertAdvisorsInput {
  @Field(() => [AdvisorInputType], {
    description: '1 to 1,000 advisors; each is stored or refused on its own.',
  })
  advisors!: AdvisorInputType[];
}

@InputType('ImportAdvisorsInput', { description: 'Advisors as a CSV file. Repeating it changes nothing.' })
export class ImportAdvisorsInput {
  @Field(() => String, {
    description:
      'The file, with a header. Required columns: externalId, name, phone. Optional: tier, language, timezone, sms, email, active, optedOut. An empty cell leaves what is stored. A body is at most 256 kB: send longer files in parts, each with the header.',
  })
  csv!: string;
}

@ObjectType('UpsertAdvisorPayload', { implements: Payload, description: 'What became of the advisor.' })
export class UpsertAdvisorPayload extends Payload {
  @Field(() => AdvisorType, {
    nullable: true,
    description: 'The advisor as stored; null when it was refused.',
  })
  advisor: AdvisorType | null = null;
}

@ObjectType('UpsertAdvisorsPayload', {
  implements: [Payload, UpsertCountsPayload],
  description: 'What became of the advisors. Those that are not in `errors` are stored.',
})
export class UpsertAdvisorsPayload extends UpsertCountsPayload {}

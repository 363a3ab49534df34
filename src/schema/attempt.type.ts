import { Ctx, Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { AttemptDoc, AttemptOutcome, ChannelName, ErrorClass } from '../core/index.js';
import type { Context } from './context.js';
import { ChannelEnum } from './enums.js';
import { toGlobalId } from './ids.js';
import { personal } from './personal.js';
import { DateTime } from './scalars.js';

const AttemptOutcomeEnum: Record<AttemptOutcome, AttemptOutcome> = {
  ACCEPTED: 'ACCEPTED',
  REFUSED: 'REFUSED',
  UNKNOWN: 'UNKNOWN',
};
registerEnumType(AttemptOutcomeEnum, {
  name: 'AttemptOutcome',
  description: 'How an attempt ended.',
  valuesConfig: {
    ACCEPTED: { description: 'The provider took it.' },
    REFUSED: { description: 'The provider, or the way to it, refused.' },
    UNKNOWN: { description: 'The request went out, and no one can say whether it was taken.' },
  },
});

const ErrorClassEnum: Record<ErrorClass, ErrorClass> = {
  RETRYABLE: 'RETRYABLE',
  THROTTLED: 'THROTTLED',
  PERMANENT: 'PERMANENT',
  UNAUTHORISED: 'UNAUTHORISED',
  UNKNOWN: 'UNKNOWN',
};
registerEnumType(ErrorClassEnum, {
  name: 'ErrorClass',
  description: 'How a failed attempt is taken.',
  valuesConfig: {
    RETRYABLE: { description: 'It may pass: tried again by the retry policy.' },
    THROTTLED: { description: 'The provider asked for less: tried again when it said.' },
    PERMANENT: { description: 'Trying again cannot help.' },
    UNAUTHORISED: {
      description: 'Our credentials were refused: the channel is stopped, the delivery waits.',
    },
    UNKNOWN: { description: 'No answer came: the channel decides between trying again and holding.' },
  },
});

@ObjectType('Attempt', { description: 'One try of a delivery at a provider.' })
export class AttemptType {
  constructor(private readonly doc: AttemptDoc) {}

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return toGlobalId('Attempt', this.doc._id);
  }

  @Field(() => Int, { description: '1 for the first try.' })
  get number(): number {
    return this.doc.number;
  }

  @Field(() => ChannelEnum, { description: 'The way taken; a fallback may differ from the first.' })
  get channel(): ChannelName {
    return this.doc.channel;
  }

  @Field(() => String, { description: "The provider's name, as `whatsapp-cloud`." })
  get provider(): string {
    return this.doc.provider;
  }

  @Field(() => AttemptOutcomeEnum, { description: 'How it ended.' })
  get outcome(): AttemptOutcome {
    return this.doc.outcome;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'Just before the request left; null when the worker died and took that knowledge with it.',
  })
  get startedAt(): Date | null {
    return this.doc.startedAt;
  }

  @Field(() => DateTime, { description: 'When the answer was read, or the wait for it was given up.' })
  get endedAt(): Date {
    return this.doc.endedAt;
  }

  @Field(() => Float, {
    nullable: true,
    description: 'Acceptance minus due instant, in ms; null unless accepted.',
  })
  get latenessMs(): number | null {
    return this.doc.latenessMs;
  }

  @Field(() => String, {
    nullable: true,
    description:
      "The provider's id of the message, masked for viewers: some hold the address. Null unless it gave one.",
  })
  messageId(@Ctx() { caller }: Context): string | null {
    return personal(caller).fact(this.doc.messageId);
  }

  @Field(() => ErrorClassEnum, {
    nullable: true,
    description: 'How the failure is taken; null when accepted.',
  })
  get errorClass(): ErrorClass | null {
    return this.doc.errorClass;
  }

  @Field(() => String, {
    nullable: true,
    description: "The provider's own code, the HTTP status or the system's error code; null when accepted.",
  })
  get errorCode(): string | null {
    return this.doc.errorCode;
  }

  @Field(() => String, {
    nullable: true,
    description:
      'One sentence about the failure, with addresses in it masked for viewers; null when accepted.',
  })
  errorMessage(@Ctx() { caller }: Context): string | null {
    return personal(caller).text(this.doc.errorMessage);
  }
}

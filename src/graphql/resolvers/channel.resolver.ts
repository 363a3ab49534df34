import {
  Arg,
  Ctx,
  Field,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  registerEnumType,
  Resolver,
} from 'type-graphql';
import type { Breaker, ChannelName, ChannelStateView } from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { ChannelEnum } from '../../schema/enums.js';
import { toGlobalId } from '../../schema/ids.js';
import { Node } from '../../schema/node.js';
import { requireRole } from '../../schema/roles.js';
import { DateTime, TimeZone } from '../../schema/scalars.js';
import { Takes } from '../../schema/takes.js';
import { asPayload, Payload } from '../../schema/user-error.js';

const BreakerEnum: Record<Breaker, Breaker> = {
  CLOSED: 'CLOSED',
  OPEN: 'OPEN',
  HALF_OPEN: 'HALF_OPEN',
};
registerEnumType(BreakerEnum, {
  name: 'BreakerState',
  description: "Whether a channel's provider is believed to work.",
  valuesConfig: {
    CLOSED: { description: 'It is; everything goes through.' },
    OPEN: { description: 'It failed too often; due deliveries wait, and use up no attempts.' },
    HALF_OPEN: { description: 'One delivery is let through, to see.' },
  },
});

@ObjectType('ChannelState', {
  implements: Node,
  description: 'A configured channel and how its provider does.',
})
export class ChannelStateType implements Node {
  constructor(private readonly view: ChannelStateView) {}

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return toGlobalId('ChannelState', this.view.channel);
  }

  @Field(() => ChannelEnum, { description: 'The channel.' })
  get channel(): ChannelName {
    return this.view.channel;
  }

  @Field(() => String, { description: "The provider's name, as `whatsapp-cloud`." })
  get provider(): string {
    return this.view.provider;
  }

  @Field(() => BreakerEnum, { description: 'State of its circuit breaker.' })
  get breaker(): Breaker {
    return this.view.breaker;
  }

  @Field(() => Int, { description: 'Failures of the provider since the last success.' })
  get consecutiveFailures(): number {
    return this.view.consecutiveFailures;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'When an open breaker lets one through; null when closed.',
  })
  get retryAt(): Date | null {
    return this.view.retryAt;
  }

  @Field(() => String, {
    nullable: true,
    description: 'Why it is stopped until `resumeChannel`, as when credentials are refused; null: it is not.',
  })
  get stopped(): string | null {
    return this.view.stopped;
  }

  @Field(() => Int, { nullable: true, description: 'Most sends in any sliding second; null: no limit.' })
  get perSecond(): number | null {
    return this.view.limits.perSecond ?? null;
  }

  @Field(() => Int, {
    nullable: true,
    description: 'Most sends from midnight to midnight of `zone`; null: no limit.',
  })
  get perDay(): number | null {
    return this.view.limits.perDay ?? null;
  }

  @Field(() => Int, {
    nullable: true,
    description: 'Shortest time between two sends to one recipient, ms; null: no limit.',
  })
  get perRecipientMs(): number | null {
    return this.view.limits.perRecipientMs ?? null;
  }

  @Field(() => TimeZone, { description: "The zone in which the provider's day ends." })
  get zone(): string {
    return this.view.limits.zone;
  }

  @Field(() => Int, {
    nullable: true,
    description: "Sends counted against the day's limit; null when there is none.",
  })
  get usedToday(): number | null {
    return this.view.usedToday;
  }
}

@InputType('ResumeChannelInput', { description: 'Which channel to resume.' })
export class ResumeChannelInput {
  @Field(() => ChannelEnum, { description: 'The channel.' })
  channel!: ChannelName;
}

@ObjectType('ResumeChannelPayload', { implements: Payload, description: 'What became of resuming.' })
export class ResumeChannelPayload extends Payload {
  @Field(() => ChannelStateType, {
    nullable: true,
    description: 'The channel, at work again; null when refused.',
  })
  channel?: ChannelStateType;
}

@Resolver()
export class ChannelResolver {
  @Query(() => [ChannelStateType], { description: 'All configured channels.' })
  async channels(@Ctx() { core }: Context): Promise<ChannelStateType[]> {
    return (await core.channelStates.list()).map((view) => new ChannelStateType(view));
  }

  @Takes('operate', ['channel'])
  @Mutation(() => ResumeChannelPayload, {
    description: 'Takes a stopped channel up again, and closes its breaker. Takes OPERATOR.',
  })
  resumeChannel(
    @Arg('input', () => ResumeChannelInput, { description: 'Which channel.' })
    { channel }: ResumeChannelInput,
    @Ctx() { core, caller }: Context,
  ): Promise<ResumeChannelPayload> {
    return asPayload(ResumeChannelPayload, async () => {
      requireRole(caller, 'OPERATOR');
      return { channel: new ChannelStateType(await core.channelStates.resume(caller, channel)) };
    });
  }
}

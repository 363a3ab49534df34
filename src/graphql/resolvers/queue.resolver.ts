import { Arg, Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { mayAct, type QueueView } from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { StateCountsType } from '../../schema/figures.type.js';
import { toGlobalId } from '../../schema/ids.js';
import { Node } from '../../schema/node.js';
import { requireRole } from '../../schema/roles.js';
import { Takes } from '../../schema/takes.js';
import { asPayload, Payload } from '../../schema/user-error.js';

const MINUTE_MS = 60_000;

@ObjectType('Queue', { implements: Node, description: 'A named lane of deliveries.' })
export class QueueType implements Node {
  constructor(private readonly view: QueueView) {}

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return toGlobalId('Queue', this.view.name);
  }

  @Field(() => String, { description: 'Its name, as deliveries carry it.' })
  get name(): string {
    return this.view.name;
  }

  @Field(() => Boolean, { description: 'True: nothing new is claimed from it; what is under way ends.' })
  get paused(): boolean {
    return this.view.paused;
  }

  @Field(() => Int, { description: 'Most attempts under way at once, over all workers.' })
  get maxInFlight(): number {
    return this.view.maxInFlight;
  }

  @Field(() => StateCountsType, {
    description:
      'How many of its deliveries are in each state now: of all owners for operators, of the caller for others.',
  })
  async counts(@Ctx() { core, caller }: Context): Promise<StateCountsType> {
    if (mayAct(caller, 'OPERATOR')) return new StateCountsType(this.view.counts);
    const now = core.clock.now();
    const window = { from: new Date(now - MINUTE_MS), to: new Date(now) };
    return new StateCountsType((await core.stats.stats(caller, { queue: this.view.name }, window)).counts);
  }
}

@InputType('PauseQueueInput', { description: 'Which queue to pause.' })
export class PauseQueueInput {
  @Field(() => String, { description: 'Its name.' })
  name!: string;
}

@InputType('ResumeQueueInput', { description: 'Which queue to resume.' })
export class ResumeQueueInput {
  @Field(() => String, { description: 'Its name.' })
  name!: string;
}

@ObjectType('PauseQueuePayload', { implements: Payload, description: 'What became of pausing.' })
export class PauseQueuePayload extends Payload {
  @Field(() => QueueType, { nullable: true, description: 'The queue, paused; null when refused.' })
  queue?: QueueType;
}

@ObjectType('ResumeQueuePayload', { implements: Payload, description: 'What became of resuming.' })
export class ResumeQueuePayload extends Payload {
  @Field(() => QueueType, { nullable: true, description: 'The queue, at work again; null when refused.' })
  queue?: QueueType;
}

@Resolver()
export class QueueResolver {
  @Query(() => [QueueType], { description: 'All queues.' })
  async queues(@Ctx() { core }: Context): Promise<QueueType[]> {
    return (await core.queues.list()).map((view) => new QueueType(view));
  }

  @Query(() => QueueType, { description: 'One queue; QUEUE_NOT_FOUND when there is none of this name.' })
  async queue(
    @Arg('name', () => String, { description: 'Its name.' }) name: string,
    @Ctx() { core }: Context,
  ): Promise<QueueType> {
    return new QueueType(await core.queues.get(name));
  }

  @Takes('operate', ['name'])
  @Mutation(() => PauseQueuePayload, {
    description: 'Stops claims from a queue; what is under way ends. Takes OPERATOR.',
  })
  pauseQueue(
    @Arg('input', () => PauseQueueInput, { description: 'Which queue.' }) { name }: PauseQueueInput,
    @Ctx() { core, caller }: Context,
  ): Promise<PauseQueuePayload> {
    return asPayload(PauseQueuePayload, async () => {
      requireRole(caller, 'OPERATOR');
      return { queue: new QueueType(await core.queues.pause(caller, name)) };
    });
  }

  @Takes('operate', ['name'])
  @Mutation(() => ResumeQueuePayload, { description: 'Takes a paused queue up again. Takes OPERATOR.' })
  resumeQueue(
    @Arg('input', () => ResumeQueueInput, { description: 'Which queue.' }) { name }: ResumeQueueInput,
    @Ctx() { core, caller }: Context,
  ): Promise<ResumeQueuePayload> {
    return asPayload(ResumeQueuePayload, async () => {
      requireRole(caller, 'OPERATOR');
      return { queue: new QueueType(await core.queues.resume(caller, name)) };
    });
  }
}

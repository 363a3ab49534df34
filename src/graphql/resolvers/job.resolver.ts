import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import type { JobView } from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { toGlobalId } from '../../schema/ids.js';
import { Node } from '../../schema/node.js';
import { requireRole } from '../../schema/roles.js';
import { DateTime } from '../../schema/scalars.js';
import { Takes } from '../../schema/takes.js';
import { asPayload, Payload } from '../../schema/user-error.js';

@ObjectType('Job', {
  implements: Node,
  description: 'Something that Punctual, or a program, does by itself, again and again.',
})
export class JobType implements Node {
  constructor(private readonly view: JobView) {}

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return toGlobalId('Job', this.view.name);
  }

  @Field(() => String, { description: 'Its name, as `daily-content.plan`.' })
  get name(): string {
    return this.view.name;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'When its schedule has it run next; null until a worker has taken it up.',
  })
  get nextAt(): Date | null {
    return this.view.nextAt;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it last ended; null when it never has.' })
  get lastAt(): Date | null {
    return this.view.lastAt;
  }

  @Field(() => String, {
    nullable: true,
    description:
      'Why its last run failed; null when that went well. A failed one is tried again in a minute.',
  })
  get lastError(): string | null {
    return this.view.lastError;
  }

  @Field(() => Boolean, { description: 'Whether a worker is running it now.' })
  get running(): boolean {
    return this.view.running;
  }
}

@InputType('TriggerJobInput', { description: 'Which job to run.' })
export class TriggerJobInput {
  @Field(() => String, { description: 'Its name.' })
  name!: string;
}

@ObjectType('TriggerJobPayload', { implements: Payload, description: 'What became of a trigger.' })
export class TriggerJobPayload extends Payload {
  @Field(() => JobType, {
    nullable: true,
    description: 'The job as it stood when it was triggered: a worker runs it at once. Null when refused.',
  })
  job?: JobType;
}

@Resolver()
export class JobResolver {
  @Query(() => [JobType], { description: 'All jobs, by name. Takes OPERATOR.' })
  async jobs(@Ctx() { core, caller }: Context): Promise<JobType[]> {
    requireRole(caller, 'OPERATOR');
    return (await core.jobs.list()).map((view) => new JobType(view));
  }

  @Takes('operate', ['name'])
  @Mutation(() => TriggerJobPayload, {
    description:
      'Has a worker run a job now, besides its schedule; INVALID_OPERATION while it runs. Takes OPERATOR.',
  })
  triggerJob(
    @Arg('input', () => TriggerJobInput, { description: 'Which job.' }) { name }: TriggerJobInput,
    @Ctx() { core, caller }: Context,
  ): Promise<TriggerJobPayload> {
    return asPayload(TriggerJobPayload, async () => {
      requireRole(caller, 'OPERATOR');
      return { job: new JobType(await core.jobs.trigger(name)) };
    });
  }
}

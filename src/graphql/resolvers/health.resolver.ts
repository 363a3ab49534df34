import { Ctx, Field, ObjectType, Query, Resolver } from 'type-graphql';
import type { HealthReason, HealthReport } from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { DateTime } from '../../schema/scalars.js';

@ObjectType('HealthReason', { description: 'Why Punctual is not healthy.' })
class HealthReasonType {
  constructor(private readonly reason: HealthReason) {}

  @Field(() => String, {
    description: 'What is wrong, as `BACKLOG` or `NO_WORKER`; docs/operations.md lists the codes.',
  })
  get code(): string {
    return this.reason.code;
  }

  @Field(() => String, { description: 'One sentence with the figures.' })
  get message(): string {
    return this.reason.message;
  }
}

@ObjectType('HealthReport', { description: 'Whether Punctual does its work.' })
class HealthType {
  constructor(private readonly report: HealthReport) {}

  @Field(() => Boolean, { description: 'True when there is no reason to think otherwise.' })
  get healthy(): boolean {
    return this.report.healthy;
  }

  @Field(() => [HealthReasonType], { description: 'Why it is not, the gravest first; empty when it is.' })
  get reasons(): HealthReasonType[] {
    return this.report.reasons.map((reason) => new HealthReasonType(reason));
  }

  @Field(() => DateTime, { description: 'When that was found out.' })
  get checkedAt(): Date {
    return this.report.checkedAt;
  }
}

/** CORE-45. The same as `/healthz`. */
@Resolver()
export class HealthResolver {
  @Query(() => HealthType, { description: 'Whether the whole of Punctual does its work, and if not, why.' })
  async health(@Ctx() { core }: Context): Promise<HealthType> {
    return new HealthType(await core.health.check());
  }
}

import {
  Arg,
  Args,
  Ctx,
  Query,
  Resolver,
  Root,
  type SubscribeResolverData,
  Subscription,
} from 'type-graphql';
import { type Connection, PageArgs, readPage } from '../../schema/connection.js';
import type { Context } from '../../schema/context.js';
import { requireRole } from '../../schema/roles.js';
import { slaUpdates, told, violationUpdates } from '../sla-subscriptions.js';
import { ResumeArgs } from '../subscription-event.type.js';
import { SlaUpdatedEvent } from './sla-updated.type.js';
import { slaTypes, SlaType, WaveForecastType, waveTypes } from './sla.type.js';
import { SlaViolationEvent } from './violation-event.type.js';
import { SlaViolationConnection, SlaViolationType } from './violation.type.js';

/** CORE-40, CORE-41. Service levels are over all owners: everything here takes the role OPERATOR. */
@Resolver()
export class SlaResolver {
  @Query(() => [SlaType], {
    description: 'How the service levels stand now, the one over everything first. Takes OPERATOR.',
  })
  async sla(
    @Arg('policy', () => String, { nullable: true, description: 'The name of one policy; null: all.' })
    policy: string | null,
    @Ctx() context: Context,
  ): Promise<SlaType[]> {
    requireRole(context.caller, 'OPERATOR');
    const all = slaTypes(await context.core.sla.report(), told(context, 0));
    return policy == null ? all : all.filter((sla) => sla.policy.name === policy);
  }

  @Query(() => [WaveForecastType], {
    description:
      'When the deliveries of the runs that are under way are expected to have left. Takes OPERATOR.',
  })
  async waveForecasts(@Ctx() { core, caller }: Context): Promise<WaveForecastType[]> {
    requireRole(caller, 'OPERATOR');
    return waveTypes(await core.sla.report());
  }

  @Query(() => SlaViolationConnection.Type, { description: 'The violations, newest first. Takes OPERATOR.' })
  async slaViolations(
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() { core, caller }: Context,
  ): Promise<Connection<SlaViolationType>> {
    requireRole(caller, 'OPERATOR');
    const { items, hasMore } = await core.violations.list(readPage(args));
    return SlaViolationConnection.of({ nodes: items.map((doc) => new SlaViolationType(doc)), hasMore }, args);
  }

  @Subscription(() => SlaUpdatedEvent, {
    name: 'slaUpdated',
    description:
      'How the service levels stand: whenever that changes, at most once a second, and at least every five seconds. A state: after resuming it is told how things are now. Takes OPERATOR.',
    subscribe: ({ args, context }: SubscribeResolverData<unknown, ResumeArgs, Context>) =>
      slaUpdates(context, args),
  })
  slaUpdated(@Root() event: SlaUpdatedEvent, @Args(() => ResumeArgs) _resume: ResumeArgs): SlaUpdatedEvent {
    return event;
  }

  @Subscription(() => SlaViolationEvent, {
    name: 'slaViolations',
    description:
      'Violations as they open, change and close: those that are open first, then each change. Takes OPERATOR.',
    subscribe: ({ args, context }: SubscribeResolverData<unknown, ResumeArgs, Context>) =>
      violationUpdates(context, args),
  })
  violationChanged(
    @Root() event: SlaViolationEvent,
    @Args(() => ResumeArgs) _resume: ResumeArgs,
  ): SlaViolationEvent {
    return event;
  }
}

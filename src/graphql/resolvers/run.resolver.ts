import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Query,
  Resolver,
  Root,
  type SubscribeResolverData,
  Subscription,
} from 'type-graphql';
import type { RunStatus } from '../../core/index.js';
import { type Connection, PageArgs, readPage } from '../../schema/connection.js';
import type { Context } from '../../schema/context.js';
import { DeliveryConnection, DeliveryType } from '../../schema/delivery.type.js';
import { RunStatusEnum } from '../../schema/enums.js';
import { objectIdOf, requireObjectId } from '../../schema/ids.js';
import { RunConnection, RunType } from '../../schema/run.type.js';
import { ResumeArgs } from '../subscription-event.type.js';
import { runProgressed } from '../subscriptions.js';
import { RunProgressedEvent } from './run-progressed.type.js';

@InputType('RunFilter', { description: 'Which runs: those that meet all that is given.' })
class RunFilterInput {
  @Field(() => String, { nullable: true, description: 'Of this program.' })
  program?: string | null;

  @Field(() => String, { nullable: true, description: 'Of this type, as `wave`.' })
  type?: string | null;

  @Field(() => RunStatusEnum, { nullable: true, description: 'In this status.' })
  status?: RunStatus | null;
}

@ArgsType()
class RunsArgs extends PageArgs {
  @Field(() => RunFilterInput, { nullable: true, description: 'Null: all that the caller may see.' })
  filter?: RunFilterInput | null;
}

@Resolver(() => RunType)
export class RunResolver {
  @Query(() => RunType, {
    nullable: true,
    description: 'One run; null when there is none with this id, or it belongs to somebody else.',
  })
  async run(
    @Arg('id', () => ID, { description: 'Its global id.' }) id: string,
    @Ctx() { core, caller }: Context,
  ): Promise<RunType | null> {
    const key = objectIdOf('Run', id);
    const doc = key && (await core.runs.find(caller, key));
    return doc && new RunType(doc);
  }

  @Query(() => RunConnection.Type, { description: 'The runs that the caller may see, newest first.' })
  async runs(
    @Args(() => RunsArgs) args: RunsArgs,
    @Ctx() { core, caller }: Context,
  ): Promise<Connection<RunType>> {
    const program = args.filter?.program;
    const type = args.filter?.type;
    const status = args.filter?.status;
    const filter = {
      ...(program == null ? {} : { program }),
      ...(type == null ? {} : { type }),
      ...(status == null ? {} : { status }),
    };
    const { items, hasMore } = await core.runs.list(caller, filter, readPage(args));
    return RunConnection.of({ nodes: items.map((doc) => new RunType(doc)), hasMore }, args);
  }

  @FieldResolver(() => DeliveryConnection.Type, { description: 'The deliveries that it made, newest first.' })
  async deliveries(
    @Root() run: RunType,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() { core, caller }: Context,
  ): Promise<Connection<DeliveryType>> {
    const { items, hasMore } = await core.deliveries.list(caller, { run: run.doc._id }, readPage(args));
    return DeliveryConnection.of({ nodes: items.map((doc) => new DeliveryType(doc)), hasMore }, args);
  }

  @Subscription(() => RunProgressedEvent, {
    description:
      'How a run comes along: a snapshot first, then each change, thinned to one in 200 ms. It completes when the run has ended and nothing more is to come.',
    subscribe: ({ args, context }: SubscribeResolverData<unknown, { run: string } & ResumeArgs, Context>) =>
      runProgressed(context, requireObjectId('Run', args.run, 'RUN_NOT_FOUND', 'run'), args),
  })
  runProgress(
    @Root() event: RunProgressedEvent,
    @Arg('run', () => ID, { description: 'Global id of the run.' }) _run: string,
    @Args(() => ResumeArgs) _resume: ResumeArgs,
  ): RunProgressedEvent {
    return event;
  }
}

import { ObjectId } from '@mikro-orm/mongodb';
import { Arg, Args, ArgsType, Ctx, Field, Int, ObjectType, Query, Resolver } from 'type-graphql';
import type { DeliveryState, FailedCursor, FailureReason } from '../../core/index.js';
import { type Connection, cursorCodec, PageArgs, readFirst } from '../../schema/connection.js';
import type { Context } from '../../schema/context.js';
import { DeliveryConnection, DeliveryType } from '../../schema/delivery.type.js';
import { DeliveryStateEnum } from '../../schema/enums.js';
import { personal } from '../../schema/personal.js';
import { DeliveryFilterInput, readDeliveryFilter } from './delivery-filter.input.js';

/** Where a list of failed ones goes on. */
const failedCursor = cursorCodec<FailedCursor>(
  /^failed:(\d{1,16}(?:\.\d{1,16})?):([0-9a-f]{24})$/,
  ({ order, id }) => `failed:${order}:${id.toHexString()}`,
  (order, id) => ({ order: Number(order), id: new ObjectId(id) }),
);

@ArgsType()
class FailedDeliveriesArgs extends PageArgs {
  @Field(() => DeliveryFilterInput, { nullable: true, description: 'Null: all that the caller may see.' })
  filter?: DeliveryFilterInput | null;
}

@ObjectType('FailureReason', { description: 'Why deliveries failed, and how many for that reason.' })
export class FailureReasonType {
  constructor(
    private readonly reason: FailureReason,
    private readonly beyond: boolean,
  ) {}

  @Field(() => String, {
    description:
      "The last attempt's error code, as `DeliveryFilter.errorCodes` takes it; REPORTED where it was accepted and the provider reported failure later.",
  })
  get code(): string {
    return this.reason.code;
  }

  @Field(() => String, {
    nullable: true,
    description:
      'One sentence, of the latest of them; addresses in it are masked for viewers. Null: none was given.',
  })
  message(@Ctx() { caller }: Context): string | null {
    return personal(caller).text(this.reason.message);
  }

  @Field(() => DeliveryStateEnum, { description: 'FAILED or DEAD_LETTERED.' })
  get state(): DeliveryState {
    return this.reason.state;
  }

  @Field(() => Int, { description: 'How many of those that were counted.' })
  get count(): number {
    return this.reason.count;
  }

  @Field(() => Boolean, {
    description:
      'True: more have failed than the latest 10,000, which were counted; the count is a lower bound.',
  })
  get partial(): boolean {
    return this.beyond;
  }
}

/** CORE-26: what has failed, and why. */
@Resolver()
export class FailedResolver {
  @Query(() => DeliveryConnection.Type, {
    description:
      'What has failed or was dead-lettered, those whose last try was set for the latest instant first. With a filter, a page looks at 10,000 of them: it may then hold fewer than `first`, and the list still go on.',
  })
  async failedDeliveries(
    @Args(() => FailedDeliveriesArgs) args: FailedDeliveriesArgs,
    @Ctx() { core, caller }: Context,
  ): Promise<Connection<DeliveryType>> {
    const first = readFirst(args);
    const after = args.after == null ? {} : { after: failedCursor.read(args.after) };
    const filter = readDeliveryFilter(args.filter);
    const { items, end } = await core.deliveries.listFailed(caller, filter, { first, ...after });
    return DeliveryConnection.of(
      {
        nodes: items.map((doc) => new DeliveryType(doc)),
        hasMore: end !== null,
        end: end && failedCursor.write(end),
        cursorOf: ({ doc }) => failedCursor.write({ order: doc.order, id: doc._id }),
      },
      args,
    );
  }

  @Query(() => [FailureReasonType], {
    description: 'Why the latest 10,000 of those failed, the most frequent reason first.',
  })
  async failureReasons(
    @Arg('filter', () => DeliveryFilterInput, {
      nullable: true,
      description: 'Null: all that the caller may see.',
    })
    filter: DeliveryFilterInput | null,
    @Ctx() { core, caller }: Context,
  ): Promise<FailureReasonType[]> {
    const { reasons, partial } = await core.deliveries.failureReasons(caller, readDeliveryFilter(filter));
    return reasons.map((reason) => new FailureReasonType(reason, partial));
  }
}

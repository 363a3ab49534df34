import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  ID,
  Query,
  registerEnumType,
  Resolver,
  Root,
  type SubscribeResolverData,
  Subscription,
} from 'type-graphql';
import { type Connection, idCursor, PageArgs, readPage } from '../../schema/connection.js';
import type { Context } from '../../schema/context.js';
import { DeliveryConnection, DeliveryType } from '../../schema/delivery.type.js';
import { objectIdOf } from '../../schema/ids.js';
import { ResumeArgs } from '../subscription-event.type.js';
import { deliveryUpdates } from '../subscriptions.js';
import { DeliveryFilterInput, readDeliveryFilter } from './delivery-filter.input.js';
import { DeliveryUpdatedInput, readWatch } from './delivery-updated.input.js';
import { DeliveryUpdatedEvent } from './delivery-updated.type.js';

/** Orders that an index answers, and no other. */
const DeliveryOrder = { NEWEST_FIRST: 'NEWEST_FIRST' } as const;
registerEnumType(DeliveryOrder, {
  name: 'DeliveryOrder',
  description: 'Order of a list of deliveries.',
  valuesConfig: { NEWEST_FIRST: { description: 'What was accepted last comes first.' } },
});

@ArgsType()
class DeliveriesArgs extends PageArgs {
  @Field(() => DeliveryFilterInput, { nullable: true, description: 'Null: all that the caller may see.' })
  filter?: DeliveryFilterInput | null;

  @Field(() => DeliveryOrder, { defaultValue: DeliveryOrder.NEWEST_FIRST, description: 'In which order.' })
  orderBy!: keyof typeof DeliveryOrder;
}

@Resolver()
export class DeliveryResolver {
  @Query(() => DeliveryType, {
    nullable: true,
    description: 'One delivery; null when there is none with this id, or it belongs to somebody else.',
  })
  async delivery(
    @Arg('id', () => ID, { description: 'Its global id.' }) id: string,
    @Ctx() { core, caller }: Context,
  ): Promise<DeliveryType | null> {
    const key = objectIdOf('Delivery', id);
    const doc = key && (await core.deliveries.find(caller, key));
    return doc && new DeliveryType(doc);
  }

  @Query(() => DeliveryConnection.Type, {
    description:
      'The deliveries that the caller may see, page by page. With a filter by anything but ids and a run, a page looks at 10,000 deliveries: it may then hold fewer than `first`, and none, and the list still go on.',
  })
  async deliveries(
    @Args(() => DeliveriesArgs) args: DeliveriesArgs,
    @Ctx() { core, caller }: Context,
  ): Promise<Connection<DeliveryType>> {
    const { items, hasMore, end } = await core.deliveries.list(
      caller,
      readDeliveryFilter(args.filter),
      readPage(args),
    );
    const nodes = items.map((doc) => new DeliveryType(doc));
    return DeliveryConnection.of({ nodes, hasMore, end: end && idCursor.write(end) }, args);
  }

  @Subscription(() => DeliveryUpdatedEvent, {
    description:
      'Deliveries as they move: a snapshot first, then each change. It ends when the caller leaves.',
    subscribe: ({
      args,
      context,
    }: SubscribeResolverData<unknown, { input: DeliveryUpdatedInput } & ResumeArgs, Context>) =>
      deliveryUpdates(context, readWatch(args.input), args),
  })
  deliveryUpdated(
    @Root() event: DeliveryUpdatedEvent,
    @Arg('input', () => DeliveryUpdatedInput, { description: 'Which deliveries.' })
    _input: DeliveryUpdatedInput,
    @Args(() => ResumeArgs) _resume: ResumeArgs,
  ): DeliveryUpdatedEvent {
    return event;
  }
}

import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { type NewDelivery, PunctualError } from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { DeliveryType } from '../../schema/delivery.type.js';
import { requireObjectId } from '../../schema/ids.js';
import { checkRange } from '../../schema/range.js';
import { requireRole } from '../../schema/roles.js';
import { Takes } from '../../schema/takes.js';
import { asPayload, isUserError, UserError } from '../../schema/user-error.js';
import { readWhen, requireFuture } from '../../schema/when.input.js';
import { readMessage } from './message.input.js';
import {
  CancelInput,
  MOST_ITEMS,
  RescheduleInput,
  ScheduleBulkInput,
  ScheduleInput,
  SendNowInput,
} from './schedule.input.js';
import {
  CancelPayload,
  ReschedulePayload,
  ScheduleBulkPayload,
  SchedulePayload,
  SendNowPayload,
} from './schedule.payload.js';

/** CORE-4. Everything here takes the role MANAGER. */
@Resolver()
export class ScheduleResolver {
  @Takes('deliveries:write')
  @Mutation(() => SchedulePayload, { description: 'Schedules one message. Takes MANAGER.' })
  schedule(
    @Arg('input', () => ScheduleInput, { description: 'The message.' }) input: ScheduleInput,
    @Ctx() context: Context,
  ): Promise<SchedulePayload> {
    return asPayload(SchedulePayload, async () => {
      requireRole(context.caller, 'MANAGER');
      return acceptOne(context, readItem(input, context, ''));
    });
  }

  @Takes('deliveries:write')
  @Mutation(() => SendNowPayload, { description: 'Sends one message as soon as it can be. Takes MANAGER.' })
  sendNow(
    @Arg('input', () => SendNowInput, { description: 'The message.' }) input: SendNowInput,
    @Ctx() context: Context,
  ): Promise<SendNowPayload> {
    return asPayload(SendNowPayload, async () => {
      requireRole(context.caller, 'MANAGER');
      return acceptOne(context, { ...readMessage(input, ''), dueAt: null });
    });
  }

  @Takes('deliveries:write')
  @Mutation(() => ScheduleBulkPayload, {
    description:
      'Schedules many messages in one call; each is accepted or refused on its own. Takes MANAGER.',
  })
  scheduleBulk(
    @Arg('input', () => ScheduleBulkInput, { description: 'The messages.' }) input: ScheduleBulkInput,
    @Ctx() context: Context,
  ): Promise<ScheduleBulkPayload> {
    return asPayload(ScheduleBulkPayload, async () => {
      requireRole(context.caller, 'MANAGER');
      checkRange(input.items.length, MOST_ITEMS, 'items');
      return acceptMany(context, input);
    });
  }

  @Takes('deliveries:write')
  @Mutation(() => CancelPayload, {
    description:
      'Cancels a delivery. Works until its attempt starts, and says its state after that. Takes MANAGER.',
  })
  cancel(
    @Arg('input', () => CancelInput, { description: 'Which delivery.' }) { id }: CancelInput,
    @Ctx() { core, caller }: Context,
  ): Promise<CancelPayload> {
    return asPayload(CancelPayload, async () => {
      requireRole(caller, 'MANAGER');
      const key = requireObjectId('Delivery', id, 'DELIVERY_NOT_FOUND');
      return { delivery: new DeliveryType(await core.deliveries.cancel(caller, key)) };
    });
  }

  @Takes('deliveries:write')
  @Mutation(() => ReschedulePayload, {
    description: 'Moves a delivery to another instant. Works until its attempt starts. Takes MANAGER.',
  })
  reschedule(
    @Arg('input', () => RescheduleInput, { description: 'Which delivery, and when.' })
    { id, at }: RescheduleInput,
    @Ctx() { core, caller }: Context,
  ): Promise<ReschedulePayload> {
    return asPayload(ReschedulePayload, async () => {
      requireRole(caller, 'MANAGER');
      const key = requireObjectId('Delivery', id, 'DELIVERY_NOT_FOUND');
      const when = readWhen(at, 'at', core.clock);
      requireFuture(when, core.clock);
      const { dueAt } = when;
      return { delivery: new DeliveryType(await core.deliveries.reschedule(caller, key, dueAt)) };
    });
  }
}

function readItem(input: ScheduleInput, { core }: Context, at: string): NewDelivery {
  const when = readWhen(input.at, `${at}at`, core.clock);
  // That it is past is for the core to say: it may be a repetition of a request whose instant has come meanwhile.
  return { ...readMessage(input, at), ...when, dueAtPath: when.dueAtPath.slice(at.length) };
}

async function acceptOne(
  { core, caller }: Context,
  item: NewDelivery,
): Promise<{ delivery: DeliveryType; created: boolean }> {
  const [result] = await core.deliveries.accept(caller.owner, [item]);
  if (!result) throw new Error('the core answered no item');
  if (!result.ok) throw result.error;
  return { delivery: new DeliveryType(result.delivery), created: result.created };
}

/** Reads each item, has the core accept the good ones in one go, and puts the answers back in their places. */
async function acceptMany(
  context: Context,
  { items, idempotencyKey }: ScheduleBulkInput,
): Promise<Partial<ScheduleBulkPayload>> {
  const deliveries = new Array<DeliveryType | null>(items.length).fill(null);
  const errors: UserError[] = [];
  const good: { readonly index: number; readonly item: NewDelivery }[] = [];
  for (const [index, input] of items.entries()) {
    try {
      const item = readItem(input, context, `items[${index}].`);
      const key = item.idempotencyKey ?? (idempotencyKey == null ? null : `${idempotencyKey}:${index}`);
      good.push({ index, item: { ...item, idempotencyKey: key } });
    } catch (error) {
      if (!isUserError(error)) throw error;
      errors.push(new UserError(error, index));
    }
  }
  const results = await context.core.deliveries.accept(
    context.caller.owner,
    good.map(({ item }) => item),
  );
  let created = 0;
  for (const [place, { index }] of good.entries()) {
    const result = results[place];
    if (!result) throw new Error('the core answered fewer items than it got');
    if (result.ok) {
      deliveries[index] = new DeliveryType(result.delivery);
      if (result.created) created += 1;
    } else errors.push(new UserError(within(result.error, index), index));
  }
  errors.sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
  return { deliveries, errors, created, accepted: items.length - errors.length, refused: errors.length };
}

/** The core names an item's own fields; the caller wants them from the top of its input. */
function within(error: PunctualError, index: number): PunctualError {
  const path = error.path === undefined ? `items[${index}]` : `items[${index}].${error.path}`;
  return new PunctualError(error.code, error.message, { path, cause: error });
}

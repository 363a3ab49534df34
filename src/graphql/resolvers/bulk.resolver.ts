import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { BulkOptions, RunDoc } from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { requireObjectId } from '../../schema/ids.js';
import { checkRange } from '../../schema/range.js';
import { requireRole } from '../../schema/roles.js';
import { RunType } from '../../schema/run.type.js';
import { Takes } from '../../schema/takes.js';
import { asPayload } from '../../schema/user-error.js';
import {
  CancelManyInput,
  CancelRunInput,
  CleanQueueInput,
  MOST_RETRIED,
  RetryFailedInput,
} from './bulk.input.js';
import {
  CancelManyPayload,
  CancelRunPayload,
  CleanQueuePayload,
  RetryFailedPayload,
} from './bulk.payload.js';
import { readDeliveryFilter } from './delivery-filter.input.js';

/** API-8: actions on many deliveries, each of which is a run. */
@Resolver()
export class BulkResolver {
  @Takes('deliveries:write')
  @Mutation(() => RetryFailedPayload, {
    description:
      'Tries failed and dead-lettered deliveries again, each with a fresh set of tries. Takes MANAGER.',
  })
  retryFailed(
    @Arg('input', () => RetryFailedInput, { description: 'Which deliveries.' }) input: RetryFailedInput,
    @Ctx() { core, caller }: Context,
  ): Promise<RetryFailedPayload> {
    return asPayload(RetryFailedPayload, async () => {
      requireRole(caller, 'MANAGER');
      const { limit, dryRun } = input;
      checkRange(limit, MOST_RETRIED, 'limit');
      const filter = readDeliveryFilter(input.filter);
      const { matched, changed, run } = await core.bulk.retryFailed(caller, filter, {
        ...optionsOf(input),
        limit,
      });
      return { matched, retried: changed, run: runOf(run), dryRun };
    });
  }

  @Takes('deliveries:write')
  @Mutation(() => CancelManyPayload, {
    description: 'Cancels all waiting deliveries that meet a filter. Takes MANAGER.',
  })
  cancelMany(
    @Arg('input', () => CancelManyInput, { description: 'Which deliveries.' }) input: CancelManyInput,
    @Ctx() { core, caller }: Context,
  ): Promise<CancelManyPayload> {
    return asPayload(CancelManyPayload, async () => {
      requireRole(caller, 'MANAGER');
      const filter = readDeliveryFilter(input.filter);
      const { matched, changed, run } = await core.bulk.cancelMany(caller, filter, optionsOf(input));
      return { matched, cancelled: changed, run: runOf(run), dryRun: input.dryRun };
    });
  }

  @Takes('operate', ['name'])
  @Mutation(() => CleanQueuePayload, {
    description: "Cancels what waits in a queue, every owner's. Takes OPERATOR.",
  })
  cleanQueue(
    @Arg('input', () => CleanQueueInput, { description: 'Which queue, and what of it.' })
    input: CleanQueueInput,
    @Ctx() { core, caller }: Context,
  ): Promise<CleanQueuePayload> {
    return asPayload(CleanQueuePayload, async () => {
      requireRole(caller, 'OPERATOR');
      const { name, states } = input;
      const { matched, changed, run } = await core.bulk.cleanQueue(
        caller,
        name,
        states ?? null,
        optionsOf(input),
      );
      return { matched, cancelled: changed, run: runOf(run), dryRun: input.dryRun };
    });
  }

  @Takes('deliveries:write')
  @Mutation(() => CancelRunPayload, {
    description:
      'Stops a run, and cancels what waits of the deliveries that it made; what it has changed stays so. Takes MANAGER.',
  })
  cancelRun(
    @Arg('input', () => CancelRunInput, { description: 'Which run.' }) { id }: CancelRunInput,
    @Ctx() { core, caller }: Context,
  ): Promise<CancelRunPayload> {
    return asPayload(CancelRunPayload, async () => {
      requireRole(caller, 'MANAGER');
      const key = requireObjectId('Run', id, 'RUN_NOT_FOUND');
      const { run, cancelling } = await core.bulk.cancelRun(caller, key);
      return { run: new RunType(run), cancelling: runOf(cancelling.run) };
    });
  }
}

function optionsOf(input: { dryRun: boolean; idempotencyKey?: string | null }): BulkOptions {
  return { dryRun: input.dryRun, idempotencyKey: input.idempotencyKey ?? null };
}

function runOf(run: RunDoc | null): RunType | null {
  return run && new RunType(run);
}

import { Field, ID, InputType } from 'type-graphql';
import { PunctualError } from '../../core/index.js';
import { requireObjectId } from '../../schema/ids.js';
import type { DeliveryWatch } from '../subscriptions.js';

@InputType('DeliveryUpdatedInput', {
  description: 'Which deliveries to watch: those that meet all that is given. At least one is.',
})
export class DeliveryUpdatedInput {
  @Field(() => ID, { nullable: true, description: 'This delivery.' })
  id?: string | null;

  @Field(() => String, { nullable: true, description: 'Those of this queue.' })
  queue?: string | null;

  @Field(() => ID, { nullable: true, description: 'Those of this run.' })
  run?: string | null;
}

/** @throws VALIDATION_ERROR, DELIVERY_NOT_FOUND, RUN_NOT_FOUND */
export function readWatch({ id, queue, run }: DeliveryUpdatedInput): DeliveryWatch {
  if (id == null && queue == null && run == null) {
    throw new PunctualError('VALIDATION_ERROR', 'at least one of id, queue and run is needed', {
      path: 'input',
    });
  }
  return {
    ...(id == null ? {} : { id: requireObjectId('Delivery', id, 'DELIVERY_NOT_FOUND', 'input.id') }),
    ...(queue == null ? {} : { queue }),
    ...(run == null ? {} : { run: requireObjectId('Run', run, 'RUN_NOT_FOUND', 'input.run') }),
  };
}

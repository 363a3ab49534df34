import { Field, ID, InputType } from 'type-graphql';
import type { ChannelName, DeliveryFilter, DeliveryState } from '../../core/index.js';
import { PunctualError } from '../../core/index.js';
import { ChannelEnum, DeliveryStateEnum } from '../../schema/enums.js';
import { objectIdOf, requireObjectId } from '../../schema/ids.js';
import { DateTime, readDateTime } from '../../schema/scalars.js';

/** Ids that one filter may name. */
const MOST_IDS = 1_000;

@InputType('DeliveryFilter', { description: 'Which deliveries: those that meet all that is given.' })
export class DeliveryFilterInput {
  @Field(() => [ID], {
    nullable: true,
    description: `Of these ids; at most ${MOST_IDS}. Unknown ones match nothing.`,
  })
  ids?: string[] | null;

  @Field(() => String, { nullable: true, description: 'In this queue.' })
  queue?: string | null;

  @Field(() => ChannelEnum, { nullable: true, description: 'Through this channel.' })
  channel?: ChannelName | null;

  @Field(() => String, { nullable: true, description: 'Made by this program.' })
  program?: string | null;

  @Field(() => ID, { nullable: true, description: 'Made by this run.' })
  run?: string | null;

  @Field(() => [DeliveryStateEnum], { nullable: true, description: 'In one of these states.' })
  states?: DeliveryState[] | null;

  @Field(() => DateTime, { nullable: true, description: 'Due at this instant or later.' })
  dueFrom?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Due before this instant.' })
  dueBefore?: string | null;
}

/** Reads a filter. @throws VALIDATION_ERROR, RUN_NOT_FOUND (no id of a run) */
export function readDeliveryFilter(
  input: DeliveryFilterInput | null | undefined,
  path = 'filter',
): DeliveryFilter {
  if (!input) return {};
  const { ids, queue, channel, program, run, states, dueFrom, dueBefore } = input;
  if (ids && ids.length > MOST_IDS) {
    throw new PunctualError('VALIDATION_ERROR', `at most ${MOST_IDS} ids, not ${ids.length}`, {
      path: `${path}.ids`,
    });
  }
  return {
    ...(ids ? { ids: ids.flatMap((id) => objectIdOf('Delivery', id) ?? []) } : {}),
    ...(queue == null ? {} : { queue }),
    ...(channel == null ? {} : { channel }),
    ...(program == null ? {} : { program }),
    ...(run == null ? {} : { run: requireObjectId('Run', run, 'RUN_NOT_FOUND', `${path}.run`) }),
    ...(states ? { states } : {}),
    ...(dueFrom == null ? {} : { dueFrom: readDateTime(dueFrom, `${path}.dueFrom`, 'VALIDATION_ERROR') }),
    ...(dueBefore == null
      ? {}
      : { dueBefore: readDateTime(dueBefore, `${path}.dueBefore`, 'VALIDATION_ERROR') }),
  };
}

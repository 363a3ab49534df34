import { Field, ID, InputType } from 'type-graphql';
import type { ChannelName, DeliveryFilter, DeliveryState, Tier } from '../../core/index.js';
import { PunctualError } from '../../core/index.js';
import { ChannelEnum, DeliveryStateEnum, TierEnum } from '../../schema/enums.js';
import { objectIdOf, requireObjectId } from '../../schema/ids.js';
import { DateTime, readDateTime } from '../../schema/scalars.js';

/** Ids that one filter may name. */
const MOST_IDS = 1_000;
/** Error codes that one filter may name. */
const MOST_CODES = 100;
/** Longest name of a recipient, and longest error code. */
const LONGEST_WORD = 512;

@InputType('DeliveryFilter', {
  description:
    'Which deliveries: those that meet all that is given. Ids and a run are found by an index; what else is given is looked for among 10,000 deliveries for each page of a list, and among all that wait, or that have failed, for a bulk action.',
})
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

  @Field(() => TierEnum, { nullable: true, description: 'Of this tier.' })
  tier?: Tier | null;

  @Field(() => String, {
    nullable: true,
    description: 'To this recipient, by the name that the deliveries were given.',
  })
  recipient?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: `Whose last attempt failed with one of these codes; at most ${MOST_CODES}.`,
  })
  errorCodes?: string[] | null;

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
  const { ids, queue, channel, program, run, states, tier, recipient, errorCodes, dueFrom, dueBefore } =
    input;
  checkLength(ids, MOST_IDS, `${path}.ids`);
  checkLength(errorCodes, MOST_CODES, `${path}.errorCodes`);
  checkLength(recipient, LONGEST_WORD, `${path}.recipient`);
  return {
    ...(ids ? { ids: ids.flatMap((id) => objectIdOf('Delivery', id) ?? []) } : {}),
    ...(queue == null ? {} : { queue }),
    ...(channel == null ? {} : { channel }),
    ...(program == null ? {} : { program }),
    ...(run == null ? {} : { run: requireObjectId('Run', run, 'RUN_NOT_FOUND', `${path}.run`) }),
    ...(states ? { states } : {}),
    ...(tier == null ? {} : { tier }),
    ...(recipient == null ? {} : { recipient }),
    ...(errorCodes ? { errorCodes } : {}),
    ...(dueFrom == null ? {} : { dueFrom: readDateTime(dueFrom, `${path}.dueFrom`, 'VALIDATION_ERROR') }),
    ...(dueBefore == null
      ? {}
      : { dueBefore: readDateTime(dueBefore, `${path}.dueBefore`, 'VALIDATION_ERROR') }),
  };
}

/** @throws VALIDATION_ERROR */
function checkLength(
  value: { readonly length: number } | null | undefined,
  most: number,
  path: string,
): void {
  if (value && value.length > most) {
    throw new PunctualError('VALIDATION_ERROR', `at most ${most} are allowed, not ${value.length}`, { path });
  }
}

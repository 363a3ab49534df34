import { Field, Int, InterfaceType, ObjectType } from 'type-graphql';
import { PunctualError } from '../../core/index.js';
import { Payload, UserError } from '../../schema/user-error.js';
import type { Refusal, UpsertCounts } from './bulk-upsert.js';
import type { ImportReport } from './import-csv.js';

/** Items of a bulk mutation: as a rule, what fits into the API's limit of 256 kB for a body. */
const MOST_ITEMS = 1_000;

/** @throws VALIDATION_ERROR */
export function checkCount(items: readonly unknown[], path: string): void {
  if (items.length >= 1 && items.length <= MOST_ITEMS) return;
  throw new PunctualError(
    'VALIDATION_ERROR',
    `${path} holds ${items.length} items; 1 to ${MOST_ITEMS} are allowed`,
    {
      path,
    },
  );
}

/** The refusals of a bulk mutation as its errors. */
export function errorsOf(refused: readonly Refusal[]): UserError[] {
  return refused.map(({ index, error }) => new UserError(error, index));
}

@InterfaceType('UpsertCounts', {
  implements: Payload,
  description: 'What storing many objects came to.',
})
export abstract class UpsertCountsPayload extends Payload implements UpsertCounts {
  @Field(() => Int, { description: 'How many were new.' })
  inserted: number = 0;

  @Field(() => Int, { description: 'How many were there and are changed.' })
  updated: number = 0;

  @Field(() => Int, { description: 'How many were there and already so.' })
  unchanged: number = 0;
}

@InterfaceType('ImportCounts', {
  implements: [Payload, UpsertCountsPayload],
  description: 'What became of a file. Its good lines are stored, whatever `errors` holds.',
})
export abstract class ImportCountsPayload extends UpsertCountsPayload {
  @Field(() => Int, {
    description:
      'Lines that were not stored. The first hundred are in `errors`: the message names line, column and problem, the path is like `line[7].phone`.',
  })
  refused: number = 0;
}

@ObjectType('ImportAdvisorsPayload', {
  implements: [Payload, UpsertCountsPayload, ImportCountsPayload],
  description: 'What became of a file of advisors.',
})
export class ImportAdvisorsPayload extends ImportCountsPayload {}

@ObjectType('ImportContentsPayload', {
  implements: [Payload, UpsertCountsPayload, ImportCountsPayload],
  description: 'What became of a file of contents.',
})
export class ImportContentsPayload extends ImportCountsPayload {}

/** An import's report as a payload's fields. */
export function importPayload({
  errors,
  ...counts
}: ImportReport): UpsertCounts & { refused: number; errors: UserError[] } {
  return { ...counts, errors: errors.map((error) => new UserError(error)) };
}

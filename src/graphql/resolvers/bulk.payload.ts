import { Field, Int, ObjectType } from 'type-graphql';
import { RunType } from '../../schema/run.type.js';
import { Payload } from '../../schema/user-error.js';

const MATCHED = 'when it was asked for; null when refused.';
const RUN =
  'The run that does it: COMPLETED where it was small, else RUNNING, to be followed by `runProgress`. Null in a dry run, where nothing matched, and when refused.';
const DRY_RUN = 'Whether it only counted; null when refused.';

@ObjectType('RetryFailedPayload', { implements: Payload, description: 'What became of a retry.' })
export class RetryFailedPayload extends Payload {
  @Field(() => Int, { nullable: true, description: `Deliveries that matched, up to the limit, ${MATCHED}` })
  matched?: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Deliveries set on their way again so far; 0 in a dry run, null when refused.',
  })
  retried?: number;

  @Field(() => RunType, { nullable: true, description: RUN })
  run?: RunType | null;

  @Field(() => Boolean, { nullable: true, description: DRY_RUN })
  dryRun?: boolean;
}

@ObjectType('CancelManyPayload', { implements: Payload, description: 'What became of a cancellation.' })
export class CancelManyPayload extends Payload {
  @Field(() => Int, {
    nullable: true,
    description: `Deliveries that matched, counted up to a million, ${MATCHED}`,
  })
  matched?: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Deliveries cancelled so far; 0 in a dry run, null when refused.',
  })
  cancelled?: number;

  @Field(() => RunType, { nullable: true, description: RUN })
  run?: RunType | null;

  @Field(() => Boolean, { nullable: true, description: DRY_RUN })
  dryRun?: boolean;
}

@ObjectType('CleanQueuePayload', { implements: Payload, description: 'What became of cleaning a queue.' })
export class CleanQueuePayload extends CancelManyPayload {}

@ObjectType('CancelRunPayload', { implements: Payload, description: 'What became of cancelling a run.' })
export class CancelRunPayload extends Payload {
  @Field(() => RunType, { nullable: true, description: 'The run, CANCELLED; null when refused.' })
  run?: RunType;

  @Field(() => RunType, {
    nullable: true,
    description:
      'The run that cancels what waits of the deliveries that it made. Null where it had made none, or none waits, and when refused.',
  })
  cancelling?: RunType | null;
}

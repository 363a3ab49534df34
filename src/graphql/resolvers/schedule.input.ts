import { Field, ID, InputType } from 'type-graphql';
import { WhenInput } from '../../schema/when.input.js';
import { MessageInput } from './message.input.js';

/** Items of one `scheduleBulk`. The body's limit of 256 kB usually comes first; clients send several. */
export const MOST_ITEMS = 10_000;

@InputType('ScheduleInput', { description: 'A message and when it is due.' })
export class ScheduleInput extends MessageInput {
  @Field(() => WhenInput, { description: 'When it is due.' })
  at!: WhenInput;
}

@InputType('SendNowInput', { description: 'A message that is due at once.' })
export class SendNowInput extends MessageInput {}

@InputType('ScheduleBulkInput', { description: 'Many messages, each accepted or refused on its own.' })
export class ScheduleBulkInput {
  @Field(() => [ScheduleInput], {
    description: `1 to ${MOST_ITEMS}, within a request body of 256 kB.`,
  })
  items!: ScheduleInput[];

  @Field(() => String, {
    nullable: true,
    description: 'For items without a key of their own: theirs becomes `KEY:POSITION`. Null: none.',
  })
  idempotencyKey?: string | null;
}

@InputType('CancelInput', { description: 'Which delivery to cancel.' })
export class CancelInput {
  @Field(() => ID, { description: 'Its global id.' })
  id!: string;
}

@InputType('RescheduleInput', { description: 'Which delivery to move, and to when.' })
export class RescheduleInput {
  @Field(() => ID, { description: 'Its global id.' })
  id!: string;

  @Field(() => WhenInput, { description: 'When it is to be due instead. Its zone stays as it was.' })
  at!: WhenInput;
}

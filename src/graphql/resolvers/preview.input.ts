import { Field, InputType, Int } from 'type-graphql';
import { BusinessHoursInput } from '../../schema/business-hours.input.js';
import { RecurrenceInput } from '../../schema/recurrence.input.js';
import { WhenInput } from '../../schema/when.input.js';

/** Times of one preview. */
export const MOST_TIMES = 100;

@InputType('PreviewScheduleInput', { description: 'A schedule that is not made yet.' })
export class PreviewScheduleInput {
  @Field(() => WhenInput, {
    description:
      'When it is due, or, with `recurrence`, when that begins: nothing fires before. Its zone is that of the recurrence.',
  })
  at!: WhenInput;

  @Field(() => RecurrenceInput, { nullable: true, description: 'How it is repeated. Null: it is not.' })
  recurrence?: RecurrenceInput | null;

  @Field(() => BusinessHoursInput, {
    nullable: true,
    description: 'When it may be due; each time is moved on its own. Null: at any time.',
  })
  businessHours?: BusinessHoursInput | null;

  @Field(() => Int, { defaultValue: 10, description: `How many times are shown, 1 to ${MOST_TIMES}.` })
  count!: number;
}

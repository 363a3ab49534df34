import { Field, InputType, Int } from 'type-graphql';
import type { Frequency } from '../core/index.js';
import { FrequencyEnum } from './enums.js';
import { RRule } from './scalars.js';

@InputType('RecurrenceInput', {
  description:
    'A rule that fires again and again (CORE-12): exactly one of `frequency`, `rrule` and `cron`. All repeat the local time: 09:00 stays 09:00 across changes of the clock. A local time that does not exist moves forward by the gap; one that exists twice fires once, at the first.',
})
export class RecurrenceInput {
  @Field(() => FrequencyEnum, {
    nullable: true,
    description: 'A simple rule: every day, week or month from the beginning on. Null: one of the others.',
  })
  frequency?: Frequency | null;

  @Field(() => Int, {
    nullable: true,
    description: 'With `frequency`: only each so-many-th day, week or month, 1 to 1,000. Null: 1.',
  })
  interval?: number | null;

  @Field(() => RRule, { nullable: true, description: 'A rule of RFC 5545. Null: one of the others.' })
  rrule?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'A cron expression of five fields, as `0 9 * * 1-5`: minute, hour, day of month, month, day of week. Null: one of the others.',
  })
  cron?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The last local date on which it may fire, as `2026-12-31`. Null: no end.',
  })
  endDate?: string | null;

  @Field(() => Int, { nullable: true, description: 'It fires so often at most. Null: no limit.' })
  maxOccurrences?: number | null;
}

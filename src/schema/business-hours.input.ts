import { Field, InputType } from 'type-graphql';
import type { Weekday } from '../core/index.js';
import { WeekdayEnum } from './enums.js';
import { TimeZone } from './scalars.js';

@InputType('OpeningInput', { description: 'One opening, on some days of the week.' })
export class OpeningInput {
  @Field(() => [WeekdayEnum], {
    nullable: true,
    description: 'The days on which it begins. Null: Monday to Friday.',
  })
  daysOfWeek?: Weekday[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'When it begins, local time as `09:00`; inside. Null: `09:00`.',
  })
  start?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'When it ends, local time as `18:00`; outside. At or before `start`: on the next day. Null: `18:00`.',
  })
  end?: string | null;
}

@InputType('BusinessHoursInput', {
  description:
    'When there is somebody to be reached (CORE-11): what is due outside moves to the next opening. One opening by `daysOfWeek`, `start` and `end`, or several by `openings`.',
})
export class BusinessHoursInput extends OpeningInput {
  @Field(() => [OpeningInput], {
    nullable: true,
    description:
      'Up to 20 openings, several a day or different ones, instead of `daysOfWeek`, `start` and `end`. Null: these say it.',
  })
  openings?: OpeningInput[] | null;

  @Field(() => TimeZone, {
    nullable: true,
    description: 'The zone of these hours. Null: the zone of what is scheduled.',
  })
  timezone?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Up to 1,000 dates as `2026-12-25` on which no opening begins. Null: none.',
  })
  holidays?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description:
      "More holidays: an iCalendar file's text with all-day events, none of them repeated. Null: none.",
  })
  holidayCalendar?: string | null;
}

import { Field, Int, ObjectType } from 'type-graphql';
import type { OutsideReason, PlannedTime, Preview, TimeFlag } from '../../core/index.js';
import { OutsideReasonEnum, TimeFlagEnum } from '../../schema/enums.js';
import { DateTime, TimeZone } from '../../schema/scalars.js';

@ObjectType('PlannedTime', { description: 'When something would be due, and which rules made it so.' })
export class PlannedTimeType {
  constructor(private readonly time: PlannedTime) {}

  @Field(() => Int, {
    description: 'Which occurrence it is, from 1. What an EXDATE leaves out has a number too.',
  })
  get occurrence(): number {
    return this.time.number;
  }

  @Field(() => DateTime, { description: 'The instant, after all the rules.' })
  get at(): Date {
    return new Date(this.time.at);
  }

  @Field(() => String, {
    description: "What the clocks of the preview's zone show at `at`, as `2026-11-24T06:00:00`.",
  })
  get local(): string {
    return this.time.local;
  }

  @Field(() => Int, { description: "The zone's offset at `at`, minutes east of UTC." })
  get offsetMinutes(): number {
    return this.time.offsetMinutes;
  }

  @Field(() => String, {
    description: 'The local time that was asked for: that of `local`, unless one of the flags says why not.',
  })
  get asked(): string {
    return this.time.asked;
  }

  @Field(() => [TimeFlagEnum], { description: 'What had a say in it; empty: it is as it was asked for.' })
  get flags(): readonly TimeFlag[] {
    return this.time.flags;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'From where the business hours moved it to `at`. Null: they did not.',
  })
  get movedFrom(): Date | null {
    return this.time.moved && new Date(this.time.moved.from);
  }

  @Field(() => OutsideReasonEnum, {
    nullable: true,
    description: 'Why the business hours moved it. Null: they did not.',
  })
  get movedBecause(): OutsideReason | null {
    return this.time.moved?.because ?? null;
  }
}

@ObjectType('SchedulePreview', { description: 'What would come of a schedule.' })
export class SchedulePreviewType {
  constructor(
    private readonly preview: Preview,
    zone: string,
    zoneData: string,
  ) {
    this.timezone = zone;
    this.zoneData = zoneData;
  }

  @Field(() => [PlannedTimeType], {
    description: 'Its first times, ascending before the business hours move them; empty: it never fires.',
  })
  get times(): PlannedTimeType[] {
    return this.preview.times.map((time) => new PlannedTimeType(time));
  }

  @Field(() => Boolean, { description: 'True when there are more than were asked for.' })
  get hasMore(): boolean {
    return this.preview.hasMore;
  }

  @Field(() => TimeZone, { description: 'The zone of the local times.' })
  readonly timezone: string;

  @Field(() => String, {
    description:
      'Version of the IANA time zone database that was reckoned with, as `2026c`. A later one may know of other changes of the clock.',
  })
  readonly zoneData: string;
}

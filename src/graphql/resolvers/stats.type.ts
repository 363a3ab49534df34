import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { HistoryPoint, StatsView } from '../../core/index.js';
import { percentiles, PercentilesType, StateCountsType } from '../../schema/figures.type.js';
import { LostTimeType, lostTimes } from '../../schema/lost-time.type.js';
import { DateTime } from '../../schema/scalars.js';
import type { TimeWindow } from './stats.input.js';

@ObjectType('Stats', { description: 'Figures of a window, and how many deliveries are open now.' })
export class StatsType {
  constructor(
    private readonly view: StatsView,
    private readonly window: TimeWindow,
  ) {}

  @Field(() => DateTime, { description: "The window's beginning." })
  get from(): Date {
    return this.window.from;
  }

  @Field(() => DateTime, { description: "The window's end." })
  get to(): Date {
    return this.window.to;
  }

  @Field(() => StateCountsType, { description: 'How many are in each state now, whatever the window.' })
  get counts(): StateCountsType {
    return new StateCountsType(this.view.counts);
  }

  @Field(() => Int, { description: 'Due and waiting now.' })
  get waiting(): number {
    return this.view.counts.QUEUED;
  }

  @Field(() => Int, { description: 'Waiting for an instant or a next try now.' })
  get delayed(): number {
    return this.view.counts.SCHEDULED + this.view.counts.RETRYING;
  }

  @Field(() => Int, { description: 'With an attempt under way now.' })
  get active(): number {
    return this.view.counts.SENDING;
  }

  @Field(() => Int, { description: 'Accepted by Punctual in the window.' })
  get accepted(): number {
    return this.view.accepted;
  }

  @Field(() => Int, { description: 'Accepted by a provider in the window.' })
  get sent(): number {
    return this.view.sent;
  }

  @Field(() => Int, { description: 'Reported delivered in the window.' })
  get delivered(): number {
    return this.view.delivered;
  }

  @Field(() => Int, { description: 'Reported read in the window.' })
  get read(): number {
    return this.view.read;
  }

  @Field(() => Int, { description: 'Answered in the window.' })
  get responded(): number {
    return this.view.responded;
  }

  @Field(() => Int, { description: 'Refused for good in the window.' })
  get failed(): number {
    return this.view.failed;
  }

  @Field(() => Int, { description: 'Given up in the window.' })
  get deadLettered(): number {
    return this.view.deadLettered;
  }

  @Field(() => Int, { description: 'Attempts in the window that led to another one.' })
  get retried(): number {
    return this.view.retried;
  }

  @Field(() => Int, { description: 'Expired unsent in the window.' })
  get missed(): number {
    return this.view.missed;
  }

  @Field(() => Int, { description: 'Cancelled in the window.' })
  get cancelled(): number {
    return this.view.cancelled;
  }

  @Field(() => Float, {
    nullable: true,
    description: 'Sent among sent, failed, dead-lettered and missed, 0 to 1; null when there were none.',
  })
  get successRate(): number | null {
    return this.view.successRate;
  }

  @Field(() => Float, {
    nullable: true,
    description: "Sent within the SLA's target lateness among the same, 0 to 1; null when there were none.",
  })
  get onTimeRate(): number | null {
    return this.view.onTimeRate;
  }

  @Field(() => Float, {
    nullable: true,
    description: 'Answered among those delivered, 0 to 1; null when none was delivered.',
  })
  get responseRate(): number | null {
    return this.view.responseRate;
  }

  @Field(() => [LostTimeType], {
    description: 'Where the lateness of those sent in the window went, the largest part first.',
  })
  get lost(): LostTimeType[] {
    return lostTimes(this.view.lost);
  }

  @Field(() => PercentilesType, {
    nullable: true,
    description: 'Lateness in the window, ms; null when nothing was sent.',
  })
  get lateness(): PercentilesType | null {
    return percentiles(this.view.lateness);
  }

  @Field(() => PercentilesType, {
    nullable: true,
    description: 'How long providers took to answer in the window, ms; null when none was asked.',
  })
  get providerLatency(): PercentilesType | null {
    return percentiles(this.view.providerLatency);
  }
}

@ObjectType('HistoryValue', { description: 'One figure of a point.' })
export class HistoryValueType {
  @Field(() => String, { description: 'Its name, as `sent` or `latenessP95`.' })
  readonly name!: string;

  @Field(() => Float, { description: 'Its value: a count, a length of time in ms, or a rate from 0 to 1.' })
  readonly value!: number;
}

@ObjectType('HistoryPoint', { description: 'One bucket of a history.' })
export class HistoryPointType {
  constructor(private readonly point: HistoryPoint) {}

  @Field(() => DateTime, { description: "The bucket's beginning." })
  get at(): Date {
    return this.point.at;
  }

  @Field(() => [HistoryValueType], {
    description: 'Its figures, by name; one that was not measured is absent.',
  })
  get values(): readonly Pick<HistoryValueType, 'name' | 'value'>[] {
    return Object.entries(this.point.values).map(([name, value]) => ({ name, value }));
  }
}

import { Ctx, Field, Float, Int, ObjectType } from 'type-graphql';
import type {
  DelayCause,
  SlaPolicy,
  SlaReport,
  SlaStatus,
  Standing,
  Tier,
  WaveForecast,
} from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { DelayCauseEnum, SlaStatusEnum, TierEnum } from '../../schema/enums.js';
import { RunType } from '../../schema/run.type.js';
import { DateTime } from '../../schema/scalars.js';
import { SlaViolationType } from './violation.type.js';

@ObjectType('SlaPolicy', { description: 'What is promised for some deliveries.' })
export class SlaPolicyType {
  constructor(private readonly policy: SlaPolicy) {}

  @Field(() => String, { description: 'Its name; `default` is the one over everything.' })
  get name(): string {
    return this.policy.name;
  }

  @Field(() => String, { nullable: true, description: 'Of deliveries in this queue; null: in any.' })
  get queue(): string | null {
    return this.policy.queue ?? null;
  }

  @Field(() => String, {
    nullable: true,
    description: 'Of deliveries of this program; null: of any, or none.',
  })
  get program(): string | null {
    return this.policy.program ?? null;
  }

  @Field(() => TierEnum, { nullable: true, description: 'Of deliveries of this tier; null: of any.' })
  get tier(): Tier | null {
    return this.policy.tier ?? null;
  }

  @Field(() => Float, { description: 'The share that is to be accepted in time, 0 to 1.' })
  get target(): number {
    return this.policy.target;
  }

  @Field(() => Int, { description: 'How late is still in time, ms.' })
  get targetLatenessMs(): number {
    return this.policy.targetLatenessMs;
  }

  @Field(() => Int, { description: 'The rolling window over which the share is taken, ms.' })
  get windowMs(): number {
    return this.policy.windowMs;
  }

  @Field(() => Float, { description: 'A violation below this share is a WARNING.' })
  get warningBelow(): number {
    return this.policy.warningBelow;
  }

  @Field(() => Float, { description: 'A violation below this share is CRITICAL.' })
  get criticalBelow(): number {
    return this.policy.criticalBelow;
  }
}

@ObjectType('SlaBudget', { description: 'What may go wrong in thirty days, and how fast it is used up.' })
export class SlaBudgetType {
  constructor(private readonly standing: Standing) {}

  @Field(() => DateTime, { description: "The period's beginning." })
  get periodFrom(): Date {
    return new Date(this.standing.budget.from);
  }

  @Field(() => Float, { description: 'How many of those judged in the period may be bad.' })
  get allowed(): number {
    return this.standing.budget.allowed;
  }

  @Field(() => Int, { description: 'How many were.' })
  get spent(): number {
    return this.standing.budget.spent;
  }

  @Field(() => Float, {
    nullable: true,
    description: 'What is left: 1 is untouched, 0 used up, less overspent; null when nothing was judged.',
  })
  get left(): number | null {
    return this.standing.budget.left;
  }

  @Field(() => Float, {
    nullable: true,
    description:
      "How fast it is used up in the policy's window: 1 would use it up in exactly thirty days; null when nothing was judged.",
  })
  get burnShort(): number | null {
    return this.standing.budget.burnShort;
  }

  @Field(() => Float, { nullable: true, description: 'The same over the last hour.' })
  get burnLong(): number | null {
    return this.standing.budget.burnLong;
  }
}

@ObjectType('SlaForecast', {
  description:
    "What is expected of what is due now and soon, by backlog, token rate, in-flight limits and the provider's latency.",
})
export class SlaForecastType {
  constructor(private readonly standing: Standing) {}

  @Field(() => Int, { description: 'How many are expected to miss their deadline.' })
  get expectedMisses(): number {
    return this.standing.expectedMisses;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the last of it is expected to have left; null when nothing is due, or nothing moves.',
  })
  get finish(): Date | null {
    return instant(this.standing.finish);
  }

  @Field(() => DelayCauseEnum, {
    nullable: true,
    description: 'What limits the pace of what leaves last; null when nothing is due.',
  })
  get limitedBy(): DelayCause | null {
    return this.standing.limitedBy;
  }
}

@ObjectType('Sla', {
  description:
    'How a service level stands. A delivery is judged once: good when it is accepted by its deadline, bad when it fails, or when its deadline passes.',
})
export class SlaType {
  constructor(
    private readonly standing: Standing,
    private readonly told: Told,
  ) {}

  @Field(() => SlaPolicyType, { description: 'What is promised.' })
  get policy(): SlaPolicyType {
    return new SlaPolicyType(this.standing.policy);
  }

  @Field(() => SlaStatusEnum, { description: 'How it stands, in a word.' })
  get status(): SlaStatus {
    return this.standing.status;
  }

  @Field(() => DateTime, { description: "The rolling window's beginning, inclusive." })
  get windowFrom(): Date {
    return new Date(this.standing.window.from);
  }

  @Field(() => DateTime, { description: 'Its end, exclusive: a second or two ago.' })
  get windowTo(): Date {
    return new Date(this.standing.window.to);
  }

  @Field(() => Int, { description: 'Accepted in time, in the window.' })
  get good(): number {
    return this.standing.good;
  }

  @Field(() => Int, { description: 'Failed, or still open at their deadline, in the window.' })
  get bad(): number {
    return this.standing.bad;
  }

  @Field(() => Float, {
    nullable: true,
    description: 'good / (good + bad), 0 to 1; null when nothing was judged in the window.',
  })
  get rate(): number | null {
    return this.standing.rate;
  }

  @Field(() => Int, { description: 'Past their deadline and still open, now; counted up to 10,000.' })
  get overdue(): number {
    return this.standing.overdue;
  }

  @Field(() => Int, { description: 'Due, still open, and their deadline has not come.' })
  get waiting(): number {
    return this.standing.waiting;
  }

  @Field(() => Int, { description: 'Not due yet, but within the next target lateness.' })
  get dueSoon(): number {
    return this.standing.dueSoon;
  }

  @Field(() => [String], { description: 'Why it is AT_RISK or LATE, in sentences; empty otherwise.' })
  get reasons(): readonly string[] {
    return this.standing.reasons;
  }

  @Field(() => SlaBudgetType, { description: 'The error budget.' })
  get budget(): SlaBudgetType {
    return new SlaBudgetType(this.standing);
  }

  @Field(() => SlaForecastType, { description: 'What is expected.' })
  get forecast(): SlaForecastType {
    return new SlaForecastType(this.standing);
  }

  @Field(() => SlaViolationType, {
    nullable: true,
    description: 'The violation that is open; null: none is.',
  })
  async violation(@Ctx() { core }: Context): Promise<SlaViolationType | null> {
    const open = (await core.violations.open()).find(({ policy }) => policy === this.standing.policy.name);
    return open ? new SlaViolationType(open) : null;
  }

  @Field(() => DateTime, { description: "When this was found out, by the server's clock, in real time." })
  get evaluatedAt(): Date {
    return this.told.at;
  }

  @Field(() => DateTime, {
    description:
      'Until when it may be believed, in real time: `slaUpdated` tells anew before that, or something is wrong.',
  })
  get validUntil(): Date {
    return this.told.until;
  }
}

@ObjectType('WaveForecast', { description: "When a run's deliveries are expected to have left." })
export class WaveForecastType {
  constructor(private readonly forecast: WaveForecast) {}

  @Field(() => RunType, { description: 'The run.' })
  get run(): RunType {
    return new RunType(this.forecast.run);
  }

  @Field(() => Int, { description: 'Deliveries that it has made.' })
  get planned(): number {
    return this.forecast.planned;
  }

  @Field(() => Int, { description: 'Those that have ended, one way or another.' })
  get done(): number {
    return this.forecast.done;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the last is expected to have left; null when nothing moves.',
  })
  get finish(): Date | null {
    return instant(this.forecast.finish);
  }

  @Field(() => DateTime, { description: 'The last of its deadlines.' })
  get deadline(): Date {
    return new Date(this.forecast.deadline);
  }

  @Field(() => Boolean, { description: 'True when the last is expected to leave by then.' })
  get onTime(): boolean {
    return this.forecast.onTime;
  }

  @Field(() => DelayCauseEnum, {
    nullable: true,
    description: 'What limits its pace; null: nothing is left.',
  })
  get limitedBy(): DelayCause | null {
    return this.forecast.limitedBy;
  }
}

/** When something was found out, and until when it is told anew; real time. */
export interface Told {
  readonly at: Date;
  readonly until: Date;
}

/** The policies' standings, the one over everything first. */
export function slaTypes(report: SlaReport, told: Told): SlaType[] {
  return report.standings.map((standing) => new SlaType(standing, told));
}

/** The forecasts of the runs that are under way. */
export function waveTypes(report: SlaReport): WaveForecastType[] {
  return report.waves.map((forecast) => new WaveForecastType(forecast));
}

function instant(ms: number | null): Date | null {
  return ms === null ? null : new Date(Math.ceil(ms));
}

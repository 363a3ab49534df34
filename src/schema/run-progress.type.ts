import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { RunProgress, Tier } from '../core/index.js';
import { TierEnum } from './enums.js';
import { LostTimeType, lostTimes } from './lost-time.type.js';
import { percentiles, PercentilesType, StateCountsType } from './figures.type.js';

@ObjectType('TierProgress', { description: "One tier's share of a run." })
export class TierProgressType {
  @Field(() => TierEnum, { description: 'The tier.' })
  readonly tier!: Tier;

  @Field(() => Int, { description: 'Deliveries planned for it.' })
  readonly planned!: number;

  @Field(() => Int, { description: 'Accepted by the provider.' })
  readonly sent!: number;

  @Field(() => Int, { description: 'Ended without being accepted.' })
  readonly failed!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      "Share of those ended that were accepted within the SLA's target lateness, 0 to 1; null before the first.",
  })
  readonly onTimeRate!: number | null;
}

@ObjectType('RunProgress', { description: "How far a run's deliveries have come." })
export class RunProgressType {
  constructor(private readonly progress: RunProgress) {}

  @Field(() => Int, { description: 'Deliveries that the run has made.' })
  get planned(): number {
    return this.progress.planned;
  }

  @Field(() => StateCountsType, { description: 'How many of them are in each state now.' })
  get counts(): StateCountsType {
    return new StateCountsType(this.progress.counts);
  }

  @Field(() => Int, { description: 'Accepted by the provider.' })
  get sent(): number {
    return this.progress.sent;
  }

  @Field(() => Int, { description: 'Ended without being accepted: failed, dead-lettered, missed.' })
  get failed(): number {
    return this.progress.failed;
  }

  @Field(() => Int, { description: 'Accepted or ended: `planned` when all is done.' })
  get done(): number {
    return this.progress.done;
  }

  @Field(() => Float, {
    nullable: true,
    description:
      "Share of them accepted within the SLA's target lateness, 0 to 1; null before the first has ended.",
  })
  get onTimeRate(): number | null {
    return this.progress.onTimeRate;
  }

  @Field(() => PercentilesType, {
    nullable: true,
    description: 'Lateness of those accepted, in ms; null before the first.',
  })
  get lateness(): PercentilesType | null {
    return percentiles(this.progress.lateness);
  }

  @Field(() => [LostTimeType], {
    description: 'Where the lateness of those accepted went, the largest part first.',
  })
  get lost(): LostTimeType[] {
    return lostTimes(this.progress.lost);
  }

  @Field(() => [TierProgressType], { description: 'The same by tier, PRO first.' })
  get byTier(): RunProgress['byTier'] {
    return this.progress.byTier;
  }

  @Field(() => Boolean, { description: 'True when nothing more is to come.' })
  get finished(): boolean {
    return this.progress.finished;
  }
}

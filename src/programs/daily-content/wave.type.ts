import { Ctx, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { type RunRemark, type Tier, TIERS } from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { TierEnum } from '../../schema/enums.js';
import { notFound, toGlobalId } from '../../schema/ids.js';
import { Node } from '../../schema/node.js';
import { RunProgressType } from '../../schema/run-progress.type.js';
import { RunRemarkType, RunType } from '../../schema/run.type.js';
import { DateTime, Duration, TimeZone } from '../../schema/scalars.js';
import { Payload } from '../../schema/user-error.js';
import { WhenInput } from '../../schema/when.input.js';
import { partOf } from './placement.js';
import type { WaveDoc } from './wave.entity.js';

@ObjectType('WaveTier', { description: "One tier's part of a wave." })
export class WaveTierType {
  @Field(() => TierEnum, { description: 'The tier.' })
  readonly tier: Tier;

  @Field(() => Int, { description: 'Advisors of the tier when the wave was laid out.' })
  readonly advisors: number;

  @Field(() => DateTime, { description: "Start of the tier's part of the window, inclusive." })
  readonly from: Date;

  @Field(() => DateTime, { description: "End of the tier's part of the window, exclusive." })
  readonly to: Date;

  constructor(tier: Tier, advisors: number, [from, to]: readonly [number, number]) {
    this.tier = tier;
    this.advisors = advisors;
    this.from = new Date(from);
    this.to = new Date(to);
  }
}

@ObjectType('Wave', { implements: Node, description: 'The daily content of one date, spread over a window.' })
export class WaveType implements Node {
  constructor(readonly doc: WaveDoc) {}

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return toGlobalId('Wave', this.doc._id);
  }

  @Field(() => String, {
    description:
      'The date, as `2026-11-23`; for a wave of its own instant the local time too, as `2026-11-23T101500`.',
  })
  get occurrence(): string {
    return this.doc.occurrence;
  }

  @Field(() => String, { description: 'The date whose content it carries.' })
  get date(): string {
    return this.doc.date;
  }

  @Field(() => TimeZone, { description: 'The zone that the date is of.' })
  get timezone(): string {
    return this.doc.timezone;
  }

  @Field(() => DateTime, { description: 'Start of the window, inclusive.' })
  get from(): Date {
    return this.doc.from;
  }

  @Field(() => DateTime, { description: 'End of the window, exclusive.' })
  get to(): Date {
    return this.doc.to;
  }

  @Field(() => DateTime, { description: 'What is not sent by then is not sent at all.' })
  get expiresAt(): Date {
    return this.doc.expiresAt;
  }

  @Field(() => [WaveTierType], { description: 'The tiers in the order in which they go, PRO first.' })
  get tiers(): readonly WaveTierType[] {
    const { occurrence, sizes } = this.doc;
    const layout = { occurrence, sizes, from: this.doc.from.getTime(), to: this.doc.to.getTime() };
    return TIERS.map((tier) => new WaveTierType(tier, sizes[tier], partOf(layout, tier)));
  }

  @Field(() => RunType, { description: 'The run: figures of the planning, and what was passed over.' })
  async run(@Ctx() { runs }: Context): Promise<RunType> {
    const run = await runs.load(this.doc.run);
    if (!run) throw notFound('Run', 'RUN_NOT_FOUND');
    return new RunType(run);
  }

  @Field(() => RunProgressType, { description: 'How far its deliveries have come, now.' })
  async progress(@Ctx() { core }: Context): Promise<RunProgressType> {
    // Whoever holds a WaveType owns it; the figures need no second look.
    return new RunProgressType(await core.stats.progress(this.doc.run));
  }
}

@InputType('WaveWindowInput', { description: 'How far around its instant a wave is spread.' })
export class WaveWindowInput {
  @Field(() => Duration, {
    nullable: true,
    description: 'Before the instant; not at all when omitted. At most 12 hours.',
  })
  before?: string | null;

  @Field(() => Duration, {
    nullable: true,
    description: 'After the instant; not at all when omitted. At most 12 hours.',
  })
  after?: string | null;
}

@InputType('ScheduleDailyInput', {
  description: 'Which wave is to be planned. Repeating it changes nothing.',
})
export class ScheduleDailyInput {
  @Field(() => String, {
    nullable: true,
    description:
      'The date, as `2026-11-23`. The next one whose window has not closed when omitted; with `at`, that of `at`.',
  })
  date?: string | null;

  @Field(() => WhenInput, {
    nullable: true,
    description:
      'A wave of its own at this time, in whole seconds, besides the one of the day: for trials and extra editions.',
  })
  at?: WhenInput | null;

  @Field(() => WaveWindowInput, {
    nullable: true,
    description: 'The configured one (by default 30 s before to 4.5 minutes after) when omitted.',
  })
  window?: WaveWindowInput | null;
}

@ObjectType('ScheduleDailyPayload', {
  implements: Payload,
  description: 'What this planning of the wave did.',
})
export class ScheduleDailyPayload extends Payload {
  @Field(() => WaveType, { nullable: true, description: 'The wave; null when nothing was planned.' })
  wave: WaveType | null = null;

  @Field(() => Int, { description: 'Deliveries that this planning made.' })
  scheduled: number = 0;

  @Field(() => Int, { description: 'Deliveries that an earlier planning had made; they are unchanged.' })
  alreadyPlanned: number = 0;

  @Field(() => Int, {
    description: 'Advisors without a delivery for a reason of theirs: NO_CONTENT, INACTIVE, OPTED_OUT.',
  })
  skipped: number = 0;

  @Field(() => Int, { description: 'Advisors whose delivery was refused, as for a bad number.' })
  failed: number = 0;

  @Field(() => [RunRemarkType], { description: 'Who was skipped or failed, and why; the first hundred.' })
  remarks: readonly RunRemark[] = [];
}

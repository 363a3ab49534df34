import { Arg, Ctx, Field, Float, ID, ObjectType, Query, Resolver } from 'type-graphql';
import { type DelayCause, type DeliveryDoc, explain, type Explanation } from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { DeliveryType } from '../../schema/delivery.type.js';
import { DelayCauseEnum } from '../../schema/enums.js';
import { objectIdOf } from '../../schema/ids.js';
import { LostTimeType, lostTimes } from '../../schema/lost-time.type.js';
import { personal } from '../../schema/personal.js';
import { DateTime } from '../../schema/scalars.js';

@ObjectType('ExplanationStep', { description: 'One thing that moved a delivery, or held it up.' })
export class ExplanationStepType {
  @Field(() => DateTime, { description: 'When it happened, or was over.' })
  readonly at!: Date;

  @Field(() => DelayCauseEnum, {
    nullable: true,
    description: 'What it waited for; null: it is not about time.',
  })
  readonly cause!: DelayCause | null;

  @Field(() => Float, {
    nullable: true,
    description: 'How long, ms; null: it is not about time, or not known.',
  })
  readonly ms!: number | null;

  @Field(() => String, { description: 'One sentence.' })
  readonly text!: string;
}

@ObjectType('Explanation', {
  description: 'Why a delivery is where it is: each rule that moved it or held it up.',
})
export class ExplanationType {
  constructor(
    private readonly doc: DeliveryDoc,
    private readonly explanation: Explanation,
  ) {}

  @Field(() => DeliveryType, { description: 'The delivery.' })
  get delivery(): DeliveryType {
    return new DeliveryType(this.doc);
  }

  @Field(() => [ExplanationStepType], { description: 'What happened, in the order of time.' })
  steps(@Ctx() { caller }: Context): Explanation['steps'] {
    const shown = personal(caller);
    return this.explanation.steps.map((step) => ({ ...step, text: shown.text(step.text) }));
  }

  @Field(() => [LostTimeType], {
    description:
      'Where its lateness went, the largest part first: the parts add up to it. Empty before it was accepted, and where it was not late.',
  })
  get lost(): LostTimeType[] {
    return lostTimes(this.explanation.lost ?? {});
  }
}

@Resolver()
export class ExplainResolver {
  @Query(() => ExplanationType, {
    nullable: true,
    description:
      'Why a delivery is where it is; null when there is none with this id, or it belongs to somebody else.',
  })
  async explain(
    @Arg('delivery', () => ID, { description: "The delivery's global id." }) id: string,
    @Ctx() { core, caller, attempts }: Context,
  ): Promise<ExplanationType | null> {
    const key = objectIdOf('Delivery', id);
    const doc = key && (await core.deliveries.find(caller, key));
    return doc && new ExplanationType(doc, explain(doc, await attempts.load(doc)));
  }
}

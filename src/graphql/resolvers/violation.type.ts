import { Ctx, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { DeliveryState, Offender, Severity, SlaViolationDoc } from '../../core/index.js';
import { connectionOf } from '../../schema/connection.js';
import type { Context } from '../../schema/context.js';
import { DeliveryType } from '../../schema/delivery.type.js';
import { DeliveryStateEnum, SeverityEnum } from '../../schema/enums.js';
import { toGlobalId } from '../../schema/ids.js';
import { Node } from '../../schema/node.js';
import { DateTime } from '../../schema/scalars.js';

@ObjectType('SlaOffender', { description: 'A delivery that made the rate fall.' })
export class SlaOffenderType {
  constructor(private readonly offender: Offender) {}

  @Field(() => DeliveryType, {
    nullable: true,
    description: 'The delivery, as it is now; null when it is no longer kept.',
  })
  async delivery(@Ctx() { core, caller }: Context): Promise<DeliveryType | null> {
    const doc = await core.deliveries.find(caller, this.offender.delivery);
    return doc && new DeliveryType(doc);
  }

  @Field(() => Float, { description: 'Past its due instant when it was told, ms.' })
  get latenessMs(): number {
    return this.offender.latenessMs;
  }

  @Field(() => DeliveryStateEnum, { description: 'Its state when it was told.' })
  get state(): DeliveryState {
    return this.offender.state;
  }

  @Field(() => String, {
    nullable: true,
    description: "The code of the last attempt's error; null where there was none.",
  })
  get reason(): string | null {
    return this.offender.reason;
  }
}

@ObjectType('SlaViolation', {
  implements: Node,
  description: 'A stretch of time in which the rate of a policy was below its target.',
})
export class SlaViolationType implements Node {
  constructor(readonly doc: SlaViolationDoc) {}

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return toGlobalId('SlaViolation', this.doc._id);
  }

  @Field(() => String, { description: "The policy's name." })
  get policy(): string {
    return this.doc.policy;
  }

  @Field(() => SeverityEnum, {
    description: 'NOTICE: below the target; WARNING and CRITICAL: below the policy’s other two shares.',
  })
  get severity(): Severity {
    return this.doc.severity;
  }

  @Field(() => Boolean, { description: 'True: the rate is still below its target.' })
  get open(): boolean {
    return this.doc.closedAt === null;
  }

  @Field(() => DateTime, { description: 'When the rate fell below its target.' })
  get openedAt(): Date {
    return this.doc.openedAt;
  }

  @Field(() => DateTime, { description: 'When the figures were last brought up to date.' })
  get updatedAt(): Date {
    return this.doc.updatedAt;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the rate was at its target again; null: not yet.',
  })
  get closedAt(): Date | null {
    return this.doc.closedAt;
  }

  @Field(() => DateTime, { description: 'Beginning of the window that the figures are about, inclusive.' })
  get windowFrom(): Date {
    return this.doc.window.from;
  }

  @Field(() => DateTime, { description: 'End of that window, exclusive.' })
  get windowTo(): Date {
    return this.doc.window.to;
  }

  @Field(() => Float, { description: 'The share that is promised, 0 to 1.' })
  get target(): number {
    return this.doc.target;
  }

  @Field(() => Float, { description: 'The share that was in time, 0 to 1, in that window.' })
  get rate(): number {
    return this.doc.rate;
  }

  @Field(() => Float, { description: 'The lowest share of any window.' })
  get worstRate(): number {
    return this.doc.worstRate;
  }

  @Field(() => Int, { description: 'Accepted in time, in that window.' })
  get good(): number {
    return this.doc.good;
  }

  @Field(() => Int, { description: 'Failed, or still open at their deadline, in that window.' })
  get bad(): number {
    return this.doc.bad;
  }

  @Field(() => [SlaOffenderType], { description: 'The worst ones, the latest first; at most ten.' })
  get offenders(): SlaOffenderType[] {
    return this.doc.offenders.map((offender) => new SlaOffenderType(offender));
  }
}

export const SlaViolationConnection = connectionOf('SlaViolation', () => SlaViolationType);

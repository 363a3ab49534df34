import { Field, ID, ObjectType } from 'type-graphql';
import type { AlertDoc, AlertState, Severity } from '../../core/index.js';
import { connectionOf } from '../../schema/connection.js';
import { AlertStateEnum, SeverityEnum } from '../../schema/enums.js';
import { toGlobalId } from '../../schema/ids.js';
import { Node } from '../../schema/node.js';
import { DateTime, JSONObject } from '../../schema/scalars.js';

@ObjectType('Alert', {
  implements: Node,
  description:
    'A condition that somebody should know of. The same condition is one alert for as long as it lasts.',
})
export class AlertType implements Node {
  constructor(readonly doc: AlertDoc) {}

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return toGlobalId('Alert', this.doc._id);
  }

  @Field(() => String, { description: 'The condition and what it is about, as `sla.late|default`.' })
  get key(): string {
    return this.doc.key;
  }

  @Field(() => SeverityEnum, { description: 'How much it matters.' })
  get severity(): Severity {
    return this.doc.severity;
  }

  @Field(() => String, { description: 'The part that raised it: `sla`, or `health`.' })
  get source(): string {
    return this.doc.source;
  }

  @Field(() => String, { description: 'What is wrong, in words. It may change; go by `key`.' })
  get message(): string {
    return this.doc.message;
  }

  @Field(() => JSONObject, {
    nullable: true,
    description:
      'What was measured, with its limits, by name: counts, rates from 0 to 1, ms; null: nothing was.',
  })
  get figures(): Record<string, unknown> | null {
    return this.doc.figures;
  }

  @Field(() => AlertStateEnum, { description: 'Where it stands.' })
  get state(): AlertState {
    return this.doc.state;
  }

  @Field(() => DateTime, { description: 'When it was first seen.' })
  get openedAt(): Date {
    return this.doc.openedAt;
  }

  @Field(() => DateTime, { description: 'When it last changed: state, severity or figures.' })
  get updatedAt(): Date {
    return this.doc.updatedAt;
  }

  @Field(() => DateTime, { nullable: true, description: 'When somebody took it on; null: nobody has.' })
  get acknowledgedAt(): Date | null {
    return this.doc.acknowledgedAt;
  }

  @Field(() => String, { nullable: true, description: 'Who did; null: nobody has.' })
  get acknowledgedBy(): string | null {
    return this.doc.acknowledgedBy;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was over; null: it is not.' })
  get resolvedAt(): Date | null {
    return this.doc.resolvedAt;
  }

  @Field(() => String, {
    nullable: true,
    description: 'Who settled it; null: nobody has, or the condition was over by itself.',
  })
  get resolvedBy(): string | null {
    return this.doc.resolvedBy;
  }
}

export const AlertConnection = connectionOf('Alert', () => AlertType);

import { Field, ObjectType } from 'type-graphql';
import { RunProgressType } from '../../schema/run-progress.type.js';
import { RunType } from '../../schema/run.type.js';
import { type EventHeader, SubscriptionEvent } from '../subscription-event.type.js';

@ObjectType('RunProgressedEvent', {
  implements: SubscriptionEvent,
  description: "A run's deliveries have come further.",
})
export class RunProgressedEvent extends SubscriptionEvent {
  @Field(() => RunType, { description: 'The run, as it is now.' })
  readonly run: RunType;

  @Field(() => RunProgressType, { description: 'How far it has come.' })
  readonly progress: RunProgressType;

  /** @param over true when the run has ended and nothing more is to come */
  constructor(
    header: EventHeader,
    run: RunType,
    progress: RunProgressType,
    readonly over: boolean,
  ) {
    super(header);
    this.run = run;
    this.progress = progress;
  }
}

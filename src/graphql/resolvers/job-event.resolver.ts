import {
  Args,
  Field,
  ObjectType,
  registerEnumType,
  Resolver,
  Root,
  type SubscribeResolverData,
  Subscription,
} from 'type-graphql';
import type { RunDoc } from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { RunType } from '../../schema/run.type.js';
import { recordedFeed } from '../recorded-feed.js';
import { type EventHeader, readInterval, ResumeArgs, SubscriptionEvent } from '../subscription-event.type.js';

const JobChangeEnum = { STARTED: 'STARTED', UPDATED: 'UPDATED', ENDED: 'ENDED' } as const;
type JobChange = keyof typeof JobChangeEnum;
registerEnumType(JobChangeEnum, {
  name: 'JobChange',
  description: 'What has happened to a run.',
  valuesConfig: {
    STARTED: { description: 'A program, or a person, has begun it.' },
    UPDATED: { description: 'Its figures have changed.' },
    ENDED: { description: 'It has ended; its status says how.' },
  },
});

/** So many are told of in a snapshot. */
const SNAPSHOT = 50;

@ObjectType('JobEvent', {
  implements: SubscriptionEvent,
  description: "Runs of programs' jobs have changed.",
})
export class JobEvent extends SubscriptionEvent {
  @Field(() => JobChangeEnum, {
    nullable: true,
    description: 'What has happened to them; null in a snapshot.',
  })
  readonly change: JobChange | null;

  @Field(() => [RunType], {
    description: 'The runs, as they are now. In a snapshot: the newest fifty that are under way.',
  })
  readonly runs: readonly RunType[];

  constructor(header: EventHeader, change: JobChange | null, runs: readonly RunType[]) {
    super(header);
    this.change = change;
    this.runs = runs;
  }
}

/** @throws VALIDATION_ERROR; from the iterator: those of `moments` */
function jobUpdates(context: Context, resume: ResumeArgs): AsyncIterable<JobEvent> {
  const { core, caller } = context;
  return recordedFeed<RunDoc, JobChange, JobEvent>(
    context,
    {
      changes: { 'run.started': 'STARTED', 'run.updated': 'UPDATED', 'run.ended': 'ENDED' },
      snapshot: async () => (await core.runs.list(caller, { status: 'RUNNING' }, { first: SNAPSHOT })).items,
      read: async ({ run }) => (run ? await core.runs.find(caller, run) : null),
      idOf: ({ _id }) => _id.toHexString(),
      tell: (header, change, docs) =>
        new JobEvent(
          header,
          change,
          docs.map((doc) => new RunType(doc)),
        ),
    },
    resume,
    readInterval(resume.minInterval, 0),
  );
}

@Resolver()
export class JobEventResolver {
  @Subscription(() => JobEvent, {
    name: 'jobEvents',
    description:
      "Runs of programs' jobs as they start, go on and end: those under way first, then each change.",
    subscribe: ({ args, context }: SubscribeResolverData<unknown, ResumeArgs, Context>) =>
      jobUpdates(context, args),
  })
  jobEvents(@Root() event: JobEvent, @Args(() => ResumeArgs) _resume: ResumeArgs): JobEvent {
    return event;
  }
}

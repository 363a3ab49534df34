import { Ctx, Field, ID, Int, ObjectType } from 'type-graphql';
import type { RunDoc, RunRemark, RunStatus } from '../core/index.js';
import { connectionOf } from './connection.js';
import type { Context } from './context.js';
import { RunStatusEnum } from './enums.js';
import { toGlobalId } from './ids.js';
import { Node } from './node.js';
import { personal } from './personal.js';
import { RunProgressType } from './run-progress.type.js';
import { DateTime } from './scalars.js';

@ObjectType('RunRemark', { description: 'Something that a run passed over or could not do.' })
export class RunRemarkType {
  @Field(() => String, { description: "The program's name for what it is about, as an advisor's id." })
  readonly subject!: string;

  @Field(() => String, { description: "The program's code of the reason." })
  readonly code!: string;

  @Field(() => String, { description: 'One sentence.' })
  readonly message!: string;
}

@ObjectType('RunWindow', { description: "The instants between which a run's deliveries are due." })
export class RunWindowType {
  @Field(() => DateTime, { description: 'Earliest due instant, inclusive.' })
  readonly from!: Date;

  @Field(() => DateTime, { description: 'Latest due instant, inclusive.' })
  readonly to!: Date;
}

@ObjectType('Run', {
  implements: Node,
  description:
    "One execution of a program's job, or of a bulk action: a wave, an assignment, a cleanup. Kept as history.",
})
export class RunType implements Node {
  constructor(readonly doc: RunDoc) {}

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return toGlobalId('Run', this.doc._id);
  }

  @Field(() => String, { description: 'The user on whose behalf it ran.' })
  get owner(): string {
    return this.doc.owner;
  }

  @Field(() => String, {
    description: 'Name of the program, as `daily-content`; `core` for bulk actions and upkeep.',
  })
  get program(): string {
    return this.doc.program;
  }

  @Field(() => String, { description: 'What kind of run within the program, as `wave` or `retry-failed`.' })
  get type(): string {
    return this.doc.type;
  }

  @Field(() => String, { description: 'The occurrence that it serves, as `2026-11-23`; one run for each.' })
  get occurrence(): string {
    return this.doc.occurrence;
  }

  @Field(() => RunStatusEnum, { description: 'Where it stands.' })
  get status(): RunStatus {
    return this.doc.status;
  }

  @Field(() => DateTime, { description: 'When it began.' })
  get startedAt(): Date {
    return this.doc.startedAt;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it ended; null while it runs.' })
  get endedAt(): Date | null {
    return this.doc.endedAt;
  }

  @Field(() => RunWindowType, { nullable: true, description: 'Null for runs that make no deliveries.' })
  get window(): RunDoc['window'] {
    return this.doc.window;
  }

  @Field(() => Int, { description: 'Deliveries that it made.' })
  get scheduled(): number {
    return this.doc.scheduled;
  }

  @Field(() => Int, { description: 'Subjects that it passed over, with the reason in `remarks`.' })
  get skipped(): number {
    return this.doc.skipped;
  }

  @Field(() => Int, {
    description: 'Subjects for which it could make no delivery, with the reason in `remarks`.',
  })
  get failed(): number {
    return this.doc.failed;
  }

  @Field(() => Int, {
    nullable: true,
    description:
      'For bulk actions and upkeep: how many deliveries there were to work on at the beginning. Null for runs that make deliveries.',
  })
  get matched(): number | null {
    return this.doc.matched;
  }

  @Field(() => Int, {
    nullable: true,
    description: 'How many of these it has changed or deleted so far. Null for runs that make deliveries.',
  })
  get changed(): number | null {
    return this.doc.changed;
  }

  @Field(() => [RunRemarkType], {
    description: 'The first hundred of what was skipped or failed; addresses in them are masked for viewers.',
  })
  remarks(@Ctx() { caller }: Context): RunRemark[] {
    const shown = personal(caller);
    return this.doc.remarks.map((remark) => ({ ...remark, message: shown.text(remark.message) }));
  }

  @Field(() => String, { nullable: true, description: 'What ended it; null unless its status is FAILED.' })
  get error(): string | null {
    return this.doc.error;
  }

  @Field(() => RunProgressType, { description: 'How far its deliveries have come, now.' })
  async progress(@Ctx() { core }: Context): Promise<RunProgressType> {
    // Whoever holds a RunType was let through by `Runs`; the figures need no second look.
    return new RunProgressType(await core.stats.progress(this.doc._id));
  }
}

/** `RunConnection`. */
export const RunConnection = connectionOf('Run', () => RunType);

import { Arg, Ctx, Field, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Context } from '../../schema/context.js';
import { requireRole } from '../../schema/roles.js';
import { RunType } from '../../schema/run.type.js';
import { Takes } from '../../schema/takes.js';
import { asPayload, Payload } from '../../schema/user-error.js';

const KEY =
  'Makes a repetition of the request answer with the run of the first; 1 to 512 characters. Null: each request acts.';

@InputType('RunMaintenanceInput', { description: 'The upkeep, now.' })
export class RunMaintenanceInput {
  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

@InputType('CleanupInput', { description: 'Which ended deliveries to delete.' })
export class CleanupInput {
  @Field(() => Int, { description: 'To which nothing has happened for so many hours; at least 1.' })
  olderThanHours!: number;

  @Field(() => String, { nullable: true, description: 'Of this program. Null: of all.' })
  program?: string | null;

  @Field(() => Boolean, { defaultValue: false, description: 'True: only count them. Nothing is deleted.' })
  dryRun!: boolean;

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null;
}

@ObjectType('RunMaintenancePayload', { implements: Payload, description: 'What became of the upkeep.' })
export class RunMaintenancePayload extends Payload {
  @Field(() => RunType, {
    nullable: true,
    description:
      'The run, which a worker takes up at once: `changed` counts what it deletes, `remarks` tell what nobody will ever work on. Null when refused.',
  })
  run?: RunType;
}

@ObjectType('CleanupPayload', { implements: Payload, description: 'What became of a cleanup.' })
export class CleanupPayload extends Payload {
  @Field(() => Int, { nullable: true, description: 'Deliveries that may be deleted; null when refused.' })
  matched?: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Deliveries deleted so far, with their attempts; 0 in a dry run, null when refused.',
  })
  deleted?: number;

  @Field(() => RunType, {
    nullable: true,
    description:
      'The run that does it: COMPLETED where it was small, else RUNNING. Null in a dry run, where nothing matched, and when refused.',
  })
  run?: RunType | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it only counted; null when refused.' })
  dryRun?: boolean;
}

/** CORE-50. */
@Resolver()
export class UpkeepResolver {
  @Takes('operate')
  @Mutation(() => RunMaintenancePayload, {
    description:
      'Does the daily upkeep now: deletes what is not to be kept any longer, rolls figures up, looks for orphans. Takes OPERATOR.',
  })
  runMaintenance(
    @Arg('input', () => RunMaintenanceInput, { description: 'The upkeep.' }) input: RunMaintenanceInput,
    @Ctx() { core, caller }: Context,
  ): Promise<RunMaintenancePayload> {
    return asPayload(RunMaintenancePayload, async () => {
      requireRole(caller, 'OPERATOR');
      return { run: new RunType(await core.upkeep.maintain(caller, input.idempotencyKey ?? null)) };
    });
  }

  @Takes('admin', ['program'])
  @Mutation(() => CleanupPayload, {
    description:
      "Deletes ended deliveries with their attempts, every owner's, whatever their retention says. What is live stays, and so does what a key may still be asked for; figures and the audit stay. Takes ADMIN.",
  })
  cleanup(
    @Arg('input', () => CleanupInput, { description: 'Which deliveries.' }) input: CleanupInput,
    @Ctx() { core, caller }: Context,
  ): Promise<CleanupPayload> {
    return asPayload(CleanupPayload, async () => {
      requireRole(caller, 'ADMIN');
      const { olderThanHours, program, dryRun, idempotencyKey = null } = input;
      const { matched, changed, run } = await core.upkeep.cleanUp(caller, olderThanHours, program ?? null, {
        dryRun,
        idempotencyKey,
      });
      return { matched, deleted: changed, run: run && new RunType(run), dryRun };
    });
  }
}

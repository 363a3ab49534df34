import { Args, ArgsType, Ctx, Field, ID, InputType, Query, Resolver } from 'type-graphql';
import { type AuditFilter, ERROR_CODES, type ErrorCode, PunctualError } from '../../core/index.js';
import { type Connection, PageArgs, readPage } from '../../schema/connection.js';
import type { Context } from '../../schema/context.js';
import { requireRole } from '../../schema/roles.js';
import { DateTime, readDateTime } from '../../schema/scalars.js';
import { Takes } from '../../schema/takes.js';
import { AuditEntryConnection, AuditEntryType } from './audit.type.js';

@InputType('AuditFilter', { description: 'Which entries: those that meet all that is given.' })
class AuditFilterInput {
  @Field(() => String, { nullable: true, description: 'Done on behalf of this user.' })
  owner?: string | null;

  @Field(() => String, { nullable: true, description: "The mutation's name." })
  action?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'About this object: its global id, or a name as in `subjects`.',
  })
  subject?: string | null;

  @Field(() => String, { nullable: true, description: 'Ended so: OK, or the code of an error.' })
  outcome?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Begun at this instant or later.' })
  from?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Begun before this instant.' })
  before?: string | null;
}

@ArgsType()
class AuditArgs extends PageArgs {
  @Field(() => AuditFilterInput, { nullable: true, description: 'Null: all.' })
  filter?: AuditFilterInput | null;
}

/** SEC-7. It takes the role ADMIN. */
@Resolver()
export class AuditResolver {
  @Takes('admin')
  @Query(() => AuditEntryConnection.Type, { description: 'Who did what, newest first. Takes ADMIN.' })
  async audit(
    @Args(() => AuditArgs) args: AuditArgs,
    @Ctx() { core, caller }: Context,
  ): Promise<Connection<AuditEntryType>> {
    requireRole(caller, 'ADMIN');
    const { items, hasMore } = await core.audit.list(readAuditFilter(args.filter), readPage(args));
    return AuditEntryConnection.of({ nodes: items.map((doc) => new AuditEntryType(doc)), hasMore }, args);
  }
}

/** @throws VALIDATION_ERROR */
function readAuditFilter(input: AuditFilterInput | null | undefined): AuditFilter {
  const { owner, action, subject, outcome, from, before } = input ?? {};
  return {
    ...(owner == null ? {} : { owner }),
    ...(action == null ? {} : { action }),
    ...(subject == null ? {} : { subject }),
    ...(outcome == null ? {} : { outcome: readOutcome(outcome) }),
    ...(from == null ? {} : { from: readDateTime(from, 'filter.from', 'VALIDATION_ERROR') }),
    ...(before == null ? {} : { before: readDateTime(before, 'filter.before', 'VALIDATION_ERROR') }),
  };
}

function readOutcome(text: string): 'OK' | ErrorCode {
  if (text === 'OK' || Object.hasOwn(ERROR_CODES, text)) return text as 'OK' | ErrorCode;
  throw new PunctualError('VALIDATION_ERROR', 'an outcome is OK, or the code of an error', {
    path: 'filter.outcome',
  });
}

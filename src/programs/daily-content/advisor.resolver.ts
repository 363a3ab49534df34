import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../schema/context.js';
import { requireRole } from '../../schema/roles.js';
import { Takes } from '../../schema/takes.js';
import { asPayload } from '../../schema/user-error.js';
import {
  AdvisorType,
  ImportAdvisorsInput,
  UpsertAdvisorInput,
  UpsertAdvisorPayload,
  UpsertAdvisorsInput,
  UpsertAdvisorsPayload,
} from './advisor.type.js';
import { checkCount, errorsOf, ImportAdvisorsPayload, importPayload } from './bulk.type.js';
import { importAdvisors } from './import-csv.js';
import { dailyContentOf } from './runtime.js';

@Resolver()
export class AdvisorResolver {
  @Takes('programs:write')
  @Mutation(() => UpsertAdvisorPayload, { description: 'Stores an advisor. Takes the role MANAGER.' })
  upsertAdvisor(
    @Arg('input', () => UpsertAdvisorInput, { description: 'The advisor.' }) input: UpsertAdvisorInput,
    @Ctx() context: Context,
  ): Promise<UpsertAdvisorPayload> {
    return asPayload(UpsertAdvisorPayload, async () => {
      const { caller } = context;
      requireRole(caller, 'MANAGER');
      const { advisors } = dailyContentOf(context);
      const checked = advisors.check(input);
      await advisors.store(caller.owner, [checked]);
      const stored = (await advisors.byExternalId(caller.owner, [checked.externalId])).get(
        checked.externalId,
      );
      return { advisor: stored ? new AdvisorType(stored) : null };
    });
  }

  @Takes('programs:write')
  @Mutation(() => UpsertAdvisorsPayload, {
    description: 'Stores up to 1,000 advisors, each accepted or refused on its own. Takes the role MANAGER.',
  })
  upsertAdvisors(
    @Arg('input', () => UpsertAdvisorsInput, { description: 'The advisors.' }) input: UpsertAdvisorsInput,
    @Ctx() context: Context,
  ): Promise<UpsertAdvisorsPayload> {
    return asPayload(UpsertAdvisorsPayload, async () => {
      requireRole(context.caller, 'MANAGER');
      checkCount(input.advisors, 'advisors');
      const { refused, ...counts } = await dailyContentOf(context).advisors.upsert(
        context.caller.owner,
        input.advisors,
      );
      return { ...counts, errors: errorsOf(refused) };
    });
  }

  @Takes('programs:write')
  @Mutation(() => ImportAdvisorsPayload, {
    description:
      'Stores advisors from CSV: good lines are stored, each bad one is one error. Takes the role MANAGER.',
  })
  importAdvisors(
    @Arg('input', () => ImportAdvisorsInput, { description: 'The file.' }) input: ImportAdvisorsInput,
    @Ctx() context: Context,
  ): Promise<ImportAdvisorsPayload> {
    return asPayload(ImportAdvisorsPayload, async () => {
      requireRole(context.caller, 'MANAGER');
      const { advisors } = dailyContentOf(context);
      return importPayload(await importAdvisors(advisors, context.caller.owner, input.csv));
    });
  }
}

import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { PunctualError } from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { DeliveryType } from '../../schema/delivery.type.js';
import { requireRole } from '../../schema/roles.js';
import { Takes } from '../../schema/takes.js';
import { asPayload } from '../../schema/user-error.js';
import { checkCount, errorsOf, ImportContentsPayload, importPayload } from './bulk.type.js';
import {
  AssignContentInput,
  AssignContentPayload,
  ContentType,
  ImportContentsInput,
  SendImmediateBulkInput,
  SendImmediateBulkPayload,
  SendImmediateInput,
  SendImmediatePayload,
  UpsertContentInput,
  UpsertContentPayload,
} from './content.type.js';
import { importContents } from './import-csv.js';
import { dailyContentOf } from './runtime.js';

@Resolver()
export class ContentResolver {
  @Takes('programs:write')
  @Mutation(() => UpsertContentPayload, { description: 'Stores a content. Takes the role MANAGER.' })
  upsertContent(
    @Arg('input', () => UpsertContentInput, { description: 'The content.' }) input: UpsertContentInput,
    @Ctx() context: Context,
  ): Promise<UpsertContentPayload> {
    return asPayload(UpsertContentPayload, async () => {
      const { caller } = context;
      requireRole(caller, 'MANAGER');
      const { contents } = dailyContentOf(context);
      const checked = contents.check(input);
      await contents.store(caller.owner, [checked]);
      const stored = await contents.byExternalId(caller.owner, checked.externalId);
      return { content: stored && new ContentType(stored) };
    });
  }

  @Takes('programs:write')
  @Mutation(() => ImportContentsPayload, {
    description:
      'Stores contents from CSV: good lines are stored, each bad one is one error. Takes the role MANAGER.',
  })
  importContents(
    @Arg('input', () => ImportContentsInput, { description: 'The file.' }) input: ImportContentsInput,
    @Ctx() context: Context,
  ): Promise<ImportContentsPayload> {
    return asPayload(ImportContentsPayload, async () => {
      requireRole(context.caller, 'MANAGER');
      const { contents } = dailyContentOf(context);
      return importPayload(await importContents(contents, context.caller.owner, input.csv));
    });
  }

  @Takes('programs:write')
  @Mutation(() => AssignContentPayload, {
    description:
      'Says which content goes to whom on a date. Advisors are assigned or refused each on its own; what is planned already stays. Takes the role MANAGER.',
  })
  assignContent(
    @Arg('input', () => AssignContentInput, { description: 'What, when, to whom.' })
    input: AssignContentInput,
    @Ctx() context: Context,
  ): Promise<AssignContentPayload> {
    return asPayload(AssignContentPayload, async () => {
      requireRole(context.caller, 'MANAGER');
      const { date, content, advisors = null } = input;
      if (advisors) checkCount(advisors, 'advisors');
      const done = await dailyContentOf(context).assignments.assign(context.caller.owner, {
        date,
        content,
        advisors,
      });
      return {
        content: new ContentType(done.content),
        assigned: done.assigned,
        errors: errorsOf(done.refused),
      };
    });
  }

  @Takes('programs:write')
  @Mutation(() => SendImmediatePayload, {
    description: 'Sends a content to one advisor now. Takes the role MANAGER.',
  })
  sendImmediate(
    @Arg('input', () => SendImmediateInput, { description: 'What, to whom.' }) input: SendImmediateInput,
    @Ctx() context: Context,
  ): Promise<SendImmediatePayload> {
    return asPayload(SendImmediatePayload, async () => {
      requireRole(context.caller, 'MANAGER');
      const { content, advisor, idempotencyKey = null } = input;
      const request = { content, advisors: [advisor], idempotencyKey: checkKey(idempotencyKey) };
      const { deliveries, refused } = await dailyContentOf(context).immediate.send(
        context.caller.owner,
        request,
      );
      const [first] = refused;
      if (first)
        throw new PunctualError(first.error.code, first.error.message, {
          path: 'advisor',
          cause: first.error,
        });
      return { delivery: deliveries[0] ? new DeliveryType(deliveries[0]) : null };
    });
  }

  @Takes('programs:write')
  @Mutation(() => SendImmediateBulkPayload, {
    description:
      'Sends a content to a list of advisors now, each accepted or refused on its own. Takes the role MANAGER.',
  })
  sendImmediateBulk(
    @Arg('input', () => SendImmediateBulkInput, { description: 'What, to whom.' })
    input: SendImmediateBulkInput,
    @Ctx() context: Context,
  ): Promise<SendImmediateBulkPayload> {
    return asPayload(SendImmediateBulkPayload, async () => {
      requireRole(context.caller, 'MANAGER');
      const { content, advisors, idempotencyKey = null } = input;
      checkCount(advisors, 'advisors');
      const request = { content, advisors, idempotencyKey: checkKey(idempotencyKey) };
      const { deliveries, refused } = await dailyContentOf(context).immediate.send(
        context.caller.owner,
        request,
      );
      return { deliveries: deliveries.map((doc) => new DeliveryType(doc)), errors: errorsOf(refused) };
    });
  }
}

/** The stored key is longer than the caller's: it holds the program and the advisor too. @throws VALIDATION_ERROR */
function checkKey(key: string | null): string | null {
  if (key === null || (key.length >= 1 && key.length <= 200)) return key;
  throw new PunctualError(
    'VALIDATION_ERROR',
    `the idempotency key has ${key.length} characters; 1 to 200 are allowed`,
    {
      path: 'idempotencyKey',
    },
  );
}

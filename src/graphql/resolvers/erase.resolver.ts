import { Arg, Ctx, Field, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import { type Core, ownedBy, type Person, PunctualError } from '../../core/index.js';
import type { ProgramRuntime } from '../../programs/program.js';
import type { Context } from '../../schema/context.js';
import { requireRole } from '../../schema/roles.js';
import { RunType } from '../../schema/run.type.js';
import { Takes } from '../../schema/takes.js';
import { asPayload, Payload } from '../../schema/user-error.js';

/** Longest address or name, as it is stored. */
const LONGEST_NAME = 512;

@InputType('EraseRecipientInput', {
  description: 'Whom to erase: by an address, by the name that deliveries were given, or by both.',
})
export class EraseRecipientInput {
  @Field(() => String, {
    nullable: true,
    description: 'An address in any form that a channel reads. Null: the name says who.',
  })
  address?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "The `recipient` of deliveries: the caller's name, or a program's id. Null: the address says who.",
  })
  recipient?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'True: only count what matches. Nothing is changed, and no run is made.',
  })
  dryRun!: boolean;
}

@ObjectType('EraseRecipientPayload', { implements: Payload, description: 'What became of an erasure.' })
export class EraseRecipientPayload extends Payload {
  @Field(() => Int, {
    nullable: true,
    description: 'Deliveries that knew the person, counted up to a million; null when refused.',
  })
  matched?: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'Deliveries that do not know the person any more, so far; 0 in a dry run, null when refused.',
  })
  erased?: number;

  @Field(() => RunType, {
    nullable: true,
    description:
      'The run that does it: COMPLETED where it was small, else RUNNING. Null in a dry run, where nothing matched, and when refused.',
  })
  run?: RunType | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it only counted; null when refused.' })
  dryRun?: boolean;
}

/** SEC-7. */
@Resolver()
export class EraseResolver {
  @Takes('deliveries:write')
  @Mutation(() => EraseRecipientPayload, {
    description:
      'Takes a person out of their deliveries, and out of what programs keep: addresses, names, what was sent and answered, metadata. What waits is cancelled; figures stay. Repeating it changes nothing. Takes MANAGER.',
  })
  eraseRecipient(
    @Arg('input', () => EraseRecipientInput, { description: 'Whom to erase.' }) input: EraseRecipientInput,
    @Ctx() { core, caller, programs }: Context,
  ): Promise<EraseRecipientPayload> {
    return asPayload(EraseRecipientPayload, async () => {
      requireRole(caller, 'MANAGER');
      const { dryRun } = input;
      let person = personOf(input, core);
      if (!dryRun) {
        const owner = ownedBy(caller).owner ?? null;
        for (const runtime of programs.values() as Iterable<Partial<ProgramRuntime>>) {
          const names = (await runtime.eraseRecipient?.(owner, person)) ?? [];
          person = { ...person, recipients: [...person.recipients, ...names] };
        }
      }
      const { matched, changed, run } = await core.bulk.eraseRecipient(caller, person, { dryRun });
      return { matched, erased: changed, run: run && new RunType(run), dryRun };
    });
  }
}

/** An address in the forms that the channels would have stored it in. @throws VALIDATION_ERROR */
function personOf({ address, recipient }: EraseRecipientInput, { channels }: Core): Person {
  const raw = readName(address, 'address');
  const forms = [...channels.values()].flatMap((channel) => raw.map((text) => channel.address(text)));
  const addresses = [...raw, ...forms.flatMap((form) => (form.ok ? [form.to] : []))];
  return { addresses: [...new Set(addresses)], recipients: readName(recipient, 'recipient') };
}

/** Erased deliveries have an empty address: nobody is called so. */
function readName(text: string | null | undefined, path: string): string[] {
  if (text == null) return [];
  const name = text.trim();
  if (name !== '' && name.length <= LONGEST_NAME) return [name];
  throw new PunctualError('VALIDATION_ERROR', `1 to ${LONGEST_NAME} characters are needed`, { path });
}

import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { type ApiKeyDoc, PunctualError, type Role, type Scope } from '../../core/index.js';
import type { Context } from '../../schema/context.js';
import { RoleEnum, ScopeEnum } from '../../schema/enums.js';
import { notFound, requireObjectId, toGlobalId } from '../../schema/ids.js';
import { requireRole } from '../../schema/roles.js';
import { DateTime, readDateTime } from '../../schema/scalars.js';
import { Takes } from '../../schema/takes.js';
import { asPayload, Payload } from '../../schema/user-error.js';

/** Longest name of a key or an owner. */
const LONGEST_NAME = 128;

@ObjectType('ApiKey', { description: "A machine's key. The key itself is shown once, when it is made." })
export class ApiKeyType {
  constructor(private readonly doc: ApiKeyDoc) {}

  @Field(() => ID, { description: 'Global id; opaque.' })
  get id(): string {
    return toGlobalId('ApiKey', this.doc._id);
  }

  @Field(() => String, { description: 'Its first characters, to tell keys apart. Not secret.' })
  get prefix(): string {
    return this.doc.prefix;
  }

  @Field(() => String, { description: 'What it is for.' })
  get name(): string {
    return this.doc.name;
  }

  @Field(() => String, { description: 'The user that it acts for.' })
  get owner(): string {
    return this.doc.owner;
  }

  @Field(() => RoleEnum, { description: 'What it may do.' })
  get role(): Role {
    return this.doc.role;
  }

  @Field(() => [ScopeEnum], {
    nullable: true,
    description: 'What of that it is held to; null: everything that the role permits.',
  })
  get scopes(): readonly Scope[] | null {
    return this.doc.scopes;
  }

  @Field(() => DateTime, { description: 'When it was made.' })
  get createdAt(): Date {
    return this.doc.createdAt;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it stops working by itself; null: never.' })
  get expiresAt(): Date | null {
    return this.doc.expiresAt;
  }

  @Field(() => DateTime, { nullable: true, description: 'When it was revoked; null: it was not.' })
  get revokedAt(): Date | null {
    return this.doc.revokedAt;
  }

  @Field(() => DateTime, {
    nullable: true,
    description: 'When it was last used, to within seconds; null: never yet.',
  })
  get lastUsedAt(): Date | null {
    return this.doc.lastUsedAt;
  }
}

@InputType('CreateApiKeyInput', { description: 'A key to make.' })
export class CreateApiKeyInput {
  @Field(() => String, { description: `What it is for; 1 to ${LONGEST_NAME} characters.` })
  name!: string;

  @Field(() => String, { description: `The user that it acts for; 1 to ${LONGEST_NAME} characters.` })
  owner!: string;

  @Field(() => RoleEnum, { description: 'What it may do.' })
  role!: Role;

  @Field(() => [ScopeEnum], {
    nullable: true,
    description:
      'What of that it is held to, at least one; none that the maker lacks. Null: everything that the role permits.',
  })
  scopes?: Scope[] | null;

  @Field(() => DateTime, { nullable: true, description: 'When it stops working by itself; null: never.' })
  expiresAt?: string | null;
}

@InputType('RevokeApiKeyInput', { description: 'A key to revoke.' })
export class RevokeApiKeyInput {
  @Field(() => ID, { description: 'Its global id.' })
  id!: string;
}

@ObjectType('CreateApiKeyPayload', { implements: Payload, description: 'The new key.' })
export class CreateApiKeyPayload extends Payload {
  @Field(() => String, {
    nullable: true,
    description: 'The key itself: shown here and never again. Null when refused.',
  })
  key?: string;

  @Field(() => ApiKeyType, { nullable: true, description: 'What is kept of it; null when refused.' })
  apiKey?: ApiKeyType;
}

@ObjectType('RevokeApiKeyPayload', { implements: Payload, description: 'The revoked key.' })
export class RevokeApiKeyPayload extends Payload {
  @Field(() => ApiKeyType, { nullable: true, description: 'The key, revoked; null when refused.' })
  apiKey?: ApiKeyType;
}

/** SEC-4. Everything here takes the role ADMIN. */
@Resolver()
export class ApiKeyResolver {
  @Takes('admin')
  @Query(() => [ApiKeyType], { description: 'All keys, newest first. Takes ADMIN.' })
  async apiKeys(@Ctx() { core, caller }: Context): Promise<ApiKeyType[]> {
    requireRole(caller, 'ADMIN');
    return (await core.access.listKeys()).map((doc) => new ApiKeyType(doc));
  }

  @Takes('admin')
  @Mutation(() => CreateApiKeyPayload, { description: 'Makes a key. Takes ADMIN.' })
  createApiKey(
    @Arg('input', () => CreateApiKeyInput, { description: 'The key to make.' }) input: CreateApiKeyInput,
    @Ctx() { core, caller }: Context,
  ): Promise<CreateApiKeyPayload> {
    return asPayload(CreateApiKeyPayload, async () => {
      requireRole(caller, 'ADMIN');
      const name = checkName(input.name, 'name');
      const owner = checkName(input.owner, 'owner');
      const expiresAt = input.expiresAt == null ? null : readDateTime(input.expiresAt, 'expiresAt');
      // Keys live in real time, as their bearers do; the engine's clock may be a virtual one.
      if (expiresAt && expiresAt.getTime() <= core.clock.realNow()) {
        throw new PunctualError('INVALID_SCHEDULED_TIME', 'the key would have expired already', {
          path: 'expiresAt',
        });
      }
      const { role, scopes = null } = input;
      if (scopes?.length === 0) {
        throw new PunctualError('VALIDATION_ERROR', 'a key without a scope could do nothing', {
          path: 'scopes',
        });
      }
      const { key, doc } = await core.access.createKey({ name, owner, role, scopes, expiresAt }, caller);
      return { key, apiKey: new ApiKeyType(doc) };
    });
  }

  @Takes('admin')
  @Mutation(() => RevokeApiKeyPayload, {
    description: 'Revokes a key; within seconds it opens nothing, and its sockets are closed. Takes ADMIN.',
  })
  revokeApiKey(
    @Arg('input', () => RevokeApiKeyInput, { description: 'The key to revoke.' }) { id }: RevokeApiKeyInput,
    @Ctx() { core, caller }: Context,
  ): Promise<RevokeApiKeyPayload> {
    return asPayload(RevokeApiKeyPayload, async () => {
      requireRole(caller, 'ADMIN');
      const doc = await core.access.revokeKey(requireObjectId('ApiKey', id, 'NOT_FOUND'));
      if (!doc) throw notFound('ApiKey', 'NOT_FOUND');
      return { apiKey: new ApiKeyType(doc) };
    });
  }
}

function checkName(text: string, path: string): string {
  const name = text.trim();
  if (name === '' || name.length > LONGEST_NAME) {
    throw new PunctualError('VALIDATION_ERROR', `1 to ${LONGEST_NAME} characters are needed`, { path });
  }
  return name;
}

import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import type { Scope } from '../core/index.js';
import type { Context } from '../schema/context.js';
import { requireScope } from '../schema/roles.js';
import type { Taken } from '../schema/takes.js';
import { audited } from './audited.js';

type Field = GraphQLField<unknown, Context>;
type Resolve = GraphQLFieldResolver<unknown, Context>;

/**
 * Holds every caller to its scopes, in one place (SEC-4): before each root field, and before each list that hangs on
 * something else, or a key that may only write would read its way from what it wrote to everything. And puts the audit
 * around every mutation (SEC-7), so that what is refused stands there too. Changes the schema.
 * @throws Error for a mutation that does not say what it takes
 */
export function guard(schema: GraphQLSchema): void {
  for (const field of fieldsOf(schema, 'Query')) put(field, 'resolve', scopeOf(field) ?? 'read');
  for (const field of fieldsOf(schema, 'Subscription')) put(field, 'subscribe', scopeOf(field) ?? 'read');
  for (const field of fieldsOf(schema, 'Mutation')) {
    const scope = scopeOf(field);
    if (!scope) throw new Error(`Mutation.${field.name} does not say what it takes: put @Takes(...) at it`);
    put(field, 'resolve', scope);
    field.resolve = audited(field, field.resolve ?? defaultFieldResolver);
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || ['Query', 'Mutation', 'Subscription'].includes(type.name)) continue;
    for (const field of Object.values<Field>(type.getFields()))
      if (isList(field)) put(field, 'resolve', 'read');
  }
}

/** What a root field says that it takes; undefined when it says nothing. */
function scopeOf(field: Field): Scope | undefined {
  return (field.extensions as Taken).takes;
}

function isList(field: Field): boolean {
  return field.args.some((argument) => argument.name === 'first');
}

function fieldsOf(schema: GraphQLSchema, root: string): Field[] {
  const type = schema.getType(root);
  return isObjectType(type) ? Object.values<Field>(type.getFields()) : [];
}

function put(field: Field, step: 'resolve' | 'subscribe', scope: Scope): void {
  const next: Resolve = field[step] ?? defaultFieldResolver;
  field[step] = (source, args, context, info) => {
    requireScope(context.caller, scope);
    return next(source, args, context, info);
  };
}

import {
  getNamedType,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLInputType,
  GraphQLID,
  isInputObjectType,
} from 'graphql';
import { type ErrorCode, maskAddressesIn, PunctualError } from '../core/index.js';
import type { Context } from '../schema/context.js';
import { parseGlobalId } from '../schema/ids.js';
import type { Taken } from '../schema/takes.js';

type Resolve = GraphQLFieldResolver<unknown, Context>;

/** What every mutation's payload has (schema/user-error.ts), and perhaps objects. */
interface Answer {
  readonly errors?: readonly { readonly code: ErrorCode; readonly index?: number | null }[];
}

/** Longest name of a subject. */
const LONGEST_NAME = 64;

/** Puts the audit around a mutation (SEC-7): one entry for a call, refusals included. */
export function audited(field: GraphQLField<unknown, Context>, next: Resolve): Resolve {
  return async (source, args: Readonly<Record<string, unknown>>, context, info) => {
    const { core, caller, requestId } = context;
    const subjects = [...new Set([...namedIn(field, args['input']), ...idsIn(field, args)])];
    const entry = await core.audit.begin({ caller, action: field.name, subjects, requestId });
    try {
      const payload: unknown = await next(source, args, context, info);
      await core.audit.end(entry, outcomeOf(payload, subjects));
      return payload;
    } catch (error) {
      const outcome = error instanceof PunctualError ? error.code : 'INTERNAL_ERROR';
      await core.audit.end(entry, { outcome, subjects, refused: 0 });
      throw error;
    }
  };
}

function outcomeOf(
  payload: unknown,
  before: readonly string[],
): { outcome: 'OK' | ErrorCode; subjects: string[]; refused: number } {
  const { errors = [] } = payload as Answer;
  // An error with a place is about one item of many; one without is about the call.
  const failure = errors.find((error) => error.index == null);
  return {
    outcome: failure?.code ?? 'OK',
    subjects: [...new Set([...before, ...madeIn(payload)])],
    refused: errors.filter((error) => error.index != null).length,
  };
}

/** The ids of the objects in a payload. */
function* madeIn(payload: unknown): Generator<string> {
  const values: readonly unknown[] = Object.values(payload as object);
  for (const value of values.flat(1)) {
    if (typeof value === 'object' && value !== null && 'id' in value && isObjectId(value.id)) yield value.id;
  }
}

/** The input fields that the mutation says name what it is about. */
function* namedIn(field: GraphQLField<unknown, Context>, input: unknown): Generator<string> {
  for (const name of (field.extensions as Taken).named ?? []) {
    const value = (input as Readonly<Record<string, unknown>>)[name];
    // It is what a caller wrote: it may be nothing that exists.
    if (typeof value === 'string') yield `${name}:${maskAddressesIn(value).slice(0, LONGEST_NAME)}`;
  }
}

/** The ids in what a caller gave, as far as they have the form of ours: an address in their place is not kept. */
function idsIn(field: GraphQLField<unknown, Context>, args: Readonly<Record<string, unknown>>): string[] {
  return field.args.flatMap((argument) => idsOf(argument.type, args[argument.name]));
}

function idsOf(type: GraphQLInputType, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => idsOf(type, item));
  const named = getNamedType(type);
  if (named === GraphQLID) return isObjectId(value) ? [value] : [];
  if (!isInputObjectType(named) || typeof value !== 'object' || value === null) return [];
  return Object.values(named.getFields()).flatMap((field) =>
    idsOf(field.type, (value as Readonly<Record<string, unknown>>)[field.name]),
  );
}

function isObjectId(id: unknown): id is string {
  return typeof id === 'string' && /^[0-9a-f]{24}$/.test(parseGlobalId(id)?.key ?? '');
}

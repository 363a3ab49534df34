import {
  getNamedType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/*
 * Walks the schema for tests that have to hold for every argument there is, those to come included.
 */

/** A place for a value in the arguments of a root field, as `input.filter.run`. */
export interface Place {
  readonly root: 'query' | 'mutation' | 'subscription';
  readonly field: GraphQLField<unknown, unknown>;
  readonly path: readonly string[];
  readonly type: GraphQLNamedInputType;
}

/** Every place of a type that is wanted. */
export function placesOf(schema: GraphQLSchema, isWanted: (type: GraphQLNamedInputType) => boolean): Place[] {
  return (['query', 'mutation', 'subscription'] as const).flatMap((root) => {
    const type = schema.getType(root.charAt(0).toUpperCase() + root.slice(1));
    return Object.values(isObjectType(type) ? type.getFields() : {}).flatMap((field) =>
      field.args.flatMap((arg) =>
        within(arg.type, [arg.name], isWanted).map((found) => ({ root, field, ...found })),
      ),
    );
  });
}

function within(
  of: GraphQLInputType,
  path: readonly string[],
  isWanted: (type: GraphQLNamedInputType) => boolean,
): Pick<Place, 'path' | 'type'>[] {
  const type = getNamedType(of);
  const here = isWanted(type) ? [{ path, type }] : [];
  // No input of ours holds itself.
  const below = isInputObjectType(type)
    ? Object.values(type.getFields()).flatMap((field) => within(field.type, [...path, field.name], isWanted))
    : [];
  return [...here, ...below];
}

/** The operation that puts `value` at a place, with everything else that is required, as the JSON of a request. */
export function operationAt({ root, field, path }: Place, value: unknown): string {
  const args = field.args.filter(
    (arg) => arg.name === path[0] || (isNonNullType(arg.type) && arg.defaultValue === undefined),
  );
  const declared = args.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
  const passed = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const query = `${root} (${declared}) { ${field.name}(${passed}) ${selectionOf(field)} }`;
  const variables = Object.fromEntries(
    args.map((arg) => [arg.name, valueOf(arg.type, arg.name === path[0] ? path.slice(1) : null, value)]),
  );
  return JSON.stringify({ query, variables });
}

/** @param path to where `value` is to stand; empty: here; null: elsewhere */
function valueOf(type: GraphQLInputType, path: readonly string[] | null, value: unknown): unknown {
  if (isNonNullType(type)) return valueOf(type.ofType, path, value);
  if (isListType(type)) return [valueOf(type.ofType, path, value)];
  if (path?.length === 0) return value;
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (type.name === 'Int') return 1;
  if (type.name === 'Boolean') return true;
  if (type.name === 'JSONObject') return {};
  if (!isInputObjectType(type)) return 'x';
  if (type.name === 'WhenInput' && path === null) return { after: '1h' };
  const given = Object.values(type.getFields()).filter(
    (field) => field.name === path?.[0] || (isNonNullType(field.type) && field.defaultValue === undefined),
  );
  return Object.fromEntries(
    given.map((field) => [
      field.name,
      valueOf(field.type, field.name === path?.[0] ? path.slice(1) : null, value),
    ]),
  );
}

/** Of an answer its plain fields, the ids of what it lists, and its errors. */
function selectionOf(field: GraphQLField<unknown, unknown>): string {
  const named = getNamedType(field.type);
  if (isLeafType(named)) return '';
  if (isInterfaceType(named)) return '{ __typename id }';
  const own = Object.values(isObjectType(named) ? named.getFields() : {});
  const leaves = own
    .filter((of) => isLeafType(getNamedType(of.type)) && of.args.length === 0)
    .map((of) => of.name);
  const lists = own.filter((of) => of.name === 'nodes').map(() => 'nodes { id }');
  const errors = own.filter((of) => of.name === 'errors').map(() => 'errors { code message path }');
  return `{ __typename ${[...leaves, ...lists, ...errors].join(' ')} }`;
}

import { describe, expect, it } from '@jest/globals';
import {
  getNamedType,
  type GraphQLField,
  type GraphQLInputField,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { ERROR_CODES } from '../../src/core/index.js';
import { guard } from '../../src/graphql/guard.js';
import { createSchema, printSchemaSDL } from '../../src/graphql/schema.js';
import { PROGRAMS } from '../../src/programs/registry.js';

const schema = createSchema(PROGRAMS.flatMap((program) => program.resolvers));
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);

type Described = readonly [name: string, description: string | null | undefined];

/** Everything in the schema that a reader meets, with what is said about it. */
function described(): Described[] {
  return types.flatMap((type): Described[] => {
    const own: Described = [type.name, type.description];
    if (isEnumType(type))
      return [
        own,
        ...type.getValues().map((value): Described => [`${type.name}.${value.name}`, value.description]),
      ];
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return [own];
    const fields = Object.values<GraphQLField<unknown, unknown> | GraphQLInputField>(type.getFields());
    return [own, ...fields.flatMap((field) => describedField(type.name, field))];
  });
}

function describedField(
  parent: string,
  field: GraphQLField<unknown, unknown> | GraphQLInputField,
): Described[] {
  const name = `${parent}.${field.name}`;
  const args = 'args' in field ? field.args : [];
  return [
    [name, field.description],
    ...args.map((arg): Described => [`${name}(${arg.name})`, arg.description]),
  ];
}

describe('the schema', () => {
  it('API-9 describes every type, field, argument and enum value', () => {
    expect(described().filter(([, description]) => !description)).toEqual([]);
    expect(described().length).toBeGreaterThan(300);
  });

  it('API-1 every mutation takes one input and answers with one payload of its name', () => {
    const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
    expect(mutations.length).toBeGreaterThan(10);
    for (const { name, args, type } of mutations as GraphQLField<unknown, unknown>[]) {
      const capital = name.charAt(0).toUpperCase() + name.slice(1);
      expect(args.map((arg) => `${arg.name}: ${String(arg.type)}`)).toEqual([`input: ${capital}Input!`]);
      expect(String(type)).toBe(`${capital}Payload!`);
      const payload = getNamedType(type);
      expect(isObjectType(payload) && String(payload.getFields()['errors']?.type)).toBe('[UserError!]!');
    }
  });

  it('API-3 every list that grows is a connection with edges, nodes and pageInfo', () => {
    const connections = types.filter((type) => isObjectType(type) && type.name.endsWith('Connection'));
    expect(connections.length).toBeGreaterThan(1);
    for (const type of connections) {
      expect(isObjectType(type) && Object.keys(type.getFields()).sort()).toEqual([
        'edges',
        'nodes',
        'pageInfo',
      ]);
    }
  });

  it('API-7 every subscription sends events with id, cursor and time, and can be resumed and thinned out', () => {
    for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
      const event = getNamedType(field.type);
      expect(isObjectType(event) && event.getInterfaces().map(({ name }) => name)).toContain(
        'SubscriptionEvent',
      );
      expect(field.args.map(({ name }) => name)).toEqual(expect.arrayContaining(['after', 'minInterval']));
    }
  });

  it('API-2 ErrorCode is the table of codes, but those that stop a start', () => {
    const type = schema.getType('ErrorCode');
    const codes = isEnumType(type) ? type.getValues().map(({ name }) => name) : [];
    const answers = Object.keys(ERROR_CODES).filter(
      (code) => !code.startsWith('START_') && code !== 'CONFIG_INVALID',
    );
    expect(codes.sort()).toEqual(answers.sort());
  });

  it('API-4 every Node has a non-null id', () => {
    const node = schema.getType('Node');
    const nodes = isInterfaceType(node) ? schema.getPossibleTypes(node) : [];
    expect(nodes.map(({ name }) => name)).toEqual(expect.arrayContaining(['Delivery', 'Run']));
    for (const type of nodes) expect(isNonNullType(type.getFields()['id']?.type)).toBe(true);
  });

  it('SEC-4 every root field, and every list below, is refused to credentials without its scope', async () => {
    const caller = { owner: 'me', role: 'ADMIN', scopes: [], credential: 'key:1', expiresAt: null };
    const audit = { begin: () => Promise.resolve('entry'), end: () => Promise.resolve() };
    const nobody = { caller, core: { audit } };
    const guarded = types.flatMap((type) => {
      if (!isObjectType(type)) return [];
      const isRoot = ['Query', 'Mutation', 'Subscription'].includes(type.name);
      return Object.values(type.getFields())
        .filter((field) => isRoot || field.args.some(({ name }) => name === 'first'))
        .map((field) => [`${type.name}.${field.name}`, field] as const);
    });
    expect(guarded.length).toBeGreaterThan(30);
    for (const [name, field] of guarded) {
      const step = name.startsWith('Subscription.') ? field.subscribe : field.resolve;
      const call = async () => step?.({}, { input: {} }, nobody, {} as never);
      const error = await call().then(
        () => 'let through',
        (refusal: unknown) => refusal,
      );
      expect([name, error]).toEqual([name, expect.objectContaining({ code: 'FORBIDDEN' })]);
    }
  });

  it('SEC-7 no mutation is begun that cannot be written into the audit', async () => {
    const notNow = new Error('the audit cannot be written');
    const audit = { begin: () => Promise.reject(notNow) };
    const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
    for (const { name, resolve } of mutations) {
      const call = async () => resolve?.({}, { input: {} }, { core: { audit } }, {} as never);
      await expect(call().catch((error: unknown) => [name, error])).resolves.toEqual([name, notNow]);
    }
  });

  it('SEC-4 a mutation that does not say its scope is not built into a schema', () => {
    const mutation = new GraphQLObjectType({
      name: 'Mutation',
      fields: { forgotten: { type: GraphQLString } },
    });
    expect(() => guard(new GraphQLSchema({ mutation }))).toThrow('Mutation.forgotten');
  });

  it('prints the same text each time', () => {
    expect(printSchemaSDL(schema)).toBe(
      printSchemaSDL(createSchema(PROGRAMS.flatMap((program) => program.resolvers))),
    );
  });
});

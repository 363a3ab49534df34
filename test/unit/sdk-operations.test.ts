import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, Kind, OperationTypeNode, parse, validate } from 'graphql';
import { readOperation } from '../../sdk/src/operation.js';

/** Fields of the schema that the SDK asks for in no operation, each with the reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'Query.node': 'a caller who knows the type asks for the object itself; who does not, asks in its own words',
};

const OPERATIONS = 'sdk/operations';
const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
const text = readdirSync(OPERATIONS)
  .map((name) => readFileSync(`${OPERATIONS}/${name}`, 'utf8'))
  .join('\n');
const document = parse(text);
const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);

const used = operations.flatMap(({ operation, selectionSet }) =>
  selectionSet.selections.flatMap((selection) =>
    selection.kind === Kind.FIELD
      ? [`${schema.getRootType(operation)?.name ?? operation}.${selection.name.value}`]
      : [],
  ),
);
const offered = Object.values(OperationTypeNode).flatMap((kind) => {
  const type = schema.getRootType(kind);
  return Object.keys(type?.getFields() ?? {}).map((field) => `${type?.name ?? kind}.${field}`);
});

describe("the SDK's operations", () => {
  it('fit the schema', () => {
    expect(validate(schema, document)).toEqual([]);
  });

  it('ask for every query, mutation and subscription, but those that are left out on purpose', () => {
    expect(offered.length).toBeGreaterThan(30);
    expect(offered.filter((field) => !used.includes(field)).sort()).toEqual(Object.keys(LEFT_OUT).sort());
  });

  it('API-7 take the cursor and the interval, and ask for the cursor, in every subscription', () => {
    const subscriptions = operations.filter(({ operation }) => operation === OperationTypeNode.SUBSCRIPTION);
    expect(subscriptions.length).toBeGreaterThan(1);
    for (const { variableDefinitions, selectionSet } of subscriptions) {
      const variables = variableDefinitions?.map(({ variable }) => variable.name.value);
      expect(variables).toEqual(expect.arrayContaining(['after', 'minInterval']));
      const [event] = selectionSet.selections;
      const fields = event?.kind === Kind.FIELD ? (event.selectionSet?.selections ?? []) : [];
      const names = fields.map((field) => (field.kind === Kind.FIELD ? field.name.value : field.kind));
      expect(names).toEqual(expect.arrayContaining(['id', 'cursor', 'occurredAt', 'snapshot']));
    }
  });

  it('are read without a parser as a parser reads them', () => {
    for (const { operation, selectionSet, variableDefinitions, loc } of operations) {
      const source = loc?.source.body.slice(loc.start, loc.end) ?? '';
      const read = readOperation(source);
      const typeName = (definition: (typeof operations)[number]['variableDefinitions']) =>
        definition?.map(({ variable, type }) => {
          let named = type;
          while (named.kind !== Kind.NAMED_TYPE) named = named.type;
          return [variable.name.value, named.name.value];
        });
      expect(read.kind).toBe(operation);
      expect(read.rootFields).toEqual(
        selectionSet.selections.map((selection) =>
          selection.kind === Kind.FIELD ? selection.name.value : '',
        ),
      );
      expect([...read.variableTypes]).toEqual(typeName(variableDefinitions));
    }
  });
});

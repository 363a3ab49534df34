import { describe, expect, it } from '@jest/globals';
import { buildSchema, parse } from 'graphql';
import { measure } from '../../src/graphql/query-size.js';

const schema = buildSchema(`
  type Query { things(first: Int = 50, after: String): ThingConnection! one: Thing plain: [Thing!]! }
  type ThingConnection { nodes: [Thing!]! edges: [ThingEdge!]! pageInfo: PageInfo! }
  type ThingEdge { node: Thing! }
  type PageInfo { hasNextPage: Boolean! }
  type Thing { id: ID! parts: [Part!]! things(first: Int): ThingConnection! self: Thing }
  type Part { id: ID! }
`);

const size = (text: string) => measure(schema, parse(text));

describe('SEC-1 the size of a query', () => {
  it.each([
    ['{ one { id } }', 2],
    ['{ one { self { self { id } } } }', 4],
    ['{ ...a } fragment a on Query { one { ...b } } fragment b on Thing { self { id } }', 3],
    ['{ __schema { types { fields { type { ofType { ofType { name } } } } } } }', 0],
  ])('%s is %i deep', (text, depth) => {
    expect(size(text).depth).toBe(depth);
  });

  it.each([
    ['{ one { id } }', 1],
    ['{ plain { id } }', 10],
    ['{ one { parts { id } } }', 11],
    ['{ things(first: 20) { nodes { id } } }', 40],
    ['{ things(first: 20) { edges { node { id } } } }', 60],
    ['{ things { nodes { id } } }', 100],
    ['query ($n: Int) { things(first: $n) { nodes { id } } }', 400],
    ['{ things(first: 1000000) { nodes { id } } }', 400],
    ['{ things(first: 10) { nodes { things(first: 10) { nodes { id } } } } }', 220],
  ])('%s may hold %i objects', (text, cost) => {
    expect(size(text).cost).toBe(cost);
  });

  it('counts aliases and directives of the text', () => {
    expect(size('{ a: one { id } b: one @skip(if: true) { id } }')).toMatchObject({
      aliases: 2,
      directives: 1,
    });
  });

  it('takes the largest of several operations', () => {
    expect(size('query a { one { id } } query b { plain { id } }').cost).toBe(10);
  });

  it('measures fragments that double at each step, and cycles, in no time', () => {
    const doubling = Array.from(
      { length: 60 },
      (_, i) => `fragment f${i} on Thing { ${i < 59 ? `...f${i + 1} ...f${i + 1}` : 'self { id }'} }`,
    );
    expect(size(`{ one { ...f0 } } ${doubling.join(' ')}`).cost).toBeGreaterThan(2 ** 58);
    expect(size('{ one { ...a } } fragment a on Thing { self { ...a } }').cost).toBe(2);
  });

  it('measures what validation will refuse without throwing', () => {
    expect(size('{ nothing { at { all } } ...missing }').depth).toBe(3);
  });
});

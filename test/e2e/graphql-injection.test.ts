import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isLeafType } from 'graphql';
import { createSchema } from '../../src/graphql/schema.js';
import { PROGRAMS } from '../../src/programs/registry.js';
import { JSONObject } from '../../src/schema/scalars.js';
import { postRaw } from '../support/graphql.js';
import { operationAt, placesOf } from '../support/schema-places.js';
import { startSystem, type System } from '../support/system.js';

const schema = createSchema(PROGRAMS.flatMap((program) => program.resolvers));
let system: System;

beforeAll(async () => (system = await startSystem({ parts: { worker: false, sandbox: false } })));
afterAll(() => system.stop());

/** What MongoDB would take for a condition, and what JavaScript would take for something of its own. */
const OBJECTS: readonly unknown[] = [
  { $gt: '' },
  { $where: 'sleep(1000)' },
  { $regex: '.*' },
  { length: 1, toString: 'x' },
  [{ $ne: null }],
];
const places = placesOf(schema, (type) => isLeafType(type) && type.name !== 'JSONObject');

describe('SEC-6 an object where a scalar is expected', () => {
  it.each(places.map((place, i) => [place.root, place.field.name, place.path.join('.'), place, i] as const))(
    'SEC-6 is refused in the %s %s, at %s',
    async (root, _name, _path, place, i) => {
      const path = root === 'subscription' ? '/graphql/stream' : '/graphql';
      // Each place gets one of them, and one that MongoDB knows: over all places each is tried many times.
      for (const value of [{ $ne: null }, OBJECTS[i % OBJECTS.length]]) {
        const body = operationAt(place, value);
        const answer = await postRaw(system.url, body, { key: system.adminKey, path });
        expect([body, answer.text]).toEqual([body, expect.stringContaining('VALIDATION_ERROR')]);
        expect(answer.body.data ?? null).toBeNull();
        expect(answer.text).not.toContain('$ne');
      }
    },
  );
});

describe('SEC-6 a JSON object', () => {
  const parse = (value: unknown): unknown => JSONObject.parseValue(value);
  const plainKey = fc.stringMatching(/^[a-zA-Z_][\w ]{0,10}$/).filter((key) => key !== '__proto__');
  const leaf = fc.oneof(fc.string({ maxLength: 20 }), fc.integer(), fc.boolean(), fc.constant(null));
  const tree = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 5 }, leaf, tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    object: fc.dictionary(plainKey, tie('value'), { maxKeys: 3 }),
  }));
  const badKey = fc.oneof(
    fc.stringMatching(/^\$[a-z]{1,8}$/),
    fc.tuple(plainKey, plainKey).map(([a, b]) => `${a}.${b}`),
    fc.constantFrom('__proto__', 'a\0b'),
  );

  it('SEC-6 of plain keys passes as it is', () => {
    fc.assert(
      fc.property(tree.object, (object) => {
        expect(parse(object)).toEqual(object);
      }),
    );
  });

  it('SEC-6 with a key that MongoDB or JavaScript reads is refused, however deep it stands', () => {
    fc.assert(
      fc.property(tree.object, badKey, fc.array(plainKey, { maxLength: 4 }), (object, key, way) => {
        const bad = JSON.parse(`{${JSON.stringify(key)}:1}`) as unknown;
        const nested = way.reduceRight<unknown>((inner, step) => ({ [step]: [inner] }), bad);
        expect(() => parse({ ...(object as object), nested })).toThrow(
          expect.objectContaining({ code: 'VALIDATION_ERROR' }),
        );
      }),
    );
  });
});

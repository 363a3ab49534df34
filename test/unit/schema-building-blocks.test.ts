import { describe, expect, it } from '@jest/globals';
import { ObjectId } from '@mikro-orm/mongodb';
import fc from 'fast-check';
import { Clock } from '../../src/core/index.js';
import { Batch } from '../../src/schema/batch.js';
import { readPage } from '../../src/schema/connection.js';
import { objectIdOf, parseGlobalId, toGlobalId } from '../../src/schema/ids.js';
import { JSONObject, readDateTime } from '../../src/schema/scalars.js';
import { readWhen, type WhenInput } from '../../src/schema/when.input.js';

const codeOf = (work: () => unknown): unknown => {
  try {
    work();
    return null;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe('global ids', () => {
  it('API-4 go there and back, and have one spelling', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Z][a-z]{1,10}$/),
        fc.stringMatching(/^[0-9a-f]{24}$/),
        (type, hex) => {
          const id = toGlobalId(type, new ObjectId(hex));
          expect(parseGlobalId(id)).toEqual({ type, key: hex });
          expect(objectIdOf(type, id)?.toHexString()).toBe(hex);
          expect(objectIdOf(`${type}x`, id)).toBeNull();
          expect(parseGlobalId(`${id}=`)).toBeNull();
        },
      ),
    );
  });

  it('API-10 any other text is no id, and never an error', () => {
    fc.assert(fc.property(fc.string(), (text) => objectIdOf('Delivery', text) === null));
  });
});

describe('scalars', () => {
  it.each(['2026-11-24T06:00:00+05:30', '2026-11-24T00:30Z', '2026-11-24t00:30:00.000z'])(
    'API-5 %s is an instant',
    (text) => {
      expect(readDateTime(text, 'at').toISOString()).toBe('2026-11-24T00:30:00.000Z');
    },
  );

  it.each(['2026-11-24T06:00:00', '2026-11-24', '2026-02-30T00:00:00Z', '2026-11-24T25:00:00Z', '1764', ''])(
    'API-5 "%s" is none',
    (text) => {
      expect(codeOf(() => readDateTime(text, 'at'))).toBe('INVALID_SCHEDULED_TIME');
    },
  );

  it('SEC-6 a JSON object is bounded in depth, size and keys', () => {
    const nest = (levels: number): unknown => (levels === 0 ? 1 : { a: nest(levels - 1) });
    const parse = (value: unknown) => codeOf(() => JSONObject.parseValue(value));
    expect(parse(nest(8))).toBeNull();
    expect(parse(nest(9))).toBe('VALIDATION_ERROR');
    expect(parse({ list: Array.from({ length: 501 }, () => 1) })).toBe('VALIDATION_ERROR');
    expect(parse({ text: 'x'.repeat(33_000) })).toBe('VALIDATION_ERROR');
    expect(parse({ 'a.b': 1 })).toBe('VALIDATION_ERROR');
    expect(parse({ a: [{ $gt: 1 }] })).toBe('VALIDATION_ERROR');
    expect(parse(JSON.parse('{"__proto__": {"admin": true}}'))).toBe('VALIDATION_ERROR');
    for (const other of [null, 1, 'x', [1]]) expect(parse(other)).toBe('VALIDATION_ERROR');
  });
});

describe('readWhen', () => {
  const clock = new Clock();
  const when = (input: Partial<WhenInput>) =>
    readWhen({ gap: 'FORWARD', overlap: 'FIRST', ...input }, 'at', clock);

  it('API-6 keeps the zone, and resolves in it', () => {
    expect(when({ local: '2035-06-01T06:00', timezone: 'Asia/Kolkata' })).toMatchObject({
      dueAt: new Date('2035-06-01T00:30:00Z'),
      timezone: 'Asia/Kolkata',
    });
    expect(when({ instant: '2035-06-01T06:00:00Z' }).timezone).toBe('UTC');
  });

  it('CORE-15 a delay counts from now, by the engine clock', () => {
    const virtual = new Clock({ virtualStart: Date.UTC(2040, 0, 1), realStart: Date.now(), speed: 1 });
    const { dueAt } = readWhen({ gap: 'FORWARD', overlap: 'FIRST', after: '1h' }, 'at', virtual);
    expect(dueAt.getTime()).toBeGreaterThanOrEqual(Date.UTC(2040, 0, 1, 1));
  });

  it('CORE-10 a delay without end is refused', () => {
    expect(codeOf(() => when({ after: '999999999d' }))).toBe('INVALID_SCHEDULED_TIME');
  });
});

describe('readPage', () => {
  it('API-3 takes its own cursors only', () => {
    expect(codeOf(() => readPage({ first: 10, after: 'x' }))).toBe('VALIDATION_ERROR');
    expect(codeOf(() => readPage({ first: 201 }))).toBe('VALIDATION_ERROR');
    expect(readPage({ first: 200, after: null })).toEqual({ first: 200 });
  });
});

describe('Batch', () => {
  it('API-3 loads what one tick asks for at once, and remembers nothing', async () => {
    const loads: (readonly number[])[] = [];
    const batch = new Batch(async (keys: readonly number[]) => {
      loads.push(keys);
      return keys.map((key) => key * 2);
    });
    expect(await Promise.all([batch.load(1), batch.load(2), batch.load(1)])).toEqual([2, 4, 2]);
    expect(await batch.load(1)).toBe(2);
    expect(loads).toEqual([[1, 2, 1], [1]]);
  });

  it('tells everyone of an error', async () => {
    const batch = new Batch(async (_keys: readonly number[]): Promise<readonly number[]> => {
      throw new Error('away');
    });
    const results = await Promise.allSettled([batch.load(1), batch.load(2)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

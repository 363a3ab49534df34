import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildSchema, type ExecutionResult, parse } from 'graphql';
import type { Caller } from '../../src/core/index.js';
import { Ahead } from '../../src/graphql/crowds/ahead.js';
import { Crowd } from '../../src/graphql/crowds/crowd.js';
import { crowdKindOf } from '../../src/graphql/crowds/crowd-kind.js';
import type { Member } from '../../src/graphql/crowds/member.js';
import { shared, textOf } from '../../src/graphql/crowds/shared-text.js';

const item = (n: number) => ({ id: `event-${n}`, result: shared({ data: { n } }) });

/** Everything that waits for a member. */
async function taken(member: Member): Promise<number[]> {
  const { value } = await member.next();
  return [value, ...member.waiting()].map(
    (result) => (JSON.parse(textOf(result as ExecutionResult) ?? '') as { data: { n: number } }).data.n,
  );
}

describe('a crowd', () => {
  it('API-7 whoever joins behind an event, before or after the crowd has come to it, gets all that follow, once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.record({ place: fc.nat(28), at: fc.nat(29) }), { maxLength: 5 }),
        async (count, joins) => {
          const crowd = new Crowd();
          const members: { readonly place: number; readonly member: Promise<Member> }[] = [];
          for (let n = 0; n < count; n++) {
            for (const { place, at } of joins) {
              if (at !== n || place >= count - 1) continue;
              const now = crowd.join(`event-${place}`);
              const member = now ? Promise.resolve(now) : crowd.joinAt(`event-${place}`).member;
              members.push({ place, member });
            }
            crowd.tell([item(n)]);
          }
          for (const { place, member } of members) {
            const expected = Array.from({ length: count - 1 - place }, (_, i) => place + 1 + i);
            expect(await taken(await member)).toEqual(expected);
          }
        },
      ),
    );
  });

  it('SEC-3 a member that does not take is cut off after ten thousand, and is told so', async () => {
    const crowd = new Crowd();
    crowd.tell([item(0)]);
    const member = crowd.join('event-0');
    for (let n = 1; n <= 10_001; n++) crowd.tell([item(n)]);
    expect(member?.waiting()).toEqual([]);
    await expect(member?.next()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(await member?.next()).toEqual({ done: true, value: undefined });
  });

  it('who has left, or has given up to come, is told nothing', async () => {
    const crowd = new Crowd();
    crowd.tell([item(0)]);
    const member = crowd.join('event-0');
    if (!member) throw new Error('not let in');
    const admission = crowd.joinAt('event-1');
    admission.cancel();
    crowd.leave(member);
    crowd.tell([item(1), item(2)]);
    expect(await member.next()).toEqual({ done: true, value: undefined });
    expect(member.waiting()).toEqual([]);
    const late = await Promise.race([admission.member, Promise.resolve('nobody')]);
    expect(late).toBe('nobody');
  });

  it('ends for all of its members, with the error if there is one, after what waits', async () => {
    const crowd = new Crowd();
    crowd.tell([item(0)]);
    const [a, b] = [crowd.join('event-0'), crowd.join('event-0')];
    crowd.tell([item(1)]);
    crowd.end(new Error('over'));
    expect(crowd.join('event-0')).toBeNull();
    for (const member of [a, b]) {
      if (!member) throw new Error('not let in');
      expect(await taken(member)).toEqual([1]);
      await expect(member.next()).rejects.toThrow('over');
    }
  });
});

describe('the kind of a crowd', () => {
  const schema = buildSchema('type Query { a: Int } type Subscription { s(after: String, x: Int): Int }');
  const caller: Caller = { owner: 'o', role: 'VIEWER', scopes: null, credential: 'key:1', expiresAt: null };
  const kindOf = (query: string, variableValues: Record<string, unknown>, who: Partial<Caller> = {}) =>
    crowdKindOf({ schema, document: parse(query), variableValues }, { ...caller, ...who });
  const QUERY = 'subscription ($after: String, $x: Int) { s(after: $after, x: $x) }';
  const key = kindOf(QUERY, { x: 1 })?.key;

  it('API-7 API-10 is the same for who asks the same and may see the same, whatever the place and the key', () => {
    expect(key).toBeDefined();
    expect(kindOf(QUERY, { after: 'c', x: 1 })?.key).toBe(key);
    expect(kindOf(QUERY, { after: 'c', x: 1 })?.args.variableValues).toEqual({ x: 1 });
    expect(kindOf(QUERY, { x: 1 }, { credential: 'key:2', expiresAt: new Date() })?.key).toBe(key);
  });

  it.each<[string, string, Record<string, unknown>, Partial<Caller>]>([
    ['other variables', QUERY, { x: 2 }, {}],
    ['another text', QUERY.replace('s(', 'b: s('), { x: 1 }, {}],
    ['another owner', QUERY, { x: 1 }, { owner: 'p' }],
    ['another role', QUERY, { x: 1 }, { role: 'OPERATOR' }],
    ['other scopes', QUERY, { x: 1 }, { scopes: ['read'] }],
  ])('API-10 is another one with %s', (_name, query, variables, who) => {
    expect(kindOf(query, variables, who)?.key).not.toBe(key);
  });

  it('a place that is used for something else too, or is written in the text, is part of the kind', () => {
    const twice = 'subscription ($after: String, $x: Int) { s(after: $after, x: $x) @skip(if: $after) }';
    expect(kindOf(twice, { after: 'c' })?.key).not.toBe(kindOf(twice, { after: 'd' })?.key);
    expect(kindOf('subscription { s(after: "c") }', {})?.key).not.toBe(kindOf('subscription { s }', {})?.key);
    expect(kindOf('{ a }', {})).toBeNull();
  });
});

describe('looking ahead with a time limit', () => {
  it('loses nothing, whichever comes first', async () => {
    async function* slowly(): AsyncGenerator<number> {
      for (let n = 0; n < 3; n++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        yield n;
      }
    }
    const ahead = new Ahead(slowly());
    const seen: unknown[] = [];
    for (let misses = 0; seen.length < 3;) {
      const step = await ahead.within(misses % 3);
      if (step) seen.push(step.value);
      else misses++;
    }
    expect(seen).toEqual([0, 1, 2]);
    expect(await ahead.within(50)).toEqual({ done: true, value: undefined });
    expect(await ahead.next()).toEqual({ done: true, value: undefined });
  });
});

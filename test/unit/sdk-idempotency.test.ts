import { describe, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { readFileSync } from 'node:fs';
import {
  CancelDocument,
  CreateApiKeyDocument,
  DeliveriesDocument,
  PauseQueueDocument,
  ScheduleBulkDocument,
  ScheduleDocument,
} from '#sdk';
import { isRepeatable, REPEATABLE, withKeys } from '../../sdk/src/idempotency.js';
import { readOperation } from '../../sdk/src/operation.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const input = { channel: 'WHATSAPP', to: '+12025550123' };

/** Whether a request with these variables may be repeated, once it has got its keys. */
function repeatable(document: { toString(): string }, variables: Record<string, unknown> = {}): boolean {
  const operation = readOperation(document.toString());
  return isRepeatable(operation, withKeys(operation, variables));
}

describe('idempotency keys', () => {
  const schedule = readOperation(ScheduleDocument.toString());

  it('CORE-3 a creating mutation without a key gets a fresh UUID each time, and its input stays as it was', () => {
    const given = { input };
    const [first, second] = [withKeys(schedule, given), withKeys(schedule, given)];
    expect(first).toEqual({ input: { ...input, idempotencyKey: expect.stringMatching(UUID) } });
    expect(second).not.toEqual(first);
    expect(given).toEqual({ input: { channel: 'WHATSAPP', to: '+12025550123' } });
  });

  it("CORE-3 the caller's own key is kept; null is none", () => {
    const own = { input: { ...input, idempotencyKey: 'mine' } };
    expect(withKeys(schedule, own)).toEqual(own);
    const none = { input: { ...input, idempotencyKey: null } };
    expect(withKeys(schedule, none)).toEqual({
      input: { ...input, idempotencyKey: expect.stringMatching(UUID) },
    });
  });

  it('CORE-3 in bulk the list gets one key, from which the server makes one for each item', () => {
    const bulk = readOperation(ScheduleBulkDocument.toString());
    const items = [input, { ...input, idempotencyKey: 'mine' }];
    expect(withKeys(bulk, { input: { items } })).toEqual({
      input: { items, idempotencyKey: expect.stringMatching(UUID) },
    });
  });

  it('what takes no key gets none: other mutations, queries, values that are no input', () => {
    for (const [document, variables] of [
      [CancelDocument, { input: { id: 'x' } }],
      [DeliveriesDocument, { filter: { queue: 'x' } }],
      [ScheduleDocument, { input: null }],
      [ScheduleDocument, {}],
      ['query ($input: ScheduleInput!) { node(id: 1) { id } }', { input }],
    ] as const) {
      expect(withKeys(readOperation(document.toString()), variables)).toEqual(variables);
    }
  });
});

describe('what may be repeated', () => {
  it('queries; mutations with a key; mutations that say how something is to be', () => {
    expect(repeatable(DeliveriesDocument)).toBe(true);
    expect(repeatable('{ queues { name } }')).toBe(true);
    expect(repeatable(ScheduleDocument, { input })).toBe(true);
    expect(repeatable(PauseQueueDocument, { input: { name: 'x' } })).toBe(true);
  });

  it('no mutation that does something each time, and none that is not known', () => {
    expect(repeatable(CreateApiKeyDocument, { input: {} })).toBe(false);
    expect(repeatable(CancelDocument, { input: { id: 'x' } })).toBe(false);
    expect(repeatable('mutation { launch { errors { code } } }')).toBe(false);
  });

  it.each([
    [
      'a literal input, whose key the client does not see',
      'mutation { sendNow(input: { to: "x" }) { created } }',
    ],
    [
      'a second field',
      'mutation ($input: SendNowInput!) { sendNow(input: $input) { created } createApiKey(input: {}) { key } }',
    ],
    ['an alias', 'mutation ($input: SendNowInput!) { pauseQueue: createApiKey(input: $input) { key } }'],
    ['a key of another field', 'mutation ($input: SendNowInput!) { schedule(input: $other) { created } }'],
    ['a name in a string', 'mutation ($input: SendNowInput!) { launch(note: "} sendNow {") { created } }'],
    ['a name in a comment', '# query\nmutation { launch { id } }'],
    ['a fragment called query', 'fragment query on Run { id } mutation { launch { ...query } }'],
    [
      'a spread',
      'mutation ($input: SendNowInput!) { ...Launch } fragment Launch on Mutation { launch { id } }',
    ],
  ])('not with %s', (_name, text) => {
    expect(repeatable(text, { input })).toBe(false);
  });

  it('names only mutations that there are', () => {
    const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
    expect(Object.keys(schema.getMutationType()?.getFields() ?? {})).toEqual(
      expect.arrayContaining([...REPEATABLE]),
    );
  });
});

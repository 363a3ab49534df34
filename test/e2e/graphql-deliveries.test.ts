import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CancelDocument,
  DeliveriesDocument,
  DeliveryDocument,
  HistoryDocument,
  QueueDocument,
  QueuesDocument,
  RescheduleDocument,
  RetryFailedDocument,
  ScheduleBulkDocument,
  ScheduleDocument,
  type ScheduleInput,
  SendNowDocument,
  StatsDocument,
} from '#sdk';
import { query, type User, Users } from '../support/graphql.js';
import { startSystem, type System } from '../support/system.js';

let system: System;
let users: Users;
let alice: User;

beforeAll(async () => {
  system = await startSystem({ parts: { worker: false, sandbox: false } });
  users = new Users(system.url, system.core);
  alice = await users.make('alice');
});

afterAll(async () => {
  await users.close();
  await system.stop();
});

/** A message for tomorrow; nothing here is to be sent. */
function message(changes: Partial<ScheduleInput> = {}): ScheduleInput {
  return {
    at: { after: '1d' },
    queue: 'content-delivery',
    channel: 'WHATSAPP',
    to: '+91 98765 43210',
    content: { text: 'Good morning' },
    ...changes,
  };
}

async function errorsOf(input: ScheduleInput): Promise<readonly { code: string; path: string | null }[]> {
  const { schedule } = await alice.request(ScheduleDocument, { input });
  expect(schedule.delivery).toBeNull();
  return schedule.errors.map(({ code, path }) => ({ code, path: path ?? null }));
}

describe('schedule', () => {
  it('CORE-4 API-6 answers with the delivery, its instant in UTC and the offset', async () => {
    const at = { local: '2035-06-01T06:00', timezone: 'Asia/Kolkata' };
    const { schedule } = await alice.request(ScheduleDocument, { input: message({ at }) });
    expect(schedule.errors).toEqual([]);
    expect(schedule.created).toBe(true);
    expect(schedule.delivery).toMatchObject({
      owner: 'alice',
      state: 'SCHEDULED',
      to: '+919876543210',
      dueAt: '2035-06-01T00:30:00.000Z',
      timezone: 'Asia/Kolkata',
      offsetMinutes: 330,
    });
  });

  it('API-6 a local time in a gap or an overlap follows the policy, or is refused on request', async () => {
    const gap = { local: '2035-03-25T02:30', timezone: 'Europe/Paris' };
    const overlap = { local: '2035-10-28T02:30', timezone: 'Europe/Paris' };
    const due = async (at: ScheduleInput['at']) =>
      (await alice.request(ScheduleDocument, { input: message({ at }) })).schedule.delivery?.dueAt;
    expect(await due(gap)).toBe('2035-03-25T01:30:00.000Z');
    expect(await due(overlap)).toBe('2035-10-28T00:30:00.000Z');
    expect(await due({ ...overlap, overlap: 'SECOND' })).toBe('2035-10-28T01:30:00.000Z');
    expect(await errorsOf(message({ at: { ...gap, gap: 'REJECT' } }))).toEqual([
      { code: 'INVALID_SCHEDULED_TIME', path: 'at.local' },
    ]);
  });

  it('CORE-10 an unknown zone is INVALID_TIMEZONE', async () => {
    expect(await errorsOf(message({ at: { local: '2035-06-01T06:00', timezone: 'Asia/Atlantis' } }))).toEqual(
      [{ code: 'INVALID_TIMEZONE', path: 'at.timezone' }],
    );
  });

  it.each([
    ['the past', { instant: '2020-01-01T00:00:00Z' }, 'at.instant'],
    ['no offset', { instant: '2035-01-01T00:00:00' }, 'at.instant'],
    ['no instant', { instant: 'tomorrow' }, 'at.instant'],
    ['no such day', { local: '2035-02-30T06:00', timezone: 'UTC' }, 'at.local'],
  ])('CORE-10 %s is INVALID_SCHEDULED_TIME', async (_name, at, path) => {
    expect(await errorsOf(message({ at }))).toEqual([{ code: 'INVALID_SCHEDULED_TIME', path }]);
  });

  it.each<[string, Partial<ScheduleInput>, string, string]>([
    ['two times', { at: { after: '1h', instant: '2035-01-01T00:00:00Z' } }, 'VALIDATION_ERROR', 'at'],
    ['no time', { at: {} }, 'VALIDATION_ERROR', 'at'],
    ['a duration of months', { at: { after: 'P1M' } }, 'VALIDATION_ERROR', 'at.after'],
    ['no zone for a local time', { at: { local: '2035-01-01T00:00' } }, 'VALIDATION_ERROR', 'at.timezone'],
    ['no content', { content: {} }, 'VALIDATION_ERROR', 'content'],
    ['two contents', { content: { text: 'a', json: {} } }, 'VALIDATION_ERROR', 'content'],
    [
      'a content that the channel cannot carry',
      { content: { json: { a: 1 } } },
      'VALIDATION_ERROR',
      'content',
    ],
    ['a bad address', { to: 'nobody' }, 'VALIDATION_ERROR', 'to'],
    ['a channel that is not configured', { channel: 'VOICE' }, 'CHANNEL_NOT_FOUND', 'channel'],
    ['an unknown queue', { queue: 'nowhere' }, 'QUEUE_NOT_FOUND', 'queue'],
    [
      'an end before the beginning',
      { expiresAt: '2020-01-01T00:00:00Z' },
      'INVALID_SCHEDULED_TIME',
      'expiresAt',
    ],
    ['an empty key', { idempotencyKey: '' }, 'VALIDATION_ERROR', 'idempotencyKey'],
  ])('API-2 %s is data with a code and a path', async (_name, changes, code, path) => {
    expect(await errorsOf(message(changes))).toEqual([{ code, path }]);
  });

  it('CORE-3 the second schedule with a key returns the first delivery; another content is a conflict', async () => {
    const at = { instant: '2035-01-01T00:00:00Z' };
    const input = message({ at, idempotencyKey: 'once' });
    const first = await alice.request(ScheduleDocument, { input });
    const second = await alice.request(ScheduleDocument, { input });
    expect(second.schedule.delivery?.id).toBe(first.schedule.delivery?.id);
    expect(second.schedule.created).toBe(false);
    expect(await errorsOf({ ...input, content: { text: 'something else' } })).toEqual([
      expect.objectContaining({ code: 'IDEMPOTENCY_CONFLICT' }),
    ]);
  });

  it('CORE-3 the same key of two users makes two deliveries', async () => {
    const bob = await users.make('bob');
    const input = message({ idempotencyKey: 'shared' });
    const [a, b] = await Promise.all([alice, bob].map((user) => user.request(ScheduleDocument, { input })));
    expect(a?.schedule.delivery?.id).not.toBe(b?.schedule.delivery?.id);
    expect(b?.schedule.created).toBe(true);
  });
});

describe('the other mutations', () => {
  it('CORE-4 sendNow is due at once', async () => {
    const { at: _, ...input } = message();
    const { sendNow } = await alice.request(SendNowDocument, { input });
    expect(sendNow).toMatchObject({ errors: [], created: true, delivery: { state: 'QUEUED' } });
  });

  it('CORE-4 API-5 scheduleBulk accepts or refuses each item on its own', async () => {
    const items = [
      message(),
      message({ to: 'nobody' }),
      message({ at: { instant: 'soon' } }),
      message({ at: { local: '2035-06-01T06:00', timezone: 'Mars/Olympus' } }),
      message(),
    ];
    const { scheduleBulk } = await alice.request(ScheduleBulkDocument, { input: { items } });
    expect(scheduleBulk).toMatchObject({ accepted: 2, created: 2, refused: 3 });
    expect(scheduleBulk.deliveries?.map((delivery) => delivery !== null)).toEqual([
      true,
      false,
      false,
      false,
      true,
    ]);
    expect(scheduleBulk.errors.map(({ code, index, path }) => ({ code, index, path }))).toEqual([
      { code: 'VALIDATION_ERROR', index: 1, path: 'items[1].to' },
      { code: 'INVALID_SCHEDULED_TIME', index: 2, path: 'items[2].at.instant' },
      { code: 'INVALID_TIMEZONE', index: 3, path: 'items[3].at.timezone' },
    ]);
  });

  it('CORE-3 API-1 a bulk key makes a repetition return the first deliveries', async () => {
    const at = { instant: '2035-01-01T00:00:00Z' };
    const input = { items: [message({ at }), message({ at })], idempotencyKey: 'bulk' };
    const first = await alice.request(ScheduleBulkDocument, { input });
    const second = await alice.request(ScheduleBulkDocument, { input });
    expect(second.scheduleBulk).toMatchObject({
      accepted: 2,
      created: 0,
      deliveries: first.scheduleBulk.deliveries,
    });
  });

  it('API-2 an empty bulk is refused as a whole', async () => {
    const { scheduleBulk } = await alice.request(ScheduleBulkDocument, { input: { items: [] } });
    expect(scheduleBulk).toMatchObject({
      deliveries: null,
      errors: [{ code: 'VALIDATION_ERROR', path: 'items', index: null }],
    });
  });

  it('CORE-4 reschedule moves, cancel ends, and after that both answer INVALID_OPERATION with the state', async () => {
    const { schedule } = await alice.request(ScheduleDocument, { input: message() });
    const id = schedule.delivery?.id ?? '';
    const moved = await alice.request(RescheduleDocument, {
      input: { id, at: { instant: '2035-05-05T05:05:05Z' } },
    });
    expect(moved.reschedule.delivery).toMatchObject({
      id,
      dueAt: '2035-05-05T05:05:05.000Z',
      state: 'SCHEDULED',
    });
    const past = await alice.request(RescheduleDocument, {
      input: { id, at: { instant: '2020-05-05T05:05:05Z' } },
    });
    expect(past.reschedule.errors).toMatchObject([{ code: 'INVALID_SCHEDULED_TIME', path: 'at.instant' }]);
    const cancelled = await alice.request(CancelDocument, { input: { id } });
    expect(cancelled.cancel.delivery?.state).toBe('CANCELLED');
    const again = await alice.request(CancelDocument, { input: { id } });
    expect(again.cancel).toMatchObject({
      delivery: null,
      errors: [{ code: 'INVALID_OPERATION', message: expect.stringContaining('CANCELLED') }],
    });
    const late = await alice.request(RescheduleDocument, { input: { id, at: { after: '1h' } } });
    expect(late.reschedule.errors).toMatchObject([{ code: 'INVALID_OPERATION' }]);
    const { delivery } = await alice.request(DeliveryDocument, { id });
    expect(delivery?.history.map(({ state }) => state)).toEqual(['SCHEDULED', 'SCHEDULED', 'CANCELLED']);
  });

  it('API-8 CORE-26 retryFailed counts in a dry run, checks its limit, and finds nothing where nothing failed', async () => {
    const dry = await alice.request(RetryFailedDocument, { input: { dryRun: true } });
    expect(dry.retryFailed).toEqual({ matched: 0, retried: 0, run: null, dryRun: true, errors: [] });
    const wide = await alice.request(RetryFailedDocument, { input: { limit: 1_000_001 } });
    expect(wide.retryFailed).toMatchObject({
      matched: null,
      errors: [{ code: 'VALIDATION_ERROR', path: 'limit' }],
    });
  });
});

describe('reading', () => {
  it('API-3 pages go on where the last one ended, newest first, and hold each delivery once', async () => {
    const carol = await users.make('carol');
    const items = Array.from({ length: 7 }, () => message());
    await carol.request(ScheduleBulkDocument, { input: { items } });
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const {
        deliveries,
      }: {
        deliveries: {
          nodes: readonly { id: string }[];
          pageInfo: { hasNextPage: boolean; endCursor: string | null };
        };
      } = await carol.request(DeliveriesDocument, { first: 3, after });
      seen.push(...deliveries.nodes.map(({ id }) => id));
      after = deliveries.pageInfo.hasNextPage ? deliveries.pageInfo.endCursor : null;
    } while (after !== null);
    expect(new Set(seen).size).toBe(7);
    const cancelled = await carol.request(DeliveriesDocument, { filter: { states: ['CANCELLED'] } });
    expect(cancelled.deliveries.nodes).toEqual([]);
    const some = await carol.request(DeliveriesDocument, { filter: { ids: seen.slice(0, 2) } });
    expect(some.deliveries.nodes.map(({ id }) => id)).toEqual(seen.slice(0, 2));
  });

  it.each([
    ['first: 0', 'first'],
    ['first: 201', 'first'],
    ['after: "nonsense"', 'after'],
    ['filter: {dueFrom: "yesterday"}', 'filter.dueFrom'],
  ])('API-3 %s is VALIDATION_ERROR', async (argument, field) => {
    const answer = await query(system.url, alice.key, `{ deliveries(${argument}) { nodes { id } } }`);
    expect(answer.body.errors?.[0]?.extensions).toMatchObject({ code: 'VALIDATION_ERROR', field });
  });

  it('API-4 node finds by global id, and knows no other', async () => {
    const { schedule } = await alice.request(ScheduleDocument, { input: message() });
    const id = schedule.delivery?.id ?? '';
    const node = (wanted: string) =>
      query(system.url, alice.key, 'query ($id: ID!) { node(id: $id) { __typename id } }', { id: wanted });
    expect((await node(id)).body.data).toEqual({ node: { __typename: 'Delivery', id } });
    for (const other of [
      '',
      'x',
      `${id}=`,
      Buffer.from('Delivery:zz').toString('base64url'),
      Buffer.from('Owner:1').toString('base64url'),
    ]) {
      expect((await node(other)).body).toEqual({ data: { node: null } });
    }
  });

  it('CORE-43 CORE-44 stats and history tell of what was accepted', async () => {
    const dave = await users.make('dave');
    await dave.request(ScheduleDocument, { input: message() });
    const { stats } = await dave.request(StatsDocument, { window: { last: '10m' } });
    expect(stats).toMatchObject({
      accepted: 1,
      sent: 0,
      delayed: 1,
      successRate: null,
      lateness: null,
      counts: { scheduled: 1 },
    });
    const { history } = await dave.request(HistoryDocument, {
      series: 'DELIVERIES',
      window: { last: '10m' },
      bucket: '5m',
    });
    const accepted = history.flatMap(({ values }) => values.filter(({ name }) => name === 'accepted'));
    expect(accepted.reduce((sum, { value }) => sum + value, 0)).toBe(1);
  });

  it.each([
    '{ stats(window: {last: "400d"}) { sent } }',
    '{ stats(window: {last: "1h", from: "2035-01-01T00:00:00Z"}) { sent } }',
    '{ stats(window: {from: "2035-01-02T00:00:00Z", to: "2035-01-01T00:00:00Z"}) { sent } }',
    '{ history(series: SLA, bucket: "30s") { at } }',
    '{ history(series: SLA, window: {last: "300d"}, bucket: "1m") { at } }',
  ])('API-2 %s is VALIDATION_ERROR', async (text) => {
    expect((await query(system.url, alice.key, text)).code).toBe('VALIDATION_ERROR');
  });

  it('queues are listed; an unknown one is QUEUE_NOT_FOUND', async () => {
    const { queues } = await alice.request(QueuesDocument);
    expect(queues.map(({ name }) => name)).toContain('content-delivery');
    await expect(alice.request(QueueDocument, { name: 'nowhere' })).rejects.toMatchObject({
      code: 'QUEUE_NOT_FOUND',
    });
  });
});

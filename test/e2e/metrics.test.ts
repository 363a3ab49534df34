import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliveryUpdatedDocument, QueuesDocument, ScheduleBulkDocument } from '#sdk';
import { Attempt } from '../../src/core/delivery/attempt.entity.js';
import { Delivery } from '../../src/core/delivery/delivery.entity.js';
import { ADMIN } from '../support/engine.js';
import { type Family, parseExposition, valuesOf } from '../support/exposition.js';
import { query, type User, Users } from '../support/graphql.js';
import { startSystem, type System } from '../support/system.js';
import { until } from '../support/until.js';

let system: System;
let users: Users;
let operator: User;

const LANE = 'channel=WHATSAPP,queue=content-delivery';
const COUNT = 40;
const item = (own: object): object => ({
  queue: 'content-delivery',
  channel: 'WHATSAPP',
  to: '+919876543210',
  content: { text: 'hello' },
  ...own,
});

beforeAll(async () => {
  system = await startSystem();
  // Reports would go on moving what the test compares.
  const answer = await fetch(`${system.sandboxUrl}/_sandbox/behaviour/whatsapp`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ statuses: false }),
  });
  expect(answer.status).toBe(200);
  users = new Users(system.url, system.core);
  operator = await users.make('root', 'OPERATOR');
});
afterAll(async () => {
  await users.close();
  await system.stop();
});

function get(key?: string): Promise<Response> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  return fetch(`${system.url}/metrics`, { headers });
}

async function scrape(): Promise<Map<string, Family>> {
  return parseExposition(await (await get(operator.key)).text());
}

/** How many deliveries the database holds in each state. */
async function stored(): Promise<Map<string, number>> {
  const found = await system.core.database
    .collection(Delivery)
    .aggregate<{ _id: string; count: number }>([{ $group: { _id: '$state', count: { $sum: 1 } } }])
    .toArray();
  return new Map(found.map(({ _id, count }) => [_id, count]));
}

describe('CORE-45 /metrics', () => {
  it('API-10 CORE-45 is for operators', async () => {
    const [alice, viewer] = [await users.make('alice'), await users.make('alice', 'VIEWER')];
    expect((await get()).status).toBe(401);
    for (const { key } of [alice, viewer]) {
      const refused = await get(key);
      expect(refused.status).toBe(403);
      expect(await refused.text()).toContain('FORBIDDEN');
    }
    const answer = await get(operator.key);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('CORE-45 gauges and counters agree with the database, and counters only rise', async () => {
    const items = [
      ...Array.from({ length: COUNT }, (_, i) => item({ to: `+9198765432${10 + (i % 80)}` })),
      item({ at: { after: '1d' } }),
    ];
    const alice = await users.make('alice');
    const now = { after: '1s' };
    const { scheduleBulk } = await alice.request(ScheduleBulkDocument, {
      input: { items: items.map((one) => ({ at: now, ...one })) as never },
    });
    expect(scheduleBulk.errors).toEqual([]);
    const before = await scrape();
    await until(async () => {
      const states = await stored();
      return states.get('SCHEDULED') === 1 && !states.has('QUEUED') && !states.has('SENDING');
    });

    const families = await scrape();
    const states = await stored();
    const gauge = valuesOf(families, 'punctual_deliveries');
    for (const [key, value] of gauge) {
      const state = /state=(\w+)/.exec(key)?.[1] ?? '';
      expect([key, value]).toEqual([key, key.startsWith(LANE) ? (states.get(state) ?? 0) : 0]);
    }
    const accepted = await system.core.database.collection(Attempt).find({ outcome: 'ACCEPTED' }).toArray();
    const moves = valuesOf(families, 'punctual_delivery_moves_total');
    expect(moves.get(`${LANE},to=CREATED`)).toBe(COUNT + 1);
    expect(moves.get(`${LANE},to=SENT`)).toBe(accepted.length);
    expect(accepted).toHaveLength(COUNT);
    for (const name of ['punctual_lateness_seconds', 'punctual_provider_latency_seconds']) {
      const samples = families.get(name)?.samples ?? [];
      expect(samples.find((sample) => sample.name.endsWith('_count'))?.value).toBe(COUNT);
    }
    const lateness = families.get('punctual_lateness_seconds')?.samples ?? [];
    const below = lateness.find(({ labels }) => labels['le'] === '1.024')?.value;
    expect(below).toBe(accepted.filter(({ latenessMs }) => (latenessMs ?? 0) < 1_024).length);
    const sum = lateness.find((sample) => sample.name.endsWith('_sum'))?.value ?? 0;
    expect(sum).toBeCloseTo(accepted.reduce((s, { latenessMs }) => s + (latenessMs ?? 0), 0) / 1_000, 6);

    for (const [name, { type, samples }] of before) {
      if (type !== 'counter') continue;
      const later = valuesOf(families, name);
      for (const { value, labels } of samples) {
        const key = Object.entries(labels)
          .map(([label, text]) => `${label}=${text}`)
          .sort()
          .join(',');
        expect([name, key, (later.get(key) ?? -1) >= value]).toEqual([name, key, true]);
      }
    }
  });

  it('CORE-45 tells of channels, workers, alarms, health and this process', async () => {
    const families = await scrape();
    const value = (name: string, key = ''): number | undefined => valuesOf(families, name).get(key);
    expect(value('punctual_channel_breaker', 'channel=WHATSAPP,state=CLOSED')).toBe(1);
    expect(value('punctual_channel_breaker', 'channel=WHATSAPP,state=OPEN')).toBe(0);
    // A send that came too late for its token took another one.
    expect(value('punctual_channel_sent_today', 'channel=WHATSAPP')).toBeGreaterThanOrEqual(COUNT);
    expect(value('punctual_channel_day_limit', 'channel=WHATSAPP')).toBe(100_000);
    expect(value('punctual_workers')).toBe(1);
    expect([...valuesOf(families, 'punctual_worker_tokens_from_redis').values()]).toEqual([1]);
    expect([...valuesOf(families, 'punctual_worker_concurrency').values()]).toEqual([50]);
    // The one that is due in a day, and the next waves of the program.
    expect(value('punctual_alarms', 'state=waiting')).toBeGreaterThanOrEqual(1);
    expect(value('punctual_alarms', 'state=overdue')).toBe(0);
    expect(value('punctual_healthy')).toBe(1);
    expect(value('punctual_sla_target', 'policy=default')).toBe(0.99);
    expect(value('punctual_sla_overdue', 'policy=default')).toBe(0);
    const statuses = [...valuesOf(families, 'punctual_sla_status').values()];
    expect([statuses.length, statuses.filter((one) => one === 1).length]).toEqual([4, 1]);
    expect(families.get('punctual_health_reason')?.samples).toEqual([]);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(value('process_cpu_seconds_total')).toBeGreaterThan(0);
  });

  it('CORE-45 a reason not to be healthy is told by its code, while it holds', async () => {
    await system.core.channelStates.stop('WHATSAPP', 'HTTP_401');
    const key = 'code=CHANNEL_STOPPED,subject=WHATSAPP';
    const ill = await scrape();
    expect(valuesOf(ill, 'punctual_health_reason').get(key)).toBe(1);
    expect(valuesOf(ill, 'punctual_healthy').get('')).toBe(0);
    await system.core.channelStates.resume(ADMIN, 'WHATSAPP');
    expect(valuesOf(await scrape(), 'punctual_healthy').get('')).toBe(1);
  });

  it('CORE-45 operations are counted by the schema’s names, and never by those of clients', async () => {
    const count = async (key: string): Promise<number> =>
      valuesOf(await scrape(), 'punctual_graphql_operations_total').get(key) ?? 0;
    const key = (field: string, outcome = 'ok', kind = 'query', transport = 'http'): string =>
      `field=${field},kind=${kind},outcome=${outcome},transport=${transport}`;
    const before = await count(key('queues'));
    await operator.request(QueuesDocument);
    for (let i = 0; i < 3; i++)
      await query(system.url, operator.key, `query MyOwn${i} { alias${i}: queues { name } }`);
    await query(system.url, operator.key, 'query Bad { nonsense }');
    await query(system.url, operator.key, 'query Two { a: queues { name } b: channels { channel } }');
    await query(system.url, operator.key, '{ __typename }');
    expect(await count(key('queues'))).toBe(before + 4);
    expect(await count(key('none', 'failed', 'none'))).toBe(1);
    expect(await count(key('several'))).toBe(1);
    expect(await count(key('introspection'))).toBe(1);
    const text = await (await get(operator.key)).text();
    expect(text).not.toMatch(/MyOwn|alias\d|nonsense/);
  });

  it('CORE-45 open subscriptions and what they were told are counted, and closed ones are not', async () => {
    const open = 'field=deliveryUpdated,transport=websocket';
    const updates = operator.subscribe(DeliveryUpdatedDocument, { input: { queue: 'content-delivery' } });
    await updates.next();
    const during = await scrape();
    expect(valuesOf(during, 'punctual_subscriptions_open').get(open)).toBe(1);
    expect(
      valuesOf(during, 'punctual_subscription_events_total').get('field=deliveryUpdated'),
    ).toBeGreaterThan(0);
    expect(valuesOf(during, 'punctual_sockets_open').get('')).toBe(1);
    await updates.return?.(undefined);
    await operator.close();
    await until(async () => {
      const after = await scrape();
      return (
        valuesOf(after, 'punctual_subscriptions_open').get(open) === 0 &&
        valuesOf(after, 'punctual_sockets_open').get('') === 0
      );
    });
  });
});

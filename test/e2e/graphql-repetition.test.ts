import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CancelDocument, ScheduleDocument } from '#sdk';
import { type User, Users } from '../support/graphql.js';
import { startSystem, type System } from '../support/system.js';
import { until } from '../support/until.js';

let system: System;
let users: Users;
let alice: User;

beforeAll(async () => {
  system = await startSystem({ parts: { worker: false } });
  users = new Users(system.url, system.core);
  alice = await users.make('alice');
});

afterAll(async () => {
  await users.close();
  await system.stop();
});

const message = { channel: 'WHATSAPP', to: '+12025550123', content: { text: 'hello' } } as const;

describe('the same request again under its key', () => {
  it('CORE-3 after its instant, it still gets the first delivery; without a key a past instant is refused', async () => {
    const instant = new Date(Date.now() + 500).toISOString();
    const input = { ...message, at: { instant }, idempotencyKey: 'late' };
    const first = (await alice.request(ScheduleDocument, { input })).schedule;
    await until(() => Date.now() > Date.parse(instant));
    const again = (await alice.request(ScheduleDocument, { input })).schedule;
    expect(again).toMatchObject({ created: false, errors: [], delivery: { id: first.delivery?.id } });
    for (const key of [{ idempotencyKey: 'new' }, {}]) {
      const refused = (
        await alice.request(ScheduleDocument, { input: { ...message, at: { instant }, ...key } })
      ).schedule;
      expect(refused.errors).toMatchObject([{ code: 'INVALID_SCHEDULED_TIME' }]);
    }
  });

  it('CORE-3 with a delay, whose instant is another one each time, it gets the first delivery', async () => {
    const input = { ...message, at: { after: '30m' }, idempotencyKey: 'delay' };
    const first = (await alice.request(ScheduleDocument, { input })).schedule;
    const again = (await alice.request(ScheduleDocument, { input })).schedule;
    expect(again).toMatchObject({
      created: false,
      delivery: { id: first.delivery?.id, dueAt: first.delivery?.dueAt },
    });
    const other = (await alice.request(ScheduleDocument, { input: { ...input, at: { after: '31m' } } }))
      .schedule;
    expect(other.errors).toMatchObject([{ code: 'IDEMPOTENCY_CONFLICT', path: 'idempotencyKey' }]);
    const cancelled = await alice.request(CancelDocument, { input: { id: first.delivery?.id ?? '' } });
    expect(cancelled.cancel.delivery?.state).toBe('CANCELLED');
  });
});

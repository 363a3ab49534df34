import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeliveryDoc } from '../../src/core/delivery/delivery.entity.js';
import { type DeliveryState, OPEN, STATES } from '../../src/core/delivery/states.js';
import { Event } from '../../src/core/events/event.entity.js';
import { Run } from '../../src/core/schedule/run.entity.js';
import type { Person } from '../../src/core/schedule/task.js';
import { Tally } from '../../src/core/stats/tally.entity.js';
import { deliveryDoc } from '../support/delivery-doc.js';
import { ADMIN, createTestEngine, managerOf, type TestEngine } from '../support/engine.js';
import { until } from '../support/until.js';

const PHONE = '+919876543210';
/** Everything about the person that must be gone, each in a field of its own. */
const PERSONAL = [
  PHONE,
  'asha@example.com',
  'Asha Rao',
  'the biopsy',
  'the answer',
  'wamid.1',
  'customer 7',
  'no account',
];
const BY_ADDRESS: Person = { addresses: [PHONE], recipients: [] };
const NOW = { dryRun: false } as const;

let engine: TestEngine;

beforeAll(async () => (engine = await createTestEngine()));
afterAll(() => engine.stop());
beforeEach(() => engine.clear());

/** A delivery that knows the person in every field that can. */
function personal(own: Partial<DeliveryDoc> = {}): DeliveryDoc {
  return deliveryDoc({
    owner: 'me',
    createdAt: new Date(engine.clock.now() - 60_000),
    to: PHONE,
    recipient: 'Asha Rao',
    content: { kind: 'TEXT', text: 'the biopsy was benign' },
    fallback: [{ channel: 'EMAIL', to: 'asha@example.com', content: { kind: 'TEXT', text: 'the biopsy' } }],
    metadata: { customer: 'customer 7' },
    receipts: {
      messageId: 'wamid.1',
      respondedAt: new Date(),
      response: 'the answer',
      failure: 'no account',
    },
    lastError: { code: '131026', message: `${PHONE} has no account` },
    attempts: 1,
    ...own,
  });
}

async function store(...docs: DeliveryDoc[]): Promise<DeliveryDoc[]> {
  await engine.deliveries.insertMany(docs);
  await engine.attempts.insertMany(
    docs.map((doc) => ({
      _id: `${doc._id.toHexString()}-1`,
      delivery: doc._id,
      number: 1,
      fence: 1,
      channel: doc.channel,
      provider: 'p',
      worker: 'w',
      outcome: 'REFUSED' as const,
      startedAt: new Date(),
      endedAt: new Date(),
      latenessMs: null,
      waited: null,
      messageId: 'wamid.1',
      errorClass: 'PERMANENT' as const,
      errorCode: '131026',
      errorMessage: `${PHONE} has no account`,
    })),
  );
  return docs;
}

/** All that the database holds, as text. */
async function everything(): Promise<string> {
  const { database } = engine;
  const runs = await database.collection(Run).find().toArray();
  const events = await database.collection(Event).find().toArray();
  const deliveries = await engine.deliveries.find().toArray();
  return JSON.stringify([deliveries, await engine.attempts.find().toArray(), runs, events]);
}

const erase = (person = BY_ADDRESS, caller = managerOf('me')) =>
  engine.core.bulk.eraseRecipient(caller, person, NOW);

const QUIET = STATES.filter((state) => state !== 'SENDING');

describe('SEC-7 the erasure of a recipient', () => {
  it.each(QUIET)('SEC-7 leaves nothing of the person in a delivery that is %s', async (state) => {
    const [doc] = await store(personal({ state }));
    const { matched, changed, run } = await erase();
    expect({ matched, changed, status: run?.status }).toEqual({
      matched: 1,
      changed: 1,
      status: 'COMPLETED',
    });
    const text = await everything();
    for (const word of PERSONAL) expect(text).not.toContain(word);
    const isOpen = (OPEN as readonly DeliveryState[]).includes(state);
    const now = await engine.read(doc!);
    expect(now).toMatchObject({
      state: isOpen ? 'CANCELLED' : state,
      to: '',
      place: null,
      lastError: { code: '131026' },
    });
    expect(now.history.at(-1)).toMatchObject({ reason: 'ERASED', by: 'me' });
    expect(now.receipts?.respondedAt).toBeInstanceOf(Date);
  });

  it('SEC-7 moves no figure but those of what it cancels', async () => {
    await store(
      personal({ state: 'SENT' }),
      personal({ state: 'DEAD_LETTERED' }),
      personal({ state: 'QUEUED' }),
    );
    await erase();
    const events = await engine.database
      .collection(Event)
      .find({ type: /^delivery/ })
      .toArray();
    expect(events.map(({ type, reason, deliveries }) => [type, reason, deliveries.length])).toEqual([
      ['delivery.cancelled', 'ERASED', 1],
    ]);
    const tallies = await engine.database.collection(Tally).find({ owner: 'me' }).toArray();
    expect(tallies.length).toBeGreaterThan(0);
  });

  it('SEC-7 finds the person by address, by the address of another way, and by name', async () => {
    const [main, other, named, foreign] = await store(
      personal({ recipient: null, fallback: [] }),
      personal({
        to: '+12025550101',
        recipient: null,
        fallback: [{ channel: 'SMS', to: PHONE, content: { kind: 'TEXT', text: 'x' } }],
      }),
      personal({ to: '+12025550102', fallback: [] }),
      personal({ to: '+12025550103', recipient: 'Ravi', fallback: [] }),
    );
    expect(await erase()).toMatchObject({ matched: 2 });
    expect((await engine.read(main!)).to).toBe('');
    expect((await engine.read(other!)).to).toBe('');
    expect((await engine.read(named!)).recipient).toBe('Asha Rao');
    expect(await erase({ addresses: [], recipients: ['Asha Rao'] })).toMatchObject({ matched: 1 });
    expect((await engine.read(named!)).recipient).toBeNull();
    expect(await engine.read(foreign!)).toEqual(foreign);
  });

  it('SEC-7 CORE-5 reaches as far as the caller does', async () => {
    const [mine, yours] = await store(personal(), personal({ owner: 'you' }));
    expect(await erase()).toMatchObject({ matched: 1, changed: 1 });
    expect((await engine.read(mine!)).to).toBe('');
    expect((await engine.read(yours!)).to).toBe(PHONE);
    expect(await erase(BY_ADDRESS, ADMIN)).toMatchObject({ matched: 1, changed: 1 });
    expect((await engine.read(yours!)).to).toBe('');
  });

  it('SEC-7 done again changes nothing, and a dry run changes nothing at all', async () => {
    await store(personal(), personal({ state: 'SENT' }));
    const before = await everything();
    const dry = await engine.core.bulk.eraseRecipient(managerOf('me'), BY_ADDRESS, { dryRun: true });
    expect(dry).toEqual({ matched: 2, changed: 0, run: null });
    expect(await everything()).toBe(before);
    await erase();
    const after = await everything();
    expect(await erase()).toEqual({ matched: 0, changed: 0, run: null });
    expect(await everything()).toBe(after);
  });

  it('SEC-7 waits for an attempt that is under way, and then erases what it left', async () => {
    const [sending] = await store(personal({ state: 'SENDING', worker: 'w', fence: 1 }));
    const erasing = erase();
    const run = await until(() => engine.database.collection(Run).findOne({ type: 'erase-recipient' }));
    expect(run.status).toBe('RUNNING');
    expect((await engine.read(sending!)).to).toBe(PHONE);
    await engine.deliveries.updateOne({ _id: sending!._id }, { $set: { state: 'RETRYING', worker: null } });
    expect((await erasing).run).toMatchObject({ status: 'COMPLETED', changed: 1 });
    expect(await engine.read(sending!)).toMatchObject({ state: 'CANCELLED', to: '' });
  });

  it('SEC-7 holds against a second try by hand, and against what the provider still reports', async () => {
    const [failed, sent] = await store(
      personal({ state: 'FAILED' }),
      personal({ state: 'SENT', receipts: null }),
    );
    await erase();
    const revived = await engine.core.bulk.retryFailed(ADMIN, { ids: [failed!._id] }, { ...NOW, limit: 10 });
    expect(revived).toMatchObject({ matched: 0 });
    const report = {
      key: sent!._id.toHexString(),
      messageId: 'wamid.1',
      kind: 'RESPONDED' as const,
      at: new Date(),
      detail: 'the answer',
    };
    expect(await engine.core.receipts.apply([report])).toEqual({ applied: 1, unknown: 0 });
    expect((await engine.read(sent!)).state).toBe('RESPONDED');
    const text = await everything();
    for (const word of PERSONAL) expect(text).not.toContain(word);
  });

  it('SEC-7 of many goes on in a worker, and its run forgets the person in the end', async () => {
    const count = 2_001;
    await store(...Array.from({ length: count }, () => personal({ state: 'SENT' })));
    const { run, matched } = await erase();
    expect({ matched, status: run?.status }).toEqual({ matched: count, status: 'RUNNING' });
    await engine.core.tasks.goOn(new AbortController().signal);
    expect(await engine.database.collection(Run).findOne({ _id: run!._id })).toMatchObject({
      status: 'COMPLETED',
      changed: count,
      task: { kind: 'ERASE', person: null },
    });
    expect(await engine.deliveries.countDocuments({ to: '' })).toBe(count);
  });

  it('SEC-7 that is cancelled forgets the person too', async () => {
    await store(...Array.from({ length: 2_001 }, () => personal({ state: 'SENT' })));
    const { run } = await erase();
    await engine.core.runs.cancel(managerOf('me'), run!._id);
    const stored = await engine.database.collection(Run).findOne({ _id: run!._id });
    expect(stored).toMatchObject({ status: 'CANCELLED', task: { person: null } });
  });

  it('SEC-7 takes a person: nobody is no one', async () => {
    await expect(
      engine.core.bulk.eraseRecipient(ADMIN, { addresses: [], recipients: [] }, NOW),
    ).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  });
});

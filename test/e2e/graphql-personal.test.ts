import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isObjectType } from 'graphql';
import { UpsertAdvisorDocument } from '#sdk';
import { Attempt, AuditEntry, Delivery } from '../../src/core/index.js';
import { createSchema } from '../../src/graphql/schema.js';
import { PROGRAMS } from '../../src/programs/registry.js';
import { toGlobalId } from '../../src/schema/ids.js';
import { deliveryDoc } from '../support/delivery-doc.js';
import { query, type User, Users } from '../support/graphql.js';
import { startSystem, type System } from '../support/system.js';
import { wholeSelection } from '../support/whole-selection.js';

const schema = createSchema(PROGRAMS.flatMap((program) => program.resolvers));
const PHONE = '+919876543210';
const ERASE = `mutation ($input: EraseRecipientInput!) { eraseRecipient(input: $input) {
  matched erased dryRun run { id type status } errors { code path } } }`;
/** What no viewer may read, each in a field of its own. */
const PERSONAL = [
  ...[
    PHONE,
    '9876543',
    'Asha Rao',
    'asha',
    'wamid.secret',
    'the biopsy',
    'the answer',
    'a customer',
    'template-value',
  ],
];

let system: System;
let users: Users;
let manager: User;
let viewer: User;

beforeAll(async () => {
  system = await startSystem({ parts: { worker: false, sandbox: false } });
  users = new Users(system.url, system.core);
  [manager, viewer] = await Promise.all([users.make('alice'), users.make('alice', 'VIEWER')]);
});
afterAll(async () => {
  await users.close();
  await system.stop();
});

/** Everything about a node, as JSON text. */
async function everything(user: User, id: string, typename: string): Promise<string> {
  const type = schema.getType(typename);
  if (!isObjectType(type)) throw new Error(`no type ${typename}`);
  const text = `query ($id: ID!) { node(id: $id) { ... on ${typename} ${wholeSelection(type, 2)} } }`;
  const answer = await query(system.url, user.key, text, { id });
  expect(answer.body.errors).toBeUndefined();
  return JSON.stringify(answer.body.data);
}

async function storeDelivery(own: Parameters<typeof deliveryDoc>[0]): Promise<string> {
  const error = { code: '131026', message: `the user ${PHONE.slice(1)} (asha@example.com) has no account` };
  const doc = deliveryDoc({
    owner: 'alice',
    to: PHONE,
    recipient: 'Asha Rao',
    attempts: 1,
    state: 'DEAD_LETTERED',
    idempotencyKey: `invite-${PHONE}`,
    receipts: { messageId: 'wamid.secret', respondedAt: new Date(), response: 'the answer' },
    lastError: error,
    metadata: { customer: { name: 'a customer' } },
    ...own,
  });
  const { database } = system.core;
  await database.collection(Delivery).insertOne(doc);
  await database.collection(Attempt).insertOne({
    _id: `${doc._id.toHexString()}-1`,
    delivery: doc._id,
    number: 1,
    fence: 1,
    channel: 'WHATSAPP',
    provider: 'whatsapp-cloud',
    worker: 'w',
    outcome: 'REFUSED',
    startedAt: new Date(),
    endedAt: new Date(),
    latenessMs: null,
    messageId: 'wamid.secret',
    errorClass: 'PERMANENT',
    errorCode: error.code,
    errorMessage: error.message,
    waited: null,
  });
  return toGlobalId('Delivery', doc._id);
}

describe('SEC-7 personal data', () => {
  it.each([
    ['a text', { kind: 'TEXT', text: 'Dear Asha Rao, the biopsy was benign' } as const],
    ['a JSON body', { kind: 'JSON', body: { name: 'Asha Rao', result: 'the biopsy' } } as const],
    [
      'a template',
      {
        kind: 'TEMPLATE',
        name: 'daily_tip',
        language: 'en',
        components: [{ parameters: [{ type: 'text', text: 'template-value' }] }],
      } as const,
    ],
  ])('SEC-7 of a delivery of %s is for managers; a viewer reads its shape', async (_what, content) => {
    const id = await storeDelivery({ content });
    const [seen, all] = [await everything(viewer, id, 'Delivery'), await everything(manager, id, 'Delivery')];
    for (const text of PERSONAL) expect(seen).not.toContain(text);
    for (const text of [PHONE, 'Asha Rao', 'wamid.secret', 'the answer', 'a customer', 'asha@example.com'])
      expect(all).toContain(text);
    for (const text of ['+91***10', '***@example.com', content.kind, 'invite-+91***10', '131026'])
      expect(seen).toContain(text);
    if (content.kind === 'TEMPLATE') expect(seen).toContain('daily_tip');
  });

  it('SEC-7 is erased on request: from deliveries, from programs, for good, and without a word in the audit', async () => {
    const bob = await users.make('bob');
    const input = { externalId: 'a2', name: 'Asha Rao', phone: PHONE, email: 'asha@example.com' };
    const { upsertAdvisor } = await bob.request(UpsertAdvisorDocument, { input });
    const advisor = upsertAdvisor.advisor?.id ?? '';
    const recipient = Buffer.from(advisor, 'base64url').toString().slice('Advisor:'.length);
    const byProgram = await storeDelivery({ owner: 'bob', to: '+12025550101', recipient, state: 'SENT' });
    const byAddress = await storeDelivery({ owner: 'bob', recipient: null, state: 'SCHEDULED' });
    const foreign = await storeDelivery({});
    const erase = async (user: User, wanted: object) =>
      (await query(system.url, user.key, ERASE, { input: wanted })).body.data?.['eraseRecipient'];
    const anyForm = { address: ' +91 98765-43210 ' };
    expect(await erase(viewer, anyForm)).toMatchObject({ errors: [{ code: 'FORBIDDEN' }] });
    expect(await erase(bob, {})).toMatchObject({ errors: [{ code: 'VALIDATION_ERROR', path: 'address' }] });
    expect(await erase(bob, { recipient: ' ' })).toMatchObject({ errors: [{ path: 'recipient' }] });
    expect(await erase(bob, { ...anyForm, dryRun: true })).toMatchObject({
      matched: 1,
      erased: 0,
      run: null,
    });
    const done = { matched: 2, erased: 2, errors: [], run: { status: 'COMPLETED', type: 'erase-recipient' } };
    expect(await erase(bob, anyForm)).toMatchObject(done);
    for (const [id, type] of [
      [byProgram, 'Delivery'],
      [byAddress, 'Delivery'],
      [advisor, 'Advisor'],
    ] as const) {
      // The caller's own key stays: it keeps a repetition from being sent again, and what stands in it is the caller's choice.
      const left = (await everything(bob, id, type)).replace(`invite-${PHONE}`, '');
      for (const text of PERSONAL) expect(left).not.toContain(text);
    }
    expect(await everything(manager, foreign, 'Delivery')).toContain(PHONE);
    expect(await erase(bob, anyForm)).toMatchObject({ matched: 0, erased: 0, run: null });
    const { upsertAdvisor: again } = await bob.request(UpsertAdvisorDocument, { input });
    expect(again.advisor?.optedOut).toBe(true);
    const entries = await system.core.database
      .collection(AuditEntry)
      .find({ action: 'eraseRecipient' })
      .toArray();
    expect(entries).toHaveLength(6);
    for (const text of PERSONAL) expect(JSON.stringify(entries)).not.toContain(text);
  });

  it('SEC-7 of an advisor is for managers', async () => {
    const input = { externalId: 'a1', name: 'Asha Rao', phone: PHONE };
    const { upsertAdvisor } = await manager.request(UpsertAdvisorDocument, { input });
    const id = upsertAdvisor.advisor?.id ?? '';
    const seen = await everything(viewer, id, 'Advisor');
    for (const text of PERSONAL) expect(seen).not.toContain(text);
    expect(seen).toContain('+91***10');
    expect(await everything(manager, id, 'Advisor')).toContain(PHONE);
  });
});

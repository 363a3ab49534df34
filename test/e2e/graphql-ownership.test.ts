import { ObjectId } from '@mikro-orm/mongodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GraphQLID, isInterfaceType } from 'graphql';
import { UpsertAdvisorDocument, UpsertContentDocument } from '#sdk';
import { Alert, ApiKey, AuditEntry, Delivery, SlaViolation } from '../../src/core/index.js';
import { createSchema } from '../../src/graphql/schema.js';
import { PROGRAMS } from '../../src/programs/registry.js';
import { toGlobalId } from '../../src/schema/ids.js';
import { deliveryDoc } from '../support/delivery-doc.js';
import { postRaw, query, type User, Users } from '../support/graphql.js';
import { operationAt, type Place, placesOf } from '../support/schema-places.js';
import { startSystem, type System } from '../support/system.js';

const schema = createSchema(PROGRAMS.flatMap((program) => program.resolvers));
const nodeType = schema.getType('Node');
/** Kinds of objects that are everybody's. */
const SHARED = new Set(['Queue', 'ChannelState', 'Job']);

/** An id of each kind of object that bob has nothing to do with: alice's, or the operators'. */
const foreign = new Map<string, string>();
let system: System;
let users: Users;
let alice: User;
let bob: User;

beforeAll(async () => {
  system = await startSystem({ parts: { worker: false, sandbox: false } });
  users = new Users(system.url, system.core);
  [alice, bob] = await Promise.all([users.make('alice'), users.make('bob')]);
  const at = { after: '1d' };
  const message = {
    queue: 'content-delivery',
    channel: 'WHATSAPP',
    to: '+919876543210',
    content: { text: 'x' },
  };
  const scheduled = await mutate('schedule', { ...message, at }, 'delivery { id }');
  foreign.set('Delivery', (scheduled as { delivery: { id: string } }).delivery.id);
  const { upsertAdvisor } = await alice.request(UpsertAdvisorDocument, {
    input: { externalId: 'a1', name: 'Asha', phone: '+919876543210' },
  });
  foreign.set('Advisor', upsertAdvisor.advisor?.id ?? '');
  const { upsertContent } = await alice.request(UpsertContentDocument, {
    input: { externalId: 'tip', template: 'daily_tip', language: 'en', components: [] },
  });
  foreign.set('Content', upsertContent.content?.id ?? '');
  const daily = await mutate('scheduleDaily', { at }, 'wave { id run { id } }');
  const { wave } = daily as { wave: { id: string; run: { id: string } } };
  foreign.set('Wave', wave.id).set('Run', wave.run.id);
  const { database } = system.core;
  for (const [name, entity] of [
    ['Alert', Alert],
    ['SlaViolation', SlaViolation],
  ] as const) {
    const _id = new ObjectId();
    await database.collection(entity).insertOne({ _id, key: 'a foreign one' } as never);
    foreign.set(name, toGlobalId(name, _id));
  }
  for (const [name, entity] of [
    ['ApiKey', ApiKey],
    ['AuditEntry', AuditEntry],
  ] as const) {
    const found = await database.collection(entity).findOne({ owner: 'alice' });
    foreign.set(name, toGlobalId(name, found?._id ?? ''));
  }
});
afterAll(async () => {
  await users.close();
  await system.stop();
});

async function mutate(name: string, input: object, selection: string): Promise<unknown> {
  const capital = name.charAt(0).toUpperCase() + name.slice(1);
  const text = `mutation ($input: ${capital}Input!) { ${name}(input: $input) { ${selection} } }`;
  return (await query(system.url, alice.key, text, { input })).body.data?.[name];
}

/** What bob is answered who puts this id there: everything, but for what no two answers share. */
async function answer(place: Place, id: string): Promise<string> {
  const path = place.root === 'subscription' ? '/graphql/stream' : '/graphql';
  const { text } = await postRaw(system.url, operationAt(place, id), { key: bob.key, path });
  return text.replace(/"requestId":"[^"]*"/g, '').replaceAll(id, 'ID');
}

const PLACES = placesOf(schema, (type) => type === GraphQLID);

describe("API-10 CORE-5 somebody else's id is answered as an unknown one", () => {
  it('API-10 of every kind of object that is not everybody’s', () => {
    const kinds = isInterfaceType(nodeType) ? schema.getPossibleTypes(nodeType).map(({ name }) => name) : [];
    expect([...foreign.keys(), ...SHARED].sort()).toEqual([...new Set([...kinds, 'ApiKey'])].sort());
    for (const id of foreign.values())
      expect(Buffer.from(id, 'base64url').toString()).toMatch(/:[0-9a-f]{24}$/);
  });

  it.each(PLACES.map((place) => [place.root, place.field.name, place.path.join('.'), place] as const))(
    'API-10 in the %s %s, at %s',
    async (_root, _field, _path, place) => {
      for (const [kind, id] of foreign) {
        const unknown = toGlobalId(kind, new ObjectId());
        expect([kind, await answer(place, id)]).toEqual([kind, await answer(place, unknown)]);
      }
    },
  );

  it('API-10 where one’s own leads to a foreign one', async () => {
    const run = foreign.get('Run') ?? '';
    const doc = deliveryDoc({
      owner: 'bob',
      queue: 'content-delivery',
      run: new ObjectId(Buffer.from(run, 'base64url').toString().slice('Run:'.length)),
    });
    await system.core.database.collection(Delivery).insertOne(doc);
    const text = 'query ($id: ID!) { delivery(id: $id) { state run { id deliveries { nodes { id } } } } }';
    const { body } = await query(system.url, bob.key, text, { id: toGlobalId('Delivery', doc._id) });
    expect(body).toEqual({ data: { delivery: { state: 'QUEUED', run: null } } });
  });

  it('API-10 and alice’s own answers her, so that the difference would show', async () => {
    for (const kind of ['Delivery', 'Run', 'Advisor', 'Content', 'Wave']) {
      const id = foreign.get(kind);
      const text = 'query ($id: ID!) { node(id: $id) { __typename id } }';
      const { body } = await query(system.url, alice.key, text, { id });
      expect(body.data).toEqual({ node: { __typename: kind, id } });
    }
  });
});

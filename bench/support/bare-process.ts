import { MongoClient } from 'mongodb';
import { BareDriver } from './bare-driver.js';
import { serveParent } from './parent.js';

/** What the process of the bare driver calls is told. */
export interface BareInput {
  readonly uri: string;
  readonly database: string;
  readonly transactional: boolean;
}

/** What it says, in this order. */
export type BareSaid = { readonly kind: 'ready' } | { readonly kind: 'drained'; readonly ms: number };

serveParent(async (told, parent) => {
  const { uri, database, transactional } = told as BareInput;
  const client = await MongoClient.connect(uri, { writeConcern: { w: 'majority' }, maxPoolSize: 60 });
  const go = parent.go();
  parent.say({ kind: 'ready' } satisfies BareSaid);
  const drained = go
    .then(() => new BareDriver(client, database, transactional).drain())
    .then((ms) => parent.say({ kind: 'drained', ms } satisfies BareSaid))
    .catch(parent.fail);
  return async () => {
    await drained;
    await client.close();
  };
});

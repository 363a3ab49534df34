import { startEmbeddedMongod } from '../src/adapters/mongod/embedded-mongod.js';
import { findMongod } from '../src/adapters/mongod/find-mongod.js';
import { createInstantChannel } from './support/instant-channel.js';
import { createEngine } from './support/engine.js';
import { unlimited } from './support/unlimited.js';
import { mkdtempSync } from 'node:fs';
const found = await findMongod({ dataDir: '/work/main/.cache/punctual' });
const mongod = await startEmbeddedMongod({ dataDir: mkdtempSync('/tmp/try-'), binary: found.path, ephemeral: true });
try {
  const engine = await createEngine({ uri: mongod.uri, name: 'drain', channel: createInstantChannel(), queues: [{ name: 'q', maxInFlight: 100 }], limiter: unlimited });
  const items = Array.from({ length: 5000 }, (_, i) => ({ queue: 'q', channel: 'WHATSAPP' as const, to: 'https://example.org/' + i, content: { kind: 'TEXT' as const, text: 'hello ' + i }, dueAt: null }));
  await engine.core.deliveries.accept('me', items);
  const col = engine.database.client.db('drain').collection('deliveries');
  const all = (await col.find({}, { projection: { _id: 1 } }).toArray()).map((d) => d._id);
  const push = { history: { state: 'SENDING', at: new Date(), by: 'someworker' } };
  const full = { $set: { state: 'SENDING', worker: 'w' }, $inc: { fence: 1, attempts: 1 }, $push: push } as any;
  const back = { $set: { state: 'QUEUED', worker: null } } as any;
  async function time(name: string, u: any, filter: any = {}) {
    const ts: number[] = [];
    for (let i = 0; i < 6; i++) {
      const ids = all.slice(i * 500, i * 500 + 500);
      const session = engine.database.client.startSession(); session.startTransaction();
      const s = performance.now();
      await col.updateMany({ _id: { $in: ids }, ...filter }, u, { session });
      ts.push(performance.now() - s);
      await session.abortTransaction(); await session.endSession();
    }
    console.log(name, ts.map((x) => x.toFixed(0)).join(' '));
  }
  await time('full', full); 
  await time('full+state', full, { state: 'QUEUED' });
  await time('no push', { $set: full.$set, $inc: full.$inc });
  await time('set only note', { $set: { note: 1 } });
  await time('push only', { $push: push });
  await time('set state only', { $set: { state: 'SENDING' } });
  for (const ix of ['expiry', 'failed', 'run', 'idempotency', 'subject_period', 'owner_newest', 'ring', 'held', 'claim']) {
    await col.dropIndex(ix); await time('dropped ' + ix, full);
  }
  await engine.stop();
} finally { await mongod.stop(); }

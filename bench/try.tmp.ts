import { startEmbeddedMongod } from '../src/adapters/mongod/embedded-mongod.js';
import { findMongod } from '../src/adapters/mongod/find-mongod.js';
import { createInstantChannel } from './support/instant-channel.js';
import { createEngine } from './support/engine.js';
import { unlimited } from './support/unlimited.js';
import { mkdtempSync } from 'node:fs';
const N = Number(process.argv[2] ?? 20000);
const found = await findMongod({ dataDir: '/work/main/.cache/punctual' });
const dir = mkdtempSync('/tmp/try-');
const mongod = await startEmbeddedMongod({ dataDir: dir, binary: found.path, ephemeral: true });
try {
  const engine = await createEngine({ uri: mongod.uri, name: 'drain', channel: createInstantChannel(), queues: [{ name: 'q', maxInFlight: 100 }], limiter: unlimited });
  const items = Array.from({ length: N }, (_, i) => ({ queue: 'q', channel: 'WHATSAPP' as const, to: 'https://example.org/' + i, content: { kind: 'TEXT' as const, text: 'hello ' + i }, dueAt: null }));
  let t = performance.now();
  const res = await engine.core.deliveries.accept('me', items);
  console.log('accept', N / ((performance.now() - t) / 1000) | 0, '/s', res.filter(r => !r.ok).slice(0, 2));
  t = performance.now();
  const { Claimer } = await import('../src/core/dispatch/claim.js');
  const { OutcomeWriter } = await import('../src/core/outcome/outcome-writer.js');
  const { Recorder } = await import('../src/core/stats/recorder.js');
  for (const [C, m] of [[Claimer, 'claim'], [OutcomeWriter, 'write'], [Recorder,'record']] as const) {
    const orig = (C.prototype as any)[m];
    (C.prototype as any)[m] = async function (...a: any[]) { const s = performance.now(); const r = await orig.apply(this, a); console.log('  ' + (s - t | 0), C.name, (performance.now() - s).toFixed(1), m === 'claim' ? r.claimed.length : a[1].length); return r; };
  }
  await engine.start(); console.log('started', performance.now() - t);
  const caller = { owner: 'me', role: 'ADMIN', keyId: 'x' } as const;
  for (;;) {
    const c = (await engine.core.queues.get('q')).counts;
    if (c.SENT === N) break;
    if (performance.now() - t > 30000) { console.log(c); break; }
    await new Promise(r => setTimeout(r, 5));
  }
  console.log('drain', N / ((performance.now() - t) / 1000) | 0, '/s');
  console.log(JSON.stringify(await engine.core.stats.stats(caller, {}, { from: new Date(Date.now() - 600000), to: new Date(Date.now() + 60000) })));
  const one = (await engine.core.deliveries.list(caller, {}, { first: 1 })).items;
  console.log(one[0], await engine.core.deliveries.attemptsOf(one));
  await engine.stop();
} finally { await mongod.stop(); }

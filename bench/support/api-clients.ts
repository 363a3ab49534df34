import { Client } from 'undici';
import type { ClientsInput, ClientsSaid, Step } from './api-input.js';
import { type Parent, serveParent } from './parent.js';

/** Clients that each send a request as soon as the last one is answered. A step begins when the parent says go. */
serveParent((told, parent) => {
  run(told as ClientsInput, parent).catch(parent.fail);
  return Promise.resolve(() => Promise.resolve());
});

let unique = 0;

async function run({ steps, seconds }: ClientsInput, parent: Parent): Promise<void> {
  for (const step of steps) {
    await parent.go();
    const before = await ask(step, seconds / 10);
    const latencies = await ask(step, seconds);
    parent.say({ latencies, asked: before.length + latencies.length } satisfies ClientsSaid);
  }
}

async function ask(step: Step, seconds: number): Promise<number[]> {
  const until = performance.now() + seconds * 1_000;
  const latencies: number[] = [];
  await Promise.all(
    step.keys.map(async (key) => {
      const client = new Client(step.url, { pipelining: 1 });
      while (performance.now() < until) {
        const beganAt = performance.now();
        const { statusCode, body } = await client.request({
          path: '/graphql',
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
          body: bodyOf(step),
        });
        const text = await body.text();
        latencies.push(performance.now() - beganAt);
        if (statusCode !== 200 || text.includes('"errors":[{'))
          throw new Error(`${step.name} was answered with ${statusCode}: ${text.slice(0, 500)}`);
      }
      await client.close();
    }),
  );
  return latencies;
}

function bodyOf({ query, variables, unique: isUnique }: Step): string {
  if (!isUnique) return JSON.stringify({ query, variables });
  const idempotencyKey = `${process.pid}-${unique++}`;
  return JSON.stringify({
    query,
    variables: { input: { ...(variables['input'] as object), idempotencyKey } },
  });
}

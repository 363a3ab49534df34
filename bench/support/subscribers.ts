import { WebSocket } from 'ws';
import { type Parent, serveParent } from './parent.js';
import type { SubscribersInput, SubscribersSaid } from './subscription-input.js';

/** Sockets that are opened at the same time. */
const AT_ONCE = 50;
/** Every so many-th arrival's latency is kept. */
const SAMPLE = 20;
/** What comes in this time after go does not count, in ms. */
const WARM_UP_MS = 3_000;
/** How long the one that did not read may take to find out how it stands, in ms. */
const SLOW_MS = 20_000;
const OCCURRED = '"occurredAt":"';

/** Sockets that speak graphql-transport-ws, each with one subscription. The last one stops reading after its snapshot. */
serveParent(async (told, parent) => {
  const input = told as SubscribersInput;
  const count = new Arrivals();
  const sockets: Subscriber[] = [];
  for (let i = 0; i < input.sockets; i += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, input.sockets - i) }, (_, j) => {
      const key = input.keys[(i + j) % input.keys.length] ?? '';
      return new Subscriber(input, key, count);
    });
    await Promise.all(some.map((one) => one.ready));
    sockets.push(...some);
  }
  const slow = sockets.pop();
  slow?.pause();
  measure(input, count, sockets, slow, parent).catch(parent.fail);
  parent.say({ kind: 'open', pid: process.pid } satisfies SubscribersSaid);
  return () => {
    for (const socket of sockets) socket.end();
    return Promise.resolve();
  };
});

async function measure(
  { seconds }: SubscribersInput,
  count: Arrivals,
  sockets: readonly Subscriber[],
  slow: Subscriber | undefined,
  parent: Parent,
): Promise<void> {
  await parent.go();
  await delay(WARM_UP_MS);
  count.begin();
  await delay(seconds * 1_000);
  const { received, latencies } = count.end();
  const closed = sockets.filter((socket) => socket.told !== null).length;
  parent.say({ kind: 'measured', received, latencies, closed } satisfies SubscribersSaid);
  if (!slow) return;
  slow.resume();
  const until = performance.now() + SLOW_MS;
  while (slow.told === null && performance.now() < until) await delay(50);
  const told = slow.told ?? 'nothing: it goes on';
  parent.say({ kind: 'slow', received: slow.received, told } satisfies SubscribersSaid);
}

/** What arrives over all sockets that read. */
class Arrivals {
  #received = 0;
  #latencies: number[] = [];

  begin(): void {
    this.#received = 0;
    this.#latencies = [];
  }

  end(): { received: number; latencies: readonly number[] } {
    return { received: this.#received, latencies: this.#latencies };
  }

  add(text: string): void {
    if (++this.#received % SAMPLE !== 0) return;
    const at = text.indexOf(OCCURRED) + OCCURRED.length;
    this.#latencies.push(Date.now() - Date.parse(text.slice(at, text.indexOf('"', at))));
  }
}

/** One socket with one subscription. */
class Subscriber {
  readonly ready: Promise<void>;
  readonly #socket: WebSocket;
  /** The close code and its reason, or the code of the subscription's last error; null while it goes on. */
  told: string | null = null;
  received = 0;

  constructor({ url, query }: SubscribersInput, key: string, count: Arrivals) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    this.#socket = socket;
    const ready = Promise.withResolvers<undefined>();
    this.ready = ready.promise;
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }));
    });
    socket.on('message', (data) => {
      const text = (data as Buffer).toString('utf8');
      if (text.includes('"type":"connection_ack"'))
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
      else if (text.includes('"errors":[') || text.includes('"type":"error"'))
        this.told ??= /"code":"(\w+)"/.exec(text)?.[1] ?? text;
      else if (text.includes('"snapshot":true')) ready.resolve(undefined);
      else if (text.includes('"type":"next"')) {
        this.received += 1;
        count.add(text);
      }
    });
    socket.on('close', (code, reason) => {
      this.told ??= `closed with ${code} ${reason.toString('utf8')}`.trim();
      ready.reject(new Error(`a socket was ${this.told}`));
    });
    socket.on('error', (error) => ready.reject(error));
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.terminate();
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

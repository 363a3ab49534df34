import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { startSandbox, type Sandbox } from '../../src/adapters/sandbox/sandbox.js';

const SECRET = 'app-secret';

interface Status {
  id: string;
  status: string;
  timestamp: string;
  recipient_id: string;
  biz_opaque_callback_data?: string;
  errors?: { code: number }[];
}

interface Value {
  messaging_product: string;
  metadata: { display_phone_number: string; phone_number_id: string };
  statuses?: Status[];
  messages?: { context: { id: string }; from: string; type: string }[];
  contacts?: { wa_id: string }[];
}

interface Webhook {
  object: string;
  entry: { id: string; changes: { field: string; value: Value }[] }[];
}

/** Punctual's end of the webhooks: keeps what came with a good signature, and answers what it is told. */
interface Receiver {
  url: string;
  status: number;
  webhooks: Webhook[];
  badSignatures: number;
  connections: number;
  server: Server;
}

async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const expected = `sha256=${createHmac('sha256', SECRET).update(raw).digest('hex')}`;
      if (request.headers['x-hub-signature-256'] !== expected) receiver.badSignatures += 1;
      else if (receiver.status === 200) receiver.webhooks.push(JSON.parse(raw.toString()) as Webhook);
      response.writeHead(receiver.status).end();
    });
  });
  server.on('connection', () => (receiver.connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/whatsapp`;
  const receiver: Receiver = { url, status: 200, webhooks: [], badSignatures: 0, connections: 0, server };
  return receiver;
}

let receiver: Receiver;
let sandbox: Sandbox;

beforeEach(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({
    port: 0,
    webhooks: { whatsapp: { url: receiver.url, appSecret: SECRET } },
  });
  await put('behaviour', { latencyMs: 0, latencyP99Ms: 0, throttlePerSecond: 0, statusDelayMs: 20 });
});

afterEach(async () => {
  await sandbox.stop();
  receiver.server.closeAllConnections();
  receiver.server.close();
  await once(receiver.server, 'close');
});

async function put(subject: 'behaviour' | 'callbacks', body: object): Promise<void> {
  const answer = await fetch(`${sandbox.url}/_sandbox/${subject}/whatsapp`, {
    method: 'PUT',
    body: JSON.stringify(body),
  });
  expect([answer.status, await answer.text()]).toEqual([200, expect.any(String)]);
}

async function message(key: string, to = '+919876543210', phoneNumberId = '1065'): Promise<string> {
  const answer = await fetch(`${sandbox.url}/v20.0/${phoneNumberId}/messages`, {
    method: 'POST',
    headers: { authorization: 'Bearer token' },
    body: JSON.stringify({
      messaging_product: 'whatsapp',
      to,
      type: 'text',
      text: { body: 'Hello' },
      biz_opaque_callback_data: key,
    }),
  });
  const body = (await answer.json()) as { messages: [{ id: string }] };
  return body.messages[0].id;
}

interface Counts {
  url: string | null;
  pending: number;
  delivered: number;
  retries: number;
  lost: number;
}

async function counts(): Promise<Counts> {
  return (await (await fetch(`${sandbox.url}/_sandbox/callbacks/whatsapp`)).json()) as Counts;
}

/** Asks again until the counts are as wanted; the test's own timeout is the limit. */
async function until(wanted: (counts: Counts) => boolean): Promise<Counts> {
  for (;;) {
    const now = await counts();
    if (wanted(now)) return now;
    await pause(10);
  }
}

const values = (): Value[] =>
  receiver.webhooks.flatMap(({ entry }) => entry).flatMap(({ changes }) => changes.map(({ value }) => value));
const statuses = (): Status[] => values().flatMap((value) => value.statuses ?? []);

describe('status webhooks of the sandbox', () => {
  it('CORE-46 sends sent and delivered, signed, in the shape of Meta', async () => {
    const id = await message('dlv_1');
    await until(({ delivered }) => delivered === 2);
    expect(receiver.badSignatures).toBe(0);
    expect(receiver.webhooks[0]).toEqual({
      object: 'whatsapp_business_account',
      entry: [
        {
          id: expect.any(String),
          changes: [
            {
              field: 'messages',
              value: {
                messaging_product: 'whatsapp',
                metadata: { display_phone_number: expect.any(String), phone_number_id: '1065' },
                statuses: expect.any(Array),
              },
            },
          ],
        },
      ],
    });
    expect(statuses()).toEqual(
      ['sent', 'delivered'].map((status) => ({
        id,
        status,
        timestamp: expect.stringMatching(/^\d{10}$/),
        recipient_id: '919876543210',
        biz_opaque_callback_data: 'dlv_1',
      })),
    );
  });

  it('CORE-46 sends read and a reply that names the message, at their rates', async () => {
    await put('behaviour', { readRate: 1, replyRate: 1 });
    const id = await message('dlv_1');
    await until(({ delivered }) => delivered === 4);
    expect(statuses().map(({ status }) => status)).toEqual(['sent', 'delivered', 'read']);
    const reply = values().find(({ messages }) => messages);
    expect(reply?.messages).toMatchObject([{ context: { id }, from: '919876543210', type: 'text' }]);
    expect(reply?.contacts).toMatchObject([{ wa_id: '919876543210' }]);
  });

  it('CORE-46 sends failed with 131026 for a recipient who turns out to be unknown', async () => {
    await message('dlv_1', '+919876540410');
    await until(({ delivered }) => delivered === 1);
    expect(statuses()).toMatchObject([{ status: 'failed', errors: [{ code: 131026 }] }]);
  });

  it('CORE-46 sends statuses twice and out of order when told to', async () => {
    await put('behaviour', { readRate: 1, statusDuplicateRate: 1, statusShuffle: true, statusDelayMs: 60 });
    for (let i = 0; i < 10; i += 1) await message(`dlv_${i}`);
    await until(({ delivered }) => delivered === 60);
    const firsts = new Set<string>();
    for (let i = 0; i < 10; i += 1) {
      const own = statuses().filter((status) => status.biz_opaque_callback_data === `dlv_${i}`);
      expect(own.map(({ status }) => status).sort()).toEqual([
        'delivered',
        'delivered',
        'read',
        'read',
        'sent',
        'sent',
      ]);
      firsts.add(own[0]?.status ?? '');
    }
    expect(firsts.size).toBeGreaterThan(1);
  });

  it('CORE-46 puts many statuses into one POST, 50 at most, over few connections', async () => {
    await put('behaviour', { statusDelayMs: 200 });
    await Promise.all(
      Array.from({ length: 300 }, (_, i) => message(`dlv_${i}`, '+919876543210', `${i % 2}`)),
    );
    await until(({ delivered }) => delivered === 600);
    const sizes = receiver.webhooks.map(
      ({ entry }) =>
        entry.flatMap(({ changes }) => changes.flatMap(({ value }) => value.statuses ?? [])).length,
    );
    expect(Math.max(...sizes)).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(50);
    expect(receiver.connections).toBeLessThanOrEqual(4);
    expect(new Set(values().map(({ metadata }) => metadata.phone_number_id))).toEqual(new Set(['0', '1']));
  });

  it('CORE-46 tries again when the receiver answers an error or is away', async () => {
    receiver.status = 500;
    await message('dlv_1');
    await until(({ retries }) => retries >= 1);
    const { url } = receiver;
    await put('callbacks', { url: 'http://127.0.0.1:9/' });
    await until(({ retries }) => retries >= 3);
    receiver.status = 200;
    await put('callbacks', { url });
    await until(({ delivered, pending }) => delivered === 2 && pending === 0);
    expect(
      statuses()
        .map(({ status }) => status)
        .sort(),
    ).toEqual(['delivered', 'sent']);
  });

  it('sends statuses for what was accepted before a reset, and none for what was not', async () => {
    await put('behaviour', { resetAfterAcceptRate: 1 });
    await expect(message('accepted')).rejects.toThrow();
    await put('behaviour', { resetAfterAcceptRate: 0, resetRate: 1 });
    await expect(message('lost')).rejects.toThrow();
    await until(({ delivered }) => delivered === 2);
    expect(new Set(statuses().map((status) => status.biz_opaque_callback_data))).toEqual(
      new Set(['accepted']),
    );
  });

  it('sends nothing when statuses are off or there is nowhere to send them', async () => {
    await put('behaviour', { statuses: false });
    await message('a');
    expect(await counts()).toMatchObject({ url: receiver.url, pending: 0 });
    await put('behaviour', { statuses: true });
    await put('callbacks', { url: null });
    await message('b');
    expect(await counts()).toEqual({ url: null, pending: 0, delivered: 0, retries: 0, lost: 0 });
  });

  it('is pointed at a receiver while it runs, and never shows the secret', async () => {
    const bare = await startSandbox({ port: 0 });
    try {
      const answer = await fetch(`${bare.url}/_sandbox/callbacks/whatsapp`, {
        method: 'PUT',
        body: JSON.stringify({ url: receiver.url, appSecret: SECRET }),
      });
      expect(await answer.text()).not.toContain(SECRET);
    } finally {
      await bare.stop();
    }
  });
});

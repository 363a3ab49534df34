import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createWebhookChannel } from '../../src/adapters/channels/webhook.js';
import type { Channel, Content } from '../../src/core/channel/channel.js';
import { channelContract, type ChannelTraits, HTTP_STATUSES } from '../support/channel-contract.js';
import {
  answer,
  hang,
  type ReceivedRequest,
  resetAfter,
  type ScriptedHttpServer,
  startScriptedHttpServer,
} from '../support/scripted-http-server.js';

const KEY = '65f000000000000000000001';
const OLD = Buffer.alloc(24, 1);
const NEW = Buffer.alloc(32, 2);
const secret = (key: Buffer): string => `whsec_${key.toString('base64')}`;
const JSON_CONTENT: Content = { kind: 'JSON', body: { hello: 'wörld' } };
const NEVER = new AbortController().signal;
const NOW = Date.UTC(2026, 10, 23, 6, 0, 0, 999);

function open(options: { allowPrivate?: boolean; secrets?: readonly string[] } = {}): Channel {
  return createWebhookChannel({
    secrets: options.secrets ?? [secret(NEW)],
    allowPrivate: options.allowPrivate ?? true,
    realNow: () => NOW,
    http: { connections: 16 },
  });
}

const TRAITS: ChannelTraits = {
  statuses: HTTP_STATUSES,
  behaviours: ['STATUS', 'HANG', 'RESET_AFTER_REQUEST', 'RESET_ON_CONNECT', 'REFUSE'],
  messageIds: false,
  unauthorised: 'PERMANENT',
  goodAddresses: [
    ['https://example.org', 'https://example.org/'],
    ['HTTPS://Example.ORG:443/a?b=c#d', 'https://example.org/a?b=c'],
    ['http://127.0.0.1:8080/hook', 'http://127.0.0.1:8080/hook'],
  ],
  badAddresses: [
    '',
    'example.org/hook',
    'ftp://example.org/',
    'file:///etc/passwd',
    'https://user:password@example.org/',
    'https://',
    `https://example.org/${'x'.repeat(2048)}`,
  ],
  badContents: [
    { kind: 'TEMPLATE', name: 'a', language: 'en', components: [] },
    { kind: 'EMAIL', subject: 'a', text: 'b' },
    { kind: 'TEXT', text: 'ü'.repeat(131_073) },
  ],
};

channelContract('webhook', TRAITS, async () => {
  const server = await startScriptedHttpServer();
  return {
    channel: open(),
    to: `${server.origin}/hooks/acme?token=hush`,
    content: JSON_CONTENT,
    secretParts: ['127.0.0.1', String(server.port), 'acme', 'hush'],
    connections: () => server.connections(),
    keys: () => Promise.resolve(server.requests.map(({ headers }) => headers['webhook-id'] ?? null)),
    async behave(behaviour) {
      server.onConnect(null);
      if (behaviour.kind === 'ACCEPT') server.react(answer(204));
      else if (behaviour.kind === 'HANG') server.react(hang);
      else if (behaviour.kind === 'RESET_AFTER_REQUEST') server.react(resetAfter(''));
      else if (behaviour.kind === 'RESET_ON_CONNECT') server.onConnect((socket) => socket.resetAndDestroy());
      else if (behaviour.kind === 'REFUSE') await server.refuse();
      else {
        const { status, retryAfterSeconds } = behaviour;
        const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
        server.react(answer(status, `no, ${server.origin}/hooks/acme`, headers));
      }
    },
    stop: () => server.stop(),
  };
});

describe('webhook channel', () => {
  let server: ScriptedHttpServer;
  let channel: Channel;

  beforeEach(async () => {
    server = await startScriptedHttpServer();
    channel = open();
  });
  afterEach(async () => {
    await channel.close();
    await server.stop();
  });

  const use = async (next: Channel): Promise<void> => {
    await channel.close();
    channel = next;
  };
  const send = (content: Content = JSON_CONTENT, to = `${server.origin}/hook`) =>
    channel.send({ key: KEY, to, content, attempt: 1 }, NEVER);
  const received = (): ReceivedRequest => {
    const [request] = server.requests;
    if (!request) throw new Error('nothing was received');
    return request;
  };
  const signature = (key: Buffer, { headers, body }: ReceivedRequest): string => {
    const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
  };

  it('SEC-5 signs as Standard Webhooks says', async () => {
    expect(await send()).toEqual({ outcome: 'ACCEPTED', messageId: null });
    const request = received();
    expect(request).toMatchObject({
      method: 'POST',
      path: '/hook',
      body: '{"hello":"wörld"}',
      headers: {
        'content-type': 'application/json',
        'webhook-id': KEY,
        'webhook-timestamp': String(Math.floor(NOW / 1000)),
      },
    });
    expect(request.headers['webhook-signature']).toBe(signature(NEW, request));
  });

  it('SEC-5 signs with both secrets during a rotation', async () => {
    await use(open({ secrets: [secret(NEW), secret(OLD)] }));
    await send();
    const request = received();
    expect(request.headers['webhook-signature']).toBe(
      `${signature(NEW, request)} ${signature(OLD, request)}`,
    );
  });

  it('carries text as text', async () => {
    await send({ kind: 'TEXT', text: 'नमस्ते' });
    expect(received()).toMatchObject({
      body: 'नमस्ते',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
  });

  it.each([
    ['none', []],
    ['three', [secret(NEW), secret(OLD), secret(NEW)]],
    ['one without its prefix', [NEW.toString('base64')]],
    ['one that is no base64', ['whsec_!!!!aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa']],
    ['one that is too short', [secret(Buffer.alloc(23))]],
    ['one that is too long', [secret(Buffer.alloc(65))]],
  ])('CORE-51 refuses secrets: %s', (_title, secrets) => {
    expect(() => open({ secrets })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it('SEC-5 does not follow a redirect', async () => {
    server.react(answer(302, '', { location: `${server.origin}/elsewhere` }));
    expect(await send()).toMatchObject({ errorClass: 'PERMANENT', code: '302' });
    expect(server.requests).toHaveLength(1);
  });

  it('CORE-24 410 is PERMANENT, and a 2xx is accepted whatever its body', async () => {
    server.react(answer(410));
    expect(await send()).toMatchObject({ errorClass: 'PERMANENT', code: '410' });
    server.react(resetAfter('HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nhal'));
    expect(await send()).toMatchObject({ outcome: 'ACCEPTED' });
    server.react(answer(200, 'x'.repeat(10_000_000)));
    expect(await send()).toMatchObject({ outcome: 'ACCEPTED' });
  });

  describe('SEC-5 without allowPrivate', () => {
    beforeEach(() => use(open({ allowPrivate: false })));

    it.each([
      'http://example.org/',
      'https://127.0.0.1/',
      'https://0x7f.1/',
      'https://2130706433/',
      'https://[::1]/',
      'https://[::ffff:10.0.0.1]/',
      'https://10.0.0.1/',
      'https://169.254.169.254/latest/meta-data/',
      'https://100.64.0.1/',
    ])('refuses the address %s', (raw) => {
      expect(channel.address(raw)).toMatchObject({ ok: false });
    });

    it('takes an https address with a name', () => {
      expect(channel.address('https://example.org/hook')).toMatchObject({ ok: true });
    });

    it.each(['localhost', '127.0.0.1', '[::1]', '[::ffff:127.0.0.1]'])(
      'does not connect to %s, however it came there',
      async (host) => {
        for (const scheme of ['http', 'https']) {
          // More than there are connections, so that some wait in line.
          const sends = Array.from({ length: 40 }, () =>
            send(JSON_CONTENT, `${scheme}://${host}:${server.port}/hook`),
          );
          for (const result of await Promise.all(sends)) {
            expect(result).toMatchObject({ errorClass: 'PERMANENT', code: 'ADDRESS_NOT_PUBLIC' });
          }
        }
        expect(server.opened()).toBe(0);
      },
    );
  });
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createWhatsAppChannel } from '../../src/adapters/channels/whatsapp.js';
import { startSandbox } from '../../src/adapters/sandbox/sandbox.js';
import type { Channel, Content } from '../../src/core/channel/channel.js';
import {
  channelContract,
  type ChannelSubject,
  type ChannelTraits,
  HTTP_STATUSES,
  type ProviderBehaviour,
} from '../support/channel-contract.js';
import {
  answer,
  hang,
  type Reaction,
  resetAfter,
  type ScriptedHttpServer,
  startScriptedHttpServer,
} from '../support/scripted-http-server.js';

const TO = '+919876543210';
const TEMPLATE: Content = {
  kind: 'TEMPLATE',
  name: 'daily_content',
  language: 'en_US',
  components: [{ type: 'body', parameters: [{ type: 'text', text: 'Asha' }] }],
};
const NEVER = new AbortController().signal;

const TRAITS: ChannelTraits = {
  statuses: HTTP_STATUSES,
  behaviours: ['STATUS', 'HANG', 'RESET_AFTER_REQUEST', 'RESET_ON_CONNECT', 'REFUSE'],
  messageIds: true,
  unauthorised: 'UNAUTHORISED',
  goodAddresses: [
    ['+91 98765-43210', '+919876543210'],
    ['+1 (213) 373-4253', '+12133734253'],
    ['+49 151.123.45678', '+4915112345678'],
  ],
  badAddresses: [
    '',
    '+',
    '919876543210',
    '09876543210',
    '+0919876543210',
    '+9112345',
    '+910000000000',
    '+15555550100',
    '+9999999999',
    '+1 213 373 4253 ext 5',
    'tel:+919876543210',
    'call +919876543210',
    '+919876543210 or +919876543211',
    '+９１９８７６５４３２１０',
    `+91${'9'.repeat(1000)}`,
    'somebody@example.org',
  ],
  badContents: [
    { kind: 'JSON', body: {} },
    { kind: 'EMAIL', subject: 'a', text: 'b' },
    { kind: 'TEXT', text: '' },
    { kind: 'TEXT', text: ' \n' },
    { kind: 'TEXT', text: 'x'.repeat(4097) },
    { ...TEMPLATE, name: '' },
    { ...TEMPLATE, name: 'Daily Content' },
    { ...TEMPLATE, language: '' },
    { ...TEMPLATE, language: 'English' },
    { ...TEMPLATE, components: [{ parameters: [] }] },
  ],
};

function channelAt(baseUrl: string): Channel {
  return createWhatsAppChannel({
    baseUrl,
    accessToken: 'token-1',
    phoneNumberId: '106540352242922',
    limits: { perSecond: 80, perDay: 100_000, zone: 'Asia/Kolkata' },
    onUnknownOutcome: 'HOLD',
  });
}

function accepted(id = 'wamid.1'): string {
  return JSON.stringify({ messaging_product: 'whatsapp', messages: [{ id }] });
}

/** An error in Meta's shape, with the recipient's number in it as Meta's sometimes have. */
function metaError(code: number): string {
  const message = `(#${code}) An error about ${TO}`;
  return JSON.stringify({ error: { message, type: 'OAuthException', code, fbtrace_id: 'A1' } });
}

/** Meta's likely code for a status. */
const CODES: Readonly<Record<number, number>> = { 400: 100, 401: 190, 404: 100, 429: 130429, 500: 131000 };

channelContract('WhatsApp, provider on bare sockets', TRAITS, async () => {
  const server = await startScriptedHttpServer();
  const react = (reaction: Reaction): void => {
    server.onConnect(null);
    server.react(reaction);
  };
  react(answer(200, accepted()));
  return {
    channel: channelAt(server.origin),
    to: TO,
    content: TEMPLATE,
    secretParts: ['9876543210', '98765'],
    connections: () => server.connections(),
    keys: () =>
      Promise.resolve(
        server.requests
          .filter(({ method }) => method === 'POST')
          .map(({ body }) => keyOf(JSON.parse(body) as Record<string, unknown>)),
      ),
    async behave(behaviour) {
      await behaveOnSockets(server, react, behaviour);
    },
    stop: () => server.stop(),
  };
});

function keyOf(body: Record<string, unknown>): string | null {
  const key = body['biz_opaque_callback_data'];
  return typeof key === 'string' ? key : null;
}

async function behaveOnSockets(
  server: ScriptedHttpServer,
  react: (reaction: Reaction) => void,
  behaviour: ProviderBehaviour,
): Promise<void> {
  if (behaviour.kind === 'ACCEPT') react(answer(200, accepted()));
  else if (behaviour.kind === 'HANG') react(hang);
  else if (behaviour.kind === 'RESET_AFTER_REQUEST') react(resetAfter(''));
  else if (behaviour.kind === 'RESET_ON_CONNECT') server.onConnect((socket) => socket.resetAndDestroy());
  else if (behaviour.kind === 'REFUSE') await server.refuse();
  else {
    const { status, retryAfterSeconds } = behaviour;
    const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
    react(answer(status, metaError(CODES[status] ?? 2), headers));
  }
}

channelContract(
  'WhatsApp, sandbox',
  { ...TRAITS, behaviours: ['STATUS', 'HANG', 'RESET_AFTER_REQUEST', 'REFUSE'] },
  async (): Promise<ChannelSubject> => {
    const sandbox = await startSandbox({ port: 0, accessTokens: { whatsapp: 'token-1' } });
    const put = async (behaviour: object): Promise<void> => {
      const response = await fetch(`${sandbox.url}/_sandbox/behaviour/whatsapp`, {
        method: 'PUT',
        body: JSON.stringify({ errorRate: 0, hangRate: 0, resetRate: 0, ...behaviour }),
      });
      expect(response.status).toBe(200);
    };
    await put({ latencyMs: 0, latencyP99Ms: 0, throttlePerSecond: 0 });
    let stopped = false;
    const stop = async (): Promise<void> => {
      if (stopped) return;
      stopped = true;
      await sandbox.stop();
    };
    return {
      channel: channelAt(`${sandbox.url}/`),
      to: TO,
      content: TEMPLATE,
      secretParts: ['9876543210'],
      async keys() {
        const response = await fetch(`${sandbox.url}/_sandbox/ledger?channel=whatsapp`);
        const lines = (await response.text()).split('\n').filter((line) => line !== '');
        return lines.map((line) => (JSON.parse(line) as { key: string | null }).key);
      },
      async behave(behaviour) {
        if (behaviour.kind === 'REFUSE') await stop();
        else if (behaviour.kind === 'HANG') await put({ hangRate: 1 });
        else if (behaviour.kind === 'RESET_AFTER_REQUEST') await put({ resetRate: 1 });
        else if (behaviour.kind === 'STATUS') {
          const { status, retryAfterSeconds = 1 } = behaviour;
          await put({ errorRate: 1, errorStatus: status, retryAfterSeconds });
        } else await put({});
      },
      stop,
    };
  },
);

describe('WhatsApp channel', () => {
  let server: ScriptedHttpServer;
  let channel: Channel;

  beforeEach(async () => {
    server = await startScriptedHttpServer();
    channel = channelAt(`${server.origin}/proxy/`);
  });
  afterEach(async () => {
    await channel.close();
    await server.stop();
  });

  const send = (content: Content = TEMPLATE) =>
    channel.send({ key: '65f000000000000000000001', to: TO, content, attempt: 1 }, NEVER);

  it('CORE-21 sends a template as the Cloud API has it, below the base URL’s own path', async () => {
    server.react(answer(200, accepted('wamid.abc')));
    expect(await send()).toEqual({ outcome: 'ACCEPTED', messageId: 'wamid.abc' });
    const [request] = server.requests;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/proxy/v25.0/106540352242922/messages',
      headers: { authorization: 'Bearer token-1', 'content-type': 'application/json' },
    });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: TO,
      biz_opaque_callback_data: '65f000000000000000000001',
      type: 'template',
      template: {
        name: 'daily_content',
        language: { code: 'en_US' },
        components: [{ type: 'body', parameters: [{ type: 'text', text: 'Asha' }] }],
      },
    });
  });

  it('sends a text', async () => {
    server.react(answer(200, accepted()));
    await send({ kind: 'TEXT', text: 'नमस्ते' });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({
      type: 'text',
      text: { body: 'नमस्ते' },
    });
  });

  it.each([
    [400, 130429, 'THROTTLED'],
    [400, 131056, 'THROTTLED'],
    [400, 131026, 'PERMANENT'],
    [400, 190, 'UNAUTHORISED'],
    [403, 10, 'UNAUTHORISED'],
    [403, 131031, 'UNAUTHORISED'],
    [403, 130497, 'PERMANENT'],
    [400, 131016, 'RETRYABLE'],
    [503, 555555, 'RETRYABLE'],
    [400, 555555, 'PERMANENT'],
  ])('CORE-24 HTTP %i with Meta’s code %i is %s', async (status, code, errorClass) => {
    server.react(answer(status, metaError(code)));
    expect(await send()).toEqual({
      outcome: 'REFUSED',
      errorClass,
      code: String(code),
      message: `(#${code}) An error about ***`,
    });
  });

  it('CORE-24 an error that is not Meta’s goes by its status', async () => {
    server.react(answer(403, '<html>proxy</html>'));
    expect(await send()).toMatchObject({ errorClass: 'PERMANENT', code: '403' });
  });

  it.each(['', '<html>hello</html>', '{}', '{"messages":[]}', '{"messages":[{"id":7}]}'])(
    'CORE-29 a success with %j for a body is UNKNOWN',
    async (body) => {
      server.react(answer(200, body));
      expect(await send()).toMatchObject({ outcome: 'REFUSED', errorClass: 'UNKNOWN', code: '200' });
    },
  );

  it('CORE-29 a success that is cut short is UNKNOWN', async () => {
    server.react(resetAfter('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"messages":[{"id":"wam'));
    expect(await send()).toMatchObject({ outcome: 'REFUSED', errorClass: 'UNKNOWN' });
  });

  it('opens connections ahead of a wave', async () => {
    await channel.warmUp?.();
    expect(server.connections()).toBe(16);
  });
});

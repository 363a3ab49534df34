import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createEmailChannel } from '../../src/adapters/channels/email.js';
import { startSandbox } from '../../src/adapters/sandbox/sandbox.js';
import type { Channel, Content } from '../../src/core/channel/channel.js';
import { channelContract, type ChannelSubject, type ChannelTraits } from '../support/channel-contract.js';
import {
  closeQuietly,
  hang,
  type ReceivedMail,
  reply,
  reset,
  type ScriptedSmtpServer,
  type Stage,
  startScriptedSmtpServer,
} from '../support/scripted-smtp-server.js';
import { until } from '../support/until.js';

const KEY = '65f000000000000000000001';
const TO = 'ann.lee@example.org';
const MAIL: Content = { kind: 'EMAIL', subject: 'Hello', text: 'Good morning.' };
const NEVER = new AbortController().signal;

function channelAt(url: string): Channel {
  return createEmailChannel({
    url,
    from: Object.freeze({ name: 'Punctual', address: 'punctual@sender.example' }),
    limits: { zone: 'UTC' },
    connections: 16,
  });
}

/** The delivery's key in a `Message-ID`, which has to hold nothing else of the delivery. */
function keyOf(messageId: string | null | undefined): string | null {
  return /^<(.+)@punctual\.sender\.example>$/.exec(messageId ?? '')?.[1] ?? null;
}

const TRAITS: ChannelTraits = {
  behaviours: ['STATUS', 'HANG', 'RESET_AFTER_REQUEST', 'RESET_ON_CONNECT', 'REFUSE'],
  statuses: {
    throttled: 454,
    retryAfter: false,
    retryable: [421, 450, 451, 452],
    permanent: [550, 552, 553, 554],
    unauthorised: 535,
  },
  messageIds: true,
  unauthorised: 'UNAUTHORISED',
  goodAddresses: [
    ['ann@example.org', 'ann@example.org'],
    [' Ann.Lee+news@EXAMPLE.Org ', 'Ann.Lee+news@example.org'],
    ['ann@bücher.example', 'ann@xn--bcher-kva.example'],
  ],
  badAddresses: [
    '',
    'ann',
    'ann@',
    '@example.org',
    'ann@example',
    'ann@example.org\r\nBcc: all@example.org',
    'ann@example.org\n',
    'Ann <ann@example.org>',
    'ann@example.org, bob@example.org',
    '"ann lee"@example.org',
    'añn@example.org',
    'ann@[127.0.0.1]',
    'ann@127.0.0.1',
    'ann@ex%61mple.org',
    'ann@-example.org',
    'ann..lee@example.org',
    `${'a'.repeat(65)}@example.org`,
    `ann@${'a.'.repeat(130)}org`,
  ],
  badContents: [
    { kind: 'JSON', body: {} },
    { kind: 'TEMPLATE', name: 'a', language: 'en', components: [] },
    { kind: 'TEXT', text: ' \n' },
    { kind: 'EMAIL', subject: '', text: 'a' },
    { kind: 'EMAIL', subject: 'a', text: '' },
    { kind: 'EMAIL', subject: 'a\r\nBcc: all@example.org', text: 'a' },
    { kind: 'EMAIL', subject: 'x'.repeat(256), text: 'a' },
    { kind: 'EMAIL', subject: 'a', text: 'a', html: 'ü'.repeat(131_073) },
  ],
};

channelContract('e-mail, server on bare sockets', TRAITS, async () => {
  const server = await startScriptedSmtpServer();
  return {
    channel: channelAt(`smtp://127.0.0.1:${server.port}`),
    to: TO,
    content: MAIL,
    secretParts: ['ann', 'lee', 'example.org'],
    connections: () => server.connections(),
    keys: () => Promise.resolve(server.mails.map(({ headers }) => keyOf(headers['message-id']))),
    async behave(behaviour) {
      server.react('CONNECT', null);
      server.react('MESSAGE', null);
      if (behaviour.kind === 'HANG') server.react('MESSAGE', hang);
      else if (behaviour.kind === 'RESET_AFTER_REQUEST') server.react('MESSAGE', reset);
      else if (behaviour.kind === 'RESET_ON_CONNECT') server.react('CONNECT', reset);
      else if (behaviour.kind === 'REFUSE') await server.refuse();
      else if (behaviour.kind === 'STATUS') {
        const { status } = behaviour;
        const text = status === 454 ? 'sending rate exceeded' : `no, <${TO}> at example.org, Ann.Lee`;
        server.react('MESSAGE', reply(`${status} ${text}`));
      }
    },
    stop: () => server.stop(),
  };
});

channelContract(
  'e-mail, sandbox',
  {
    ...TRAITS,
    behaviours: ['STATUS', 'HANG', 'RESET_AFTER_REQUEST', 'REFUSE'],
    statuses: { ...TRAITS.statuses, throttled: 450, retryable: [421, 451, 452] },
  },
  async (): Promise<ChannelSubject> => {
    const sandbox = await startSandbox({ port: 0 });
    const put = async (behaviour: object): Promise<void> => {
      const response = await fetch(`${sandbox.url}/_sandbox/behaviour/email`, {
        method: 'PUT',
        body: JSON.stringify({ errorRate: 0, throttleRate: 0, hangRate: 0, resetRate: 0, ...behaviour }),
      });
      expect(response.status).toBe(200);
    };
    await put({ latencyMs: 0, latencyP99Ms: 0 });
    let stopped = false;
    const stop = async (): Promise<void> => {
      if (stopped) return;
      stopped = true;
      await sandbox.stop();
    };
    return {
      channel: channelAt(sandbox.smtpUrl),
      to: TO,
      content: MAIL,
      secretParts: ['ann', 'example.org'],
      async keys() {
        const response = await fetch(`${sandbox.url}/_sandbox/ledger?channel=email`);
        const lines = (await response.text()).split('\n').filter((line) => line !== '');
        return lines.map((line) => keyOf((JSON.parse(line) as { key: string | null }).key));
      },
      async behave(behaviour) {
        if (behaviour.kind === 'REFUSE') await stop();
        else if (behaviour.kind === 'HANG') await put({ hangRate: 1 });
        else if (behaviour.kind === 'RESET_AFTER_REQUEST') await put({ resetRate: 1 });
        else if (behaviour.kind !== 'STATUS') await put({});
        else if (behaviour.status === 450) await put({ throttleRate: 1 });
        else await put({ errorRate: 1, errorStatus: behaviour.status });
      },
      stop,
    };
  },
);

describe('e-mail channel', () => {
  let server: ScriptedSmtpServer;
  let channel: Channel;

  beforeEach(async () => {
    server = await startScriptedSmtpServer();
    channel = channelAt(`smtp://127.0.0.1:${server.port}`);
  });
  afterEach(async () => {
    await channel.close();
    await server.stop();
  });

  const use = async (url: string): Promise<void> => {
    await channel.close();
    channel = channelAt(url);
  };
  const send = (content: Content = MAIL, signal = NEVER) =>
    channel.send({ key: KEY, to: TO, content, attempt: 1 }, signal);
  const received = (): ReceivedMail => {
    const [mail] = server.mails;
    if (!mail) throw new Error('nothing was received');
    return mail;
  };

  it('CORE-29 sends a mail whose Message-ID is the delivery’s key', async () => {
    expect(await send()).toEqual({ outcome: 'ACCEPTED', messageId: 'Q1' });
    expect(received()).toMatchObject({
      from: 'punctual@sender.example',
      to: TO,
      headers: {
        'message-id': `<${KEY}@punctual.sender.example>`,
        from: 'Punctual <punctual@sender.example>',
        to: TO,
        subject: 'Hello',
        'auto-submitted': 'auto-generated',
        'content-type': 'text/plain; charset=utf-8',
      },
      body: expect.stringContaining('Good morning.'),
    });
    expect(received().headers).not.toHaveProperty('x-mailer');
  });

  it('carries HTML beside the text, and other scripts in both', async () => {
    await send({ kind: 'EMAIL', subject: 'नमस्ते', text: 'नमस्ते', html: '<p>नमस्ते</p>' });
    const { headers, body } = received();
    expect(headers['subject']).toBe('=?UTF-8?B?4KSo4KSu4KS44KWN4KSk4KWH?=');
    expect(headers['content-type']).toMatch(/^multipart\/alternative;/);
    expect(body.indexOf('text/plain')).toBeGreaterThan(0);
    expect(body.indexOf('text/html')).toBeGreaterThan(body.indexOf('text/plain'));
  });

  it.each([
    ['one line', 'Good morning', 'Good morning'],
    ['the first of several', '\n  Good\tmorning \nAnn', 'Good morning'],
    ['a long one', 'word '.repeat(30), `${'word '.repeat(15).trim()}…`],
    ['a long word', 'w'.repeat(100), `${'w'.repeat(77)}…`],
  ])('carries TEXT under a subject from its first line: %s', async (_title, text, subject) => {
    expect(channel.check({ kind: 'TEXT', text })).toBeNull();
    await send({ kind: 'TEXT', text });
    const { headers } = received();
    const encoded = /^=\?UTF-8\?Q\?(.*)\?=$/.exec(
      (headers['subject'] ?? '').replace(/\?= =\?UTF-8\?Q\?/g, ''),
    );
    expect(
      encoded
        ? decodeURIComponent((encoded[1] ?? '').replaceAll('_', ' ').replaceAll('=', '%'))
        : headers['subject'],
    ).toBe(subject);
  });

  it('text that looks like the end of the mail is sent as text', async () => {
    await send({ kind: 'EMAIL', subject: 'a', text: 'one\r\n.\r\nMAIL FROM:<x@example.org>\r\n' });
    expect(server.mails).toHaveLength(1);
    expect(server.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(1);
    expect(received().body).toContain('\r\n..\r\nMAIL FROM');
  });

  it.each<[Stage, string]>([
    ['EHLO', 'EHLO'],
    ['MAIL', 'MAIL'],
    ['RCPT', 'RCPT'],
    ['DATA', 'DATA'],
  ])('CORE-29 time that is up at %s is RETRYABLE: the message was not sent', async (stage, command) => {
    server.react(stage, hang);
    const time = new AbortController();
    const sending = send(MAIL, time.signal);
    await until(() => server.commands.some((line) => line.startsWith(command)));
    time.abort();
    expect(await sending).toMatchObject({ errorClass: 'RETRYABLE', code: 'ETIMEDOUT' });
    await until(() => server.connections() === 0);
  });

  it.each<Stage>(['EHLO', 'MAIL', 'RCPT', 'DATA'])(
    'CORE-24 a connection that ends at %s is RETRYABLE',
    async (stage) => {
      server.react(stage, closeQuietly);
      expect(await send()).toMatchObject({ errorClass: 'RETRYABLE' });
    },
  );

  it('CORE-29 one that ends in place of the answer is UNKNOWN', async () => {
    server.react('MESSAGE', closeQuietly);
    expect(await send()).toMatchObject({ errorClass: 'UNKNOWN' });
    expect(server.mails).toHaveLength(1);
  });

  it('CORE-24 a server that says goodbye in place of the answer has not taken the message', async () => {
    server.react('MESSAGE', reply('421 4.3.2 going down'));
    expect(await send()).toMatchObject({ errorClass: 'RETRYABLE', code: '421 4.3.2' });
  });

  it('an idle connection that the server has closed costs no attempt', async () => {
    await send();
    server.dropConnections();
    await until(() => server.connections() === 0);
    expect(await send()).toMatchObject({ outcome: 'ACCEPTED' });
    expect(server.opened()).toBe(2);
  });

  it('keeps its connection from mail to mail', async () => {
    for (let n = 0; n < 5; n += 1) await send();
    expect(server.opened()).toBe(1);
  });

  it('CORE-24 a refused recipient is PERMANENT, with the server’s words and without the address', async () => {
    server.react(
      'RCPT',
      reply('550-5.1.1 <ann.lee@example.org>: unknown', '550 5.1.1 Ann.Lee is not at example.org'),
    );
    expect(await send()).toEqual({
      outcome: 'REFUSED',
      errorClass: 'PERMANENT',
      code: '550 5.1.1',
      message: 'the mail server refused the recipient: <***>: unknown *** is not at ***',
    });
  });

  it('CORE-24 a sender that is not ours stops the channel; one mail that is too large does not', async () => {
    server.react('MAIL', reply('553 5.7.1 not your address'));
    expect(await send()).toMatchObject({ errorClass: 'UNAUTHORISED', code: '553 5.7.1' });
    server.react('MAIL', reply('552 5.3.4 too large'));
    expect(await send()).toMatchObject({ errorClass: 'PERMANENT', code: '552 5.3.4' });
  });

  it('CORE-24 a refusal before the message says nothing about it, so it is RETRYABLE', async () => {
    server.react('CONNECT', reply('554 5.7.1 not from here'));
    expect(await send()).toMatchObject({ errorClass: 'RETRYABLE', code: '554 5.7.1' });
  });

  it('CORE-24 refused credentials are UNAUTHORISED, and are in no message', async () => {
    server.offer('AUTH PLAIN LOGIN');
    await use(`smtp://jo%40sender.example:hush-hush@127.0.0.1:${server.port}`);
    expect(await send()).toMatchObject({ outcome: 'ACCEPTED' });
    await use(`smtp://jo%40sender.example:hush-hush@127.0.0.1:${server.port}`);
    server.react('AUTH', reply('535 5.7.8 jo@sender.example cannot log in with hush-hush'));
    expect(await send()).toEqual({
      outcome: 'REFUSED',
      errorClass: 'UNAUTHORISED',
      code: '535 5.7.8',
      message: 'the mail server refused the credentials: *** cannot log in with ***',
    });
  });

  it('SEC-5 credentials do not leave unencrypted, but on this machine', async () => {
    server.offer('AUTH PLAIN LOGIN');
    // This machine under a name that is not one of the loopback's.
    await use(`smtp://jo:hush-hush@0.0.0.0:${server.port}`);
    expect(await send()).toMatchObject({ errorClass: 'RETRYABLE' });
    expect(server.commands.some((line) => line.startsWith('STARTTLS'))).toBe(true);
    expect(server.commands.some((line) => line.startsWith('AUTH'))).toBe(false);
  });
});

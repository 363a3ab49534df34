import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createEmailChannel } from '../../src/adapters/channels/email.js';
import { type Sandbox, startSandbox } from '../../src/adapters/sandbox/sandbox.js';
import type { Channel, Content } from '../../src/core/channel/channel.js';
import { mostInSlidingSecond } from '../support/sliding-second.js';
import { until } from '../support/until.js';

interface Line {
  readonly seq: number;
  readonly at: number;
  readonly channel: string;
  readonly to: string | null;
  readonly key: string | null;
  readonly answer: string;
  readonly status: number | null;
  readonly messageId: string | null;
}

interface Mail {
  readonly seq: number;
  readonly from: string;
  readonly to: string;
  readonly key: string;
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
}

const MAIL: Content = { kind: 'EMAIL', subject: 'Hello', text: 'Good morning.' };
const NEVER = new AbortController().signal;
const idOf = (key: string): string => `<${key}@punctual.sender.example>`;

let sandbox: Sandbox;
let channel: Channel;

beforeEach(async () => {
  sandbox = await startSandbox({ port: 0 });
  await behave({ latencyMs: 0, latencyP99Ms: 0 });
  channel = open();
});
afterEach(async () => {
  await channel.close();
  await sandbox.stop();
});

function open(url = sandbox.smtpUrl): Channel {
  const from = { name: '', address: 'punctual@sender.example' };
  return createEmailChannel({ url, from, limits: { zone: 'UTC' } });
}

const send = (key: string, content: Content = MAIL, to = 'ann@example.org') =>
  channel.send({ key, to, content, attempt: 1 }, NEVER);

function call(method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${sandbox.url}/_sandbox/${path}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
}

async function behave(behaviour: object): Promise<void> {
  expect((await call('PUT', 'behaviour/email', behaviour)).status).toBe(200);
}

async function lines<T>(path: string): Promise<T[]> {
  const text = await (await call('GET', path)).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
const ledger = (): Promise<Line[]> => lines<Line>('ledger?channel=email');
const mails = (after = 0): Promise<Mail[]> => lines<Mail>(`mail?after=${after}`);

/** A session by hand. */
async function session(): Promise<{ socket: Socket; say(line: string): Promise<string> }> {
  const socket = connect(Number(new URL(sandbox.smtpUrl).port), '127.0.0.1');
  socket.setEncoding('utf8');
  await once(socket, 'data');
  return {
    socket,
    say: async (line) => {
      socket.write(`${line}\r\n`);
      const [answer] = (await once(socket, 'data')) as [string];
      return answer;
    },
  };
}

describe('the mail server of the sandbox', () => {
  it('accepts a mail and notes it with its Message-ID and the instant of its arrival', async () => {
    const before = Date.now();
    const result = await send('k1');
    const [line] = await ledger();
    expect(line).toEqual({
      seq: 1,
      at: expect.any(Number),
      channel: 'email',
      to: 'ann@example.org',
      key: idOf('k1'),
      answer: 'ACCEPTED',
      status: 250,
      messageId: expect.stringMatching(/^[0-9A-F]+1$/),
    });
    expect(result).toEqual({ outcome: 'ACCEPTED', messageId: line?.messageId });
    expect(line?.at).toBeGreaterThanOrEqual(before);
    expect(line?.at).toBeLessThan(Date.now() + 1);
  });

  it('shows what it has accepted, from a line on, and forgets it when told to', async () => {
    await send('k1', { kind: 'EMAIL', subject: 'Grüße', text: 'नमस्ते', html: '<p>नमस्ते</p>' });
    await send('k2', { kind: 'TEXT', text: 'Good morning' }, 'bob@example.org');
    const [first, second] = await mails();
    expect(first).toMatchObject({
      seq: 1,
      from: 'punctual@sender.example',
      to: 'ann@example.org',
      key: idOf('k1'),
      subject: 'Grüße',
      text: expect.stringContaining('नमस्ते'),
      html: expect.stringContaining('<p>नमस्ते</p>'),
    });
    expect(second).toMatchObject({ to: 'bob@example.org', subject: 'Good morning', html: null });
    expect(await mails(1)).toEqual([second]);
    expect((await call('GET', 'mail?after=x')).status).toBe(400);
    expect((await call('POST', 'mail')).headers.get('allow')).toBe('GET, DELETE');
    expect((await call('DELETE', 'mail')).status).toBe(200);
    expect(await mails()).toEqual([]);
    expect(await ledger()).toHaveLength(2);
  });

  it('CORE-29 drops a repetition by its Message-ID', async () => {
    const first = await send('k1');
    expect(await send('k1')).toEqual(first);
    expect((await ledger()).map(({ answer, status }) => [answer, status])).toEqual([
      ['ACCEPTED', 250],
      ['DEDUPLICATED', 250],
    ]);
    expect(await mails()).toHaveLength(1);
  });

  it('refuses a mailbox that does not exist before the mail is sent', async () => {
    expect(await send('k1', MAIL, 'ann0404@example.org')).toMatchObject({
      errorClass: 'PERMANENT',
      code: '550 5.1.1',
    });
    expect(await ledger()).toMatchObject([
      { to: 'ann0404@example.org', key: null, answer: 'REJECTED', status: 550, messageId: null },
    ]);
    expect(await send('k2')).toMatchObject({ outcome: 'ACCEPTED' });
  });

  it('refuses a mail that is too large', async () => {
    const text = 'x'.repeat(70).concat('\n').repeat(16_000);
    expect(await send('k1', { kind: 'EMAIL', subject: 'Large', text })).toMatchObject({
      errorClass: 'PERMANENT',
    });
    expect(await ledger()).toMatchObject([{ answer: 'REJECTED', status: 552, key: null }]);
  });

  it('lets everybody in but those whose password is "invalid"', async () => {
    const at = sandbox.smtpUrl.replace('smtp://', '');
    for (const [password, outcome] of [
      ['invalid', 'REFUSED'],
      ['anything', 'ACCEPTED'],
    ] as const) {
      await channel.close();
      channel = open(`smtp://jo:${password}@${at}`);
      expect(await send('k1')).toMatchObject({ outcome });
    }
  });

  it.each([
    [{ outage: true }, 'ERROR', 451, 'RETRYABLE'],
    [{ errorRate: 1, errorStatus: 554 }, 'ERROR', 554, 'PERMANENT'],
    [{ throttleRate: 1 }, 'THROTTLED', 450, 'THROTTLED'],
    [{ resetRate: 1 }, 'RESET', null, 'UNKNOWN'],
  ])('behaves as it is told: %j', async (behaviour, answer, status, errorClass) => {
    await behave(behaviour);
    expect(await send('k1')).toMatchObject({ errorClass });
    expect(await ledger()).toMatchObject([{ key: idOf('k1'), answer, status, messageId: null }]);
    expect(await mails()).toEqual([]);
    await call('DELETE', 'behaviour/email');
    expect(await send('k1')).toMatchObject({ outcome: 'ACCEPTED' });
  });

  it('hangs without an answer', async () => {
    await behave({ hangRate: 1 });
    const time = new AbortController();
    const sending = channel.send(
      { key: 'k1', to: 'ann@example.org', content: MAIL, attempt: 1 },
      time.signal,
    );
    await until(async () => (await ledger()).length === 1);
    time.abort();
    expect(await sending).toMatchObject({ errorClass: 'UNKNOWN' });
    expect(await ledger()).toMatchObject([{ answer: 'HUNG', status: null }]);
  });

  it('CORE-29 accepts and cuts the answer off: what is sent again is dropped', async () => {
    await behave({ resetAfterAcceptRate: 1 });
    expect(await send('k1')).toMatchObject({ errorClass: 'UNKNOWN' });
    expect(await send('k1')).toMatchObject({ outcome: 'ACCEPTED' });
    expect((await ledger()).map(({ answer, status }) => [answer, status])).toEqual([
      ['RESET_AFTER_ACCEPT', 250],
      ['DEDUPLICATED', 250],
    ]);
    expect(await mails()).toHaveLength(1);
  });

  it('throttles above its limit in any second', async () => {
    await behave({ throttlePerSecond: 2 });
    await Promise.all(Array.from({ length: 20 }, (_, n) => send(`k${n}`)));
    const arrived = await ledger();
    const accepted = arrived.filter(({ answer }) => answer === 'ACCEPTED').map(({ at }) => at);
    expect(mostInSlidingSecond(accepted)).toBe(2);
    expect(arrived.filter(({ answer }) => answer === 'THROTTLED').length).toBe(20 - accepted.length);
  });

  it('meets the same fate with the same seed', async () => {
    const fates = async (): Promise<string[]> => {
      await call('DELETE', 'ledger');
      await behave({ errorRate: 0.5, seed: 7 });
      for (let n = 0; n < 12; n += 1) await send(`${Math.random()}`);
      return (await ledger()).map(({ answer }) => answer);
    };
    const first = await fates();
    expect(new Set(first)).toEqual(new Set(['ACCEPTED', 'ERROR']));
    expect(await fates()).toEqual(first);
  });

  it('a client that goes away in the middle of a mail holds nothing up', async () => {
    const { socket, say } = await session();
    await say('EHLO client.example');
    await say('MAIL FROM:<a@example.org>');
    await say('RCPT TO:<b@example.org>');
    expect(await say('DATA')).toMatch(/^354/);
    socket.write('Subject: half a mail\r\n');
    expect(await send('k2')).toMatchObject({ outcome: 'ACCEPTED' });
    socket.destroy();
    await until(async () => (await ledger()).length === 2);
    expect(await ledger()).toMatchObject([
      { to: 'b@example.org', key: null, answer: 'REJECTED', status: null },
      { key: idOf('k2'), answer: 'ACCEPTED' },
    ]);
  });

  it('is among the channels that can be steered', async () => {
    expect(await (await call('GET', 'health')).json()).toMatchObject({
      channels: expect.arrayContaining(['email']),
    });
    expect(await (await call('GET', 'behaviour/email')).json()).toMatchObject({ errorStatus: 451 });
  });

  it('names the variable when its port is taken, and leaves nothing open', async () => {
    const taken = createServer();
    taken.listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await expect(startSandbox({ port: 0, smtpPort: port })).rejects.toMatchObject({
      code: 'START_PORT_TAKEN',
      path: 'SANDBOX_SMTP_PORT',
      message: `port ${port} of 127.0.0.1 is in use; set SANDBOX_SMTP_PORT to another one`,
    });
    taken.close();
    await once(taken, 'close');
  });
});

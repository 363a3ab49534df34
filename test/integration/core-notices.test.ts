import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createEmailChannel } from '../../src/adapters/channels/email.js';
import { createWebhookChannel } from '../../src/adapters/channels/webhook.js';
import { openDatabase, type OpenDatabase } from '../../src/adapters/mongo/database.js';
import { type Sandbox, startSandbox } from '../../src/adapters/sandbox/sandbox.js';
import type { AlertDoc } from '../../src/core/alerts/alert.entity.js';
import { Notice, type NoticeDoc } from '../../src/core/alerts/notice.entity.js';
import { type NoticeRefusal, NoticeSender } from '../../src/core/alerts/notice-sender.js';
import { noticesFor, type NoticeTarget } from '../../src/core/alerts/notices.js';
import type { Channel, ChannelName } from '../../src/core/channel/channel.js';
import { Clock } from '../../src/core/clock.js';
import { alertDoc } from '../support/alert-doc.js';
import { startNoticeSender } from '../support/notice-sender-process.js';
import {
  answer,
  hang,
  type ScriptedHttpServer,
  startScriptedHttpServer,
} from '../support/scripted-http-server.js';
import { dropTestDatabase, testDatabase } from '../support/servers.js';
import { createTestChannel } from '../support/test-channel.js';
import { until } from '../support/until.js';

const SECRET_KEY = Buffer.alloc(32, 7);
const SECRET = `whsec_${SECRET_KEY.toString('base64')}`;
const MAIL: NoticeTarget = { kind: 'EMAIL', to: 'ops@example.org' };
const HOUR_MS = 3_600_000;

const at = testDatabase();
const clock = new Clock();
let database: OpenDatabase;
let sandbox: Sandbox;
let receiver: ScriptedHttpServer;
let channels: ReadonlyMap<ChannelName, Channel>;
let refusals: NoticeRefusal[];
let HOOK: NoticeTarget;

beforeAll(async () => {
  database = await openDatabase(at.uri, at.name, [Notice]);
});
afterAll(async () => {
  await database.close();
  await dropTestDatabase(at);
});
beforeEach(async () => {
  clock.setOffset(0);
  refusals = [];
  sandbox = await startSandbox({ port: 0 });
  await behave({ latencyMs: 0, latencyP99Ms: 0 });
  receiver = await startScriptedHttpServer();
  HOOK = { kind: 'WEBHOOK', to: `${receiver.origin}/alerts` };
  const email = createEmailChannel({
    url: sandbox.smtpUrl,
    from: { name: 'Punctual', address: 'punctual@sender.example' },
    limits: { zone: 'UTC' },
  });
  const webhook = createWebhookChannel({
    secrets: [SECRET],
    allowPrivate: true,
    realNow: () => clock.realNow(),
  });
  channels = new Map([email, webhook].map((channel) => [channel.name, channel]));
});
afterEach(async () => {
  await Promise.all([...channels.values()].map((channel) => channel.close()));
  await receiver.stop();
  await sandbox.stop();
  await database.collection(Notice).deleteMany({});
});

function createSender(own: Partial<ConstructorParameters<typeof NoticeSender>[0]> = {}): NoticeSender {
  const onRefused = (refusal: NoticeRefusal): void => {
    refusals.push(refusal);
  };
  return new NoticeSender({ database, clock, channels, onRefused, ...own });
}

async function tell(alert: AlertDoc, change: 'OPENED' | 'RESOLVED', targets = [MAIL, HOOK]): Promise<void> {
  await database.collection(Notice).insertMany(noticesFor(alert, change, targets));
}

const notices = (): Promise<NoticeDoc[]> =>
  database.collection(Notice).find().sort({ createdAt: 1, kind: 1 }).toArray();

async function onlyNotice(): Promise<NoticeDoc> {
  const [notice, ...more] = await notices();
  if (!notice || more.length > 0) throw new Error('not one notice');
  return notice;
}

async function behave(behaviour: object): Promise<void> {
  const url = `${sandbox.url}/_sandbox/behaviour/email`;
  const response = await fetch(url, { method: 'PUT', body: JSON.stringify(behaviour) });
  expect(response.status).toBe(200);
}

async function mails(): Promise<{ key: string; to: string; subject: string; text: string }[]> {
  const text = await (await fetch(`${sandbox.url}/_sandbox/mail`)).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { key: string; to: string; subject: string; text: string });
}

/** Moves the clock to when a notice is to be tried next. */
async function waitFor({ _id }: NoticeDoc): Promise<void> {
  const notice = await database.collection(Notice).findOne({ _id });
  if (!notice) throw new Error('no such notice');
  clock.setOffset(clock.offsetMs + notice.nextAt.getTime() - clock.now() + 1);
}

describe('notices', () => {
  it('CORE-42 the opening and the end of an alert are told once each, by mail and by signed webhook', async () => {
    const alert = alertDoc();
    const sender = createSender();
    await tell(alert, 'OPENED');
    await sender.sendDue();
    const over = new Date();
    await tell({ ...alert, state: 'RESOLVED', openKey: null, resolvedAt: over, updatedAt: over }, 'RESOLVED');
    await sender.sendDue();
    await sender.sendDue();

    const [opened, resolved, ...more] = await mails();
    expect(more).toEqual([]);
    expect(opened).toMatchObject({ to: 'ops@example.org', subject: `[CRITICAL] ${alert.message}` });
    expect(opened?.text).toContain('waiting  1204');
    expect(resolved).toMatchObject({ subject: `[RESOLVED] ${alert.message}` });

    expect(receiver.requests).toHaveLength(2);
    for (const [index, type] of ['alert.opened', 'alert.resolved'].entries()) {
      const { headers, body = '' } = receiver.requests[index] ?? {};
      expect(JSON.parse(body)).toMatchObject({ type, data: { id: alert._id.toHexString() } });
      const signed = `${headers?.['webhook-id']}.${headers?.['webhook-timestamp']}.${body}`;
      const signature = createHmac('sha256', SECRET_KEY).update(signed).digest('base64');
      expect(headers?.['webhook-signature']).toBe(`v1,${signature}`);
    }
    expect((await notices()).map(({ state, attempts }) => [state, attempts])).toEqual(
      Array.from({ length: 4 }, () => ['SENT', 1]),
    );
    expect(refusals).toEqual([]);
  });

  it('CORE-42 any number of processes send each notice once', async () => {
    for (let n = 0; n < 30; n += 1) await tell(alertDoc(), 'OPENED');
    await Promise.all(Array.from({ length: 4 }, () => createSender().sendDue()));
    expect(await mails()).toHaveLength(30);
    expect(receiver.requests).toHaveLength(30);
    expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(30);
    expect((await notices()).every(({ state, attempts }) => state === 'SENT' && attempts === 1)).toBe(true);
  });

  it('CORE-42 what fails is tried again under the same key, later and later', async () => {
    const sender = createSender();
    await behave({ outage: true });
    receiver.react(answer(503));
    await tell(alertDoc(), 'OPENED');
    // 5, 10, 20 s, each 10 % more or less.
    for (const [n, wait] of [5_000, 10_000, 20_000].entries()) {
      const before = clock.now();
      await sender.sendDue();
      const after = clock.now();
      await sender.sendDue(); // Not due yet: nothing happens.
      const [mail, hook] = await notices();
      if (!mail || !hook) throw new Error('no notices');
      expect(mail).toMatchObject({ state: 'PENDING', attempts: n + 1, lastError: { code: '451 4.3.0' } });
      expect(hook).toMatchObject({ state: 'PENDING', attempts: n + 1, lastError: { code: '503' } });
      for (const { nextAt } of [mail, hook]) {
        expect(nextAt.getTime()).toBeGreaterThanOrEqual(before + 0.9 * wait);
        expect(nextAt.getTime()).toBeLessThanOrEqual(after + 1.1 * wait);
      }
      await waitFor(mail.nextAt > hook.nextAt ? mail : hook);
    }
    await behave({ outage: false });
    receiver.react(answer(200));
    await sender.sendDue();
    expect((await notices()).map(({ state }) => state)).toEqual(['SENT', 'SENT']);
    expect(await mails()).toHaveLength(1);
    expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(refusals).toHaveLength(6);
    expect(refusals.every(({ again }) => again)).toBe(true);
  });

  it('CORE-42 a receiver that names the time is asked no sooner', async () => {
    receiver.react(answer(429, '', { 'retry-after': '600' }));
    await tell(alertDoc(), 'OPENED', [HOOK]);
    const before = clock.now();
    await createSender().sendDue();
    expect((await onlyNotice()).nextAt.getTime()).toBeGreaterThanOrEqual(before + 600_000);
  });

  it('CORE-24 CORE-42 what is refused for good ends, and is reported', async () => {
    receiver.react(answer(410));
    await tell(alertDoc(), 'OPENED', [HOOK]);
    await createSender().sendDue();
    const notice = await onlyNotice();
    expect(notice).toMatchObject({ state: 'FAILED', lastError: { code: '410' }, forgetAt: expect.any(Date) });
    expect(refusals).toEqual([
      { notice: notice._id, code: '410', message: 'the receiver answered 410', again: false },
    ]);
    clock.setOffset(HOUR_MS);
    await createSender().sendDue();
    expect(receiver.requests).toHaveLength(1);
  });

  it('CORE-42 what fails for a day ends', async () => {
    const sender = createSender();
    receiver.react(answer(503));
    await tell(alertDoc(), 'OPENED', [HOOK]);
    for (;;) {
      await sender.sendDue();
      const notice = await onlyNotice();
      if (notice.state !== 'PENDING') break;
      await waitFor(notice);
    }
    const notice = await onlyNotice();
    expect(notice.state).toBe('FAILED');
    // Doubled up to an hour: about ten, and then one an hour.
    expect(notice.attempts).toBeGreaterThan(25);
    expect(notice.attempts).toBeLessThan(45);
    expect(clock.now() - notice.createdAt.getTime()).toBeLessThanOrEqual(24 * HOUR_MS);
    expect(clock.now() - notice.createdAt.getTime()).toBeGreaterThan(22 * HOUR_MS);
    expect(refusals.filter(({ again }) => !again)).toHaveLength(1);
  });

  it('CORE-42 a process killed in mid-send leaves it to another, under the same key, once its claim has ended', async () => {
    receiver.react(hang);
    await tell(alertDoc(), 'OPENED', [HOOK]);
    const child = startNoticeSender(at, SECRET);
    await until(() => receiver.requests.length === 1);
    child.process.kill('SIGKILL');
    await child.ended();

    receiver.react(answer(200));
    const other = createSender();
    await other.sendDue();
    expect(receiver.requests).toHaveLength(1); // It may still be under way, as far as the other can tell.
    const claimed = await onlyNotice();
    expect(claimed).toMatchObject({ state: 'PENDING', attempts: 1 });
    expect(claimed.nextAt.getTime() - clock.now()).toBeLessThanOrEqual(30_000);
    await waitFor(claimed);
    await other.sendDue();

    expect(await onlyNotice()).toMatchObject({ state: 'SENT', attempts: 2 });
    const [first, second, ...more] = receiver.requests;
    expect(more).toEqual([]);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toBe(first?.body);
  });

  it('INV-4 a sender whose claim has ended changes nothing any more', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = createTestChannel({
      name: 'WEBHOOK',
      send: async () => {
        await held;
        return { outcome: 'REFUSED', errorClass: 'PERMANENT', code: '404', message: 'no' };
      },
    });
    await tell(alertDoc(), 'OPENED', [HOOK]);
    const sending = createSender({ channels: new Map([['WEBHOOK', slow]]) }).sendDue();
    const claimed = await until(async () => {
      const notice = await onlyNotice();
      return notice.attempts === 1 && notice;
    });
    await waitFor(claimed);
    await createSender().sendDue();
    expect(await onlyNotice()).toMatchObject({ state: 'SENT', attempts: 2 });
    release();
    await sending;
    expect(await onlyNotice()).toMatchObject({ state: 'SENT', attempts: 2, lastError: null });
  });

  it('CORE-42 a mail that was accepted without an answer arrives once', async () => {
    await behave({ resetAfterAcceptRate: 1 });
    await tell(alertDoc(), 'OPENED', [MAIL]);
    const sender = createSender();
    await sender.sendDue();
    await waitFor(await onlyNotice());
    await sender.sendDue();
    expect(await onlyNotice()).toMatchObject({ state: 'SENT', attempts: 2 });
    expect(await mails()).toHaveLength(1);
  });

  it('one slow receiver does not hold up the others, and stopping waits for it', async () => {
    receiver.react(hang);
    await tell(alertDoc(), 'OPENED');
    const sender = createSender({ attemptTimeoutMs: 1_000 });
    const sending = sender.sendDue();
    expect(sender.sendDue()).toBe(sending);
    await until(async () => (await mails()).length === 1);
    await sender.stop();
    await sending;
    const [mail, hook] = await notices();
    expect(mail).toMatchObject({ state: 'SENT' });
    expect(hook).toMatchObject({ state: 'PENDING', lastError: { code: 'ETIMEDOUT' } });
    await waitFor(hook as NoticeDoc);
    await sender.sendDue();
    expect(receiver.requests).toHaveLength(1); // It was stopped.
  });

  it('a channel that is not there, and one that throws, are refusals that are told', async () => {
    const thrown = new TypeError('a defect');
    const broken = createTestChannel({ name: 'EMAIL', send: () => Promise.reject(thrown) });
    await tell(alertDoc(), 'OPENED');
    await createSender({ channels: new Map([['EMAIL', broken]]) }).sendDue();
    expect(refusals).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'ADAPTER_ERROR', again: true, cause: thrown }),
        expect.objectContaining({ code: 'CHANNEL_NOT_FOUND', again: true }),
      ]),
    );
    expect((await notices()).every(({ state, attempts }) => state === 'PENDING' && attempts === 1)).toBe(
      true,
    );
  });

  it('with a virtual clock, waits are as long as in real time', async () => {
    const virtual = new Clock({ virtualStart: Date.now(), realStart: Date.now(), speed: 100 });
    receiver.react(answer(503));
    const now = virtual.date();
    await tell(alertDoc({ openedAt: now, updatedAt: now }), 'OPENED', [HOOK]);
    const before = virtual.realNow();
    await createSender({ clock: virtual }).sendDue();
    const after = virtual.realNow();
    const nextAt = virtual.toReal((await onlyNotice()).nextAt.getTime());
    expect(nextAt).toBeGreaterThanOrEqual(before + 4_500 - 1);
    expect(nextAt).toBeLessThanOrEqual(after + 5_500);
  });
});

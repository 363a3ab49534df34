import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ResumeChannelDocument, SendNowDocument } from '#sdk';
import { type User, Users } from '../support/graphql.js';
import { type ScriptedHttpServer, startScriptedHttpServer } from '../support/scripted-http-server.js';
import { startSystem, type System } from '../support/system.js';
import { until } from '../support/until.js';

const KEY = 'health.channel_stopped|WHATSAPP';
const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

interface Notice {
  readonly type: string;
  readonly data: { readonly id: string; readonly key: string };
}

describe('what is told of alerts', () => {
  let receiver: ScriptedHttpServer;
  let system: System;
  let second: System;
  let users: Users;
  let admin: User;

  beforeAll(async () => {
    receiver = await startScriptedHttpServer();
    system = await startSystem({
      env: {
        ALERT_EMAIL: 'Ops@EXAMPLE.org, cto@example.org',
        ALERT_WEBHOOK: `${receiver.origin}/alerts`,
        ALERT_CLEAR_AFTER: '0s',
        WEBHOOK_SECRET,
      },
    });
    second = await startSystem({ beside: system, parts: { api: false, sandbox: false } });
    users = new Users(system.url, system.core);
    admin = await users.make('admin', 'ADMIN');
  });
  afterAll(async () => {
    await users.close();
    await second.stop();
    await system.stop();
    await receiver.stop();
  });

  const sandbox = async (method: 'PUT' | 'DELETE', behaviour?: object): Promise<void> => {
    const url = `${system.sandboxUrl}/_sandbox/behaviour/whatsapp`;
    const answer = await fetch(url, { method, ...(behaviour ? { body: JSON.stringify(behaviour) } : {}) });
    expect(answer.ok).toBe(true);
  };
  /** Receiver and subject of the mails about the alert. */
  const mails = async (): Promise<string[]> => {
    const text = await (await fetch(`${system.sandboxUrl}/_sandbox/mail`)).text();
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { to: string; subject: string; text: string })
      .filter((mail) => mail.text.includes(KEY))
      .map(({ to, subject }) => `${to} ${subject}`)
      .sort();
  };
  /** How the mails about an alert were answered, one that came twice included. */
  const answers = async (alert: string): Promise<string[]> => {
    const text = await (await fetch(`${system.sandboxUrl}/_sandbox/ledger?channel=email`)).text();
    return text
      .split('\n')
      .filter((line) => line.includes(alert))
      .map((line) => (JSON.parse(line) as { answer: string }).answer);
  };
  const hooks = (): Notice[] =>
    receiver.requests.map(({ body }) => JSON.parse(body) as Notice).filter(({ data }) => data.key === KEY);

  it('CORE-42 CORE-24 a channel stopped by 401 is told once to each, and so is its end, by one of two processes', async () => {
    await sandbox('PUT', { errorRate: 1, errorStatus: 401 });
    await admin.request(SendNowDocument, {
      input: { channel: 'WHATSAPP', to: '+919876543210', content: { text: 'hello' } },
    });
    await until(async () => (await mails()).length === 2 && hooks().length === 1);
    await sandbox('DELETE');
    const { resumeChannel } = await admin.request(ResumeChannelDocument, { input: { channel: 'WHATSAPP' } });
    expect(resumeChannel.errors).toEqual([]);
    await until(async () => (await mails()).length === 4 && hooks().length === 2);

    const [opened, resolved] = hooks();
    expect([opened?.type, resolved?.type]).toEqual(['alert.opened', 'alert.resolved']);
    expect(resolved?.data.id).toBe(opened?.data.id);
    expect(await answers(opened?.data.id ?? '?')).toEqual(Array.from({ length: 4 }, () => 'ACCEPTED'));
    const isAbout = 'WHATSAPP is stopped until somebody resumes it';
    expect(await mails()).toEqual([
      expect.stringContaining(`Ops@example.org [CRITICAL] ${isAbout}`),
      expect.stringContaining(`Ops@example.org [RESOLVED] ${isAbout}`),
      expect.stringContaining(`cto@example.org [CRITICAL] ${isAbout}`),
      expect.stringContaining(`cto@example.org [RESOLVED] ${isAbout}`),
    ]);
  });

  it('CORE-51 SEC-5 an address that alerts cannot go to ends the start with one line', async () => {
    const env = { WEBHOOK_SECRET, ALERT_WEBHOOK: 'http://10.0.0.1/hush' };
    await expect(startSystem({ env: { ...env, WEBHOOK_ALLOW_PRIVATE: 'false' } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'ALERT_WEBHOOK: an address of it is not an https URL',
    });
  });
});

import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliveryDocument, SendNowDocument } from '#sdk';
import { type User, Users } from '../support/graphql.js';
import { startSystem, type System } from '../support/system.js';
import { until } from '../support/until.js';

const SECRET = 'a secret of the test';
let system: System;
let users: Users;
let alice: User;

beforeAll(async () => {
  system = await startSystem({ env: { WHATSAPP_APP_SECRET: SECRET, WHATSAPP_VERIFY_TOKEN: 'agreed' } });
  users = new Users(system.url, system.core);
  alice = await users.make('alice');
  // Only the reports of the tests are to come.
  const behaviour = { method: 'PUT', body: JSON.stringify({ statuses: false }) };
  expect((await fetch(`${system.sandboxUrl}/_sandbox/behaviour/whatsapp`, behaviour)).ok).toBe(true);
});

afterAll(async () => {
  await users.close();
  await system.stop();
});

/** A status report as Meta sends it. */
function reportOf(key: string, status: string): string {
  const statuses = [
    {
      id: 'wamid.test',
      status,
      timestamp: String(Math.floor(Date.now() / 1_000)),
      recipient_id: '12025550123',
      biz_opaque_callback_data: key,
    },
  ];
  const value = { messaging_product: 'whatsapp', metadata: { phone_number_id: '1' }, statuses };
  return JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: '1', changes: [{ field: 'messages', value }] }],
  });
}

async function post(body: string, signature?: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${system.url}/webhooks/whatsapp`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      ...(signature === undefined ? {} : { 'x-hub-signature-256': signature }),
    },
  });
  return { status: answer.status, text: await answer.text() };
}

function signed(body: string, secret = SECRET): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

describe('POST /webhooks/whatsapp', () => {
  it('CORE-46 SEC-5 applies a signed report, and nothing of one whose signature is missing or wrong', async () => {
    const { sendNow } = await alice.request(SendNowDocument, {
      input: { channel: 'WHATSAPP', to: '+12025550123', content: { text: 'hello' } },
    });
    const id = sendNow.delivery?.id ?? '';
    const stateOf = async (): Promise<string | undefined> =>
      (await alice.request(DeliveryDocument, { id })).delivery?.state;
    await until(async () => (await stateOf()) === 'SENT');
    const body = reportOf(sendNow.delivery?.key ?? '', 'read');

    for (const signature of [undefined, signed(body, 'another secret'), signed(`${body} `), 'sha256=00']) {
      const answer = await post(body, signature);
      expect(answer.status).toBeGreaterThanOrEqual(401);
      expect(answer.text).toContain('INVALID_SIGNATURE');
    }
    expect(await stateOf()).toBe('SENT');

    expect((await post(body, signed(body))).status).toBe(200);
    expect(await stateOf()).toBe('READ');
    // An older report that comes later changes nothing, and neither does the same one again.
    for (const late of [reportOf(sendNow.delivery?.key ?? '', 'delivered'), body]) {
      expect((await post(late, signed(late))).status).toBe(200);
      expect(await stateOf()).toBe('READ');
    }
  });

  it('SEC-2 answers what is no JSON with a code, and lives on', async () => {
    const answer = await post('{"object":', signed('{"object":'));
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('MALFORMED_REQUEST');
    expect((await fetch(`${system.url}/livez`)).status).toBe(200);
  });

  it('SEC-5 answers the provider’s challenge only with the token that was agreed upon', async () => {
    const ask = (token: string): Promise<Response> =>
      fetch(
        `${system.url}/webhooks/whatsapp?hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=12345`,
      );
    expect(await (await ask('agreed')).text()).toBe('12345');
    expect((await ask('guessed')).status).toBe(403);
  });
});

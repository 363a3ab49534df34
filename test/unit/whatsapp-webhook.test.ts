import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createWhatsAppWebhook } from '../../src/adapters/channels/whatsapp-webhook.js';
import { formatWhatsApp, type WhatsAppEvent } from '../../src/adapters/sandbox/whatsapp-statuses.js';
import type { WebhookAnswer } from '../../src/core/channel/inbound-webhook.js';
import type { Report } from '../../src/core/outcome/receipt-state.js';

const SECRET = 'app-secret';
const KEY = '65f000000000000000000001';
const AT = Date.UTC(2026, 10, 23, 6, 0, 0);
const SECONDS = String(AT / 1000);

describe('WhatsApp webhook', () => {
  let applied: Report[];
  let failing: boolean;
  const webhook = createWhatsAppWebhook({
    appSecret: SECRET,
    verifyToken: 'agreed',
    receipts: {
      apply: (reports) => {
        if (failing) return Promise.reject(new Error('the database is away'));
        applied.push(...reports);
        return Promise.resolve();
      },
    },
  });

  beforeEach(() => {
    applied = [];
    failing = false;
  });

  const sign = (body: string | Buffer, secret = SECRET): string =>
    `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const post = (body: unknown, signature?: string): Promise<WebhookAnswer> => {
    const raw = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    return webhook.handlePost(raw, { 'x-hub-signature-256': signature ?? sign(raw) });
  };
  const envelope = (value: unknown, field = 'messages'): object => ({
    object: 'whatsapp_business_account',
    entry: [{ id: '1', changes: [{ field, value }] }],
  });
  const status = (fields: object): object => ({
    id: 'wamid.1',
    status: 'delivered',
    timestamp: SECONDS,
    recipient_id: '919876543210',
    biz_opaque_callback_data: KEY,
    ...fields,
  });
  const codeOf = ({ body }: WebhookAnswer): unknown => (JSON.parse(body ?? '{}') as { code?: unknown }).code;

  describe('CORE-46 verification of the address', () => {
    const get = (query: Record<string, string>): WebhookAnswer | undefined =>
      webhook.handleGet?.(new URLSearchParams(query));

    it('answers the challenge as plain text', () => {
      const query = { 'hub.mode': 'subscribe', 'hub.verify_token': 'agreed', 'hub.challenge': '1158201444' };
      expect(get(query)).toEqual({
        status: 200,
        contentType: 'text/plain; charset=utf-8',
        body: '1158201444',
      });
    });

    it.each([
      {},
      { 'hub.mode': 'subscribe', 'hub.challenge': '1' },
      { 'hub.mode': 'subscribe', 'hub.verify_token': 'wrong', 'hub.challenge': '1' },
      { 'hub.mode': 'unsubscribe', 'hub.verify_token': 'agreed', 'hub.challenge': '1' },
    ])('refuses %j', (query) => {
      expect(get(query)).toMatchObject({ status: 403 });
    });
  });

  describe('SEC-5 signature', () => {
    const body = JSON.stringify(envelope({ statuses: [status({})] }));

    it('is over the raw bytes', async () => {
      const spaced = ` ${body}\n`;
      expect(await post(spaced, sign(spaced))).toMatchObject({ status: 200 });
      expect(await post(spaced, sign(body))).toMatchObject({ status: 401 });
      expect(applied).toHaveLength(1);
    });

    it.each([
      ['of another secret', sign(body, 'other')],
      ['of another body', sign(`${body} `)],
      ['that is empty', ''],
      ['without its prefix', sign(body).slice(7)],
      ['of another hash', sign(body).replace('sha256', 'sha1')],
      ['that is too short', sign(body).slice(0, -2)],
      ['that is too long', `${sign(body)}00`],
      ['that is no hex', `sha256=${'z'.repeat(64)}`],
    ])('%s is refused, and nothing is applied', async (_title, signature) => {
      const answer = await post(body, signature);
      expect(answer.status).toBe(401);
      expect(codeOf(answer)).toBe('INVALID_SIGNATURE');
      expect(applied).toEqual([]);
    });

    it('is required, once', async () => {
      const raw = Buffer.from(body);
      for (const headers of [{}, { 'x-hub-signature-256': [sign(body), sign(body)] }]) {
        const answer = await webhook.handlePost(raw, headers);
        expect(answer.status).toBe(401);
        expect(codeOf(answer)).toBe('INVALID_SIGNATURE');
      }
      expect(applied).toEqual([]);
    });

    it('comes before the parsing of the body', async () => {
      expect((await post('{', sign('other'))).status).toBe(401);
    });

    it('CORE-51 has a secret and a token that are not empty', () => {
      const receipts = { apply: () => Promise.resolve() };
      for (const [appSecret, verifyToken] of [
        ['', 'a'],
        ['a', ''],
      ] as const) {
        expect(() => createWhatsAppWebhook({ appSecret, verifyToken, receipts })).toThrow(
          expect.objectContaining({ code: 'CONFIG_INVALID' }),
        );
      }
    });
  });

  it('CORE-46 maps every status of a message', async () => {
    const statuses = ['sent', 'delivered', 'read'].map((name) => status({ status: name }));
    expect((await post(envelope({ statuses }))).status).toBe(200);
    const base = { key: KEY, messageId: 'wamid.1', at: new Date(AT) };
    expect(applied).toEqual([
      { ...base, kind: 'SENT' },
      { ...base, kind: 'DELIVERED' },
      { ...base, kind: 'READ' },
    ]);
  });

  it('CORE-46 SEC-7 keeps the reason of a failure, without the number', async () => {
    const errors = [
      { code: 131026, title: 'Undeliverable', error_data: { details: 'to +91 98765 43210 it cannot go' } },
    ];
    await post(envelope({ statuses: [status({ status: 'failed', errors }), status({ status: 'failed' })] }));
    expect(applied.map(({ kind, detail }) => [kind, detail])).toEqual([
      ['FAILED', '131026 to *** it cannot go'],
      ['FAILED', 'no reason given'],
    ]);
  });

  it('CORE-46 leaves the key out where it is not ours', async () => {
    await post(
      envelope({
        statuses: [
          status({ biz_opaque_callback_data: undefined }),
          status({ biz_opaque_callback_data: 'campaign-7' }),
          status({ biz_opaque_callback_data: { $ne: null } }),
        ],
      }),
    );
    expect(applied.map(({ key, messageId }) => [key, messageId])).toEqual([
      [null, 'wamid.1'],
      [null, 'wamid.1'],
      [null, 'wamid.1'],
    ]);
  });

  it.each([
    [{ type: 'text', text: { body: 'yes' } }, 'yes'],
    [{ type: 'button', button: { text: 'Confirm', payload: 'C' } }, 'Confirm'],
    [{ type: 'interactive', interactive: { button_reply: { id: 'b1', title: 'Later' } } }, 'Later'],
    [{ type: 'interactive', interactive: { list_reply: { id: 'l1', title: '09:00' } } }, '09:00'],
    [{ type: 'image', image: { id: '1' } }, 'image'],
    [{ type: 'text', text: { body: 'x'.repeat(5000) } }, 'x'.repeat(1000)],
  ])('CORE-46 CORE-2 a reply is a response to the message that it quotes: %#', async (fields, detail) => {
    const message = {
      from: '919876543210',
      id: 'wamid.2',
      timestamp: SECONDS,
      context: { id: 'wamid.1' },
      ...fields,
    };
    await post(envelope({ messages: [message] }));
    expect(applied).toEqual([
      { key: null, messageId: 'wamid.1', kind: 'RESPONDED', at: new Date(AT), detail },
    ]);
  });

  it('CORE-46 reads what the sandbox sends', async () => {
    const message = {
      n: 0,
      id: 'wamid.7',
      phoneNumberId: '1',
      waId: '919876543210',
      callbackData: KEY,
      undeliverable: false,
    };
    const kinds = ['sent', 'delivered', 'failed', 'reply'] as const;
    const events = kinds.map((kind): WhatsAppEvent => ({ kind, message, at: AT }));
    const { body, headers } = formatWhatsApp(events, SECRET);
    expect(await webhook.handlePost(Buffer.from(body), headers)).toMatchObject({ status: 200 });
    expect(applied.map(({ kind, messageId }) => [kind, messageId])).toEqual([
      ['SENT', 'wamid.7'],
      ['DELIVERED', 'wamid.7'],
      ['FAILED', 'wamid.7'],
      ['RESPONDED', 'wamid.7'],
    ]);
  });

  it.each([
    null,
    7,
    '"text"',
    [],
    {},
    { object: 'page', entry: [{ changes: [{ field: 'messages', value: { statuses: [status({})] } }] }] },
    { object: 'whatsapp_business_account' },
    { object: 'whatsapp_business_account', entry: 'x' },
    { object: 'whatsapp_business_account', entry: [null, { changes: { a: 1 } }] },
    envelope(null),
    envelope({ statuses: [status({})] }, 'account_alerts'),
    envelope({ statuses: [null, 7, [], status({ status: 'deleted' }), status({ status: { $gt: '' } })] }),
    envelope({
      statuses: [status({ id: 7 }), status({ timestamp: 'soon' }), status({ timestamp: undefined })],
    }),
    envelope({ messages: [{ id: 'wamid.3', timestamp: SECONDS, type: 'text', text: { body: 'hello' } }] }),
    envelope({ messages: [{ id: 'wamid.3', timestamp: SECONDS, context: { forwarded: true } }] }),
    JSON.parse('{"object":"whatsapp_business_account","__proto__":{"entry":[1]}}'),
  ])('CORE-46 what it does not know is answered 200 and left out: %#', async (body) => {
    expect((await post(body)).status).toBe(200);
    expect(applied).toEqual([]);
  });

  it.each(['', '{', '{"object":', 'hello', '\u0000'])('MALFORMED_REQUEST for the body %j', async (body) => {
    const answer = await post(body, sign(body));
    expect(answer.status).toBe(400);
    expect(codeOf(answer)).toBe('MALFORMED_REQUEST');
  });

  it('CORE-46 rejects when the reports could not be kept, so that they are sent again', async () => {
    failing = true;
    await expect(post(envelope({ statuses: [status({})] }))).rejects.toThrow('the database is away');
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Content } from '../../src/core/channel/channel.js';
import { type CheckContext, checkDelivery, checkDueAt, whyNotNew } from '../../src/core/delivery/check.js';
import { fingerprintOf, type NewDelivery, uniqueKeyOf } from '../../src/core/delivery/new-delivery.js';
import { createTestChannel } from '../support/test-channel.js';

const NOW = Date.UTC(2026, 10, 23);
const DAY_MS = 86_400_000;
const context: CheckContext = {
  channels: new Map([
    ['WHATSAPP', createTestChannel({ name: 'WHATSAPP' })],
    ['SMS', createTestChannel({ name: 'SMS' })],
  ]),
  queues: new Set(['q']),
  now: NOW,
};
const text: Content = { kind: 'TEXT', text: 'hello' };
const json: Content = { kind: 'JSON', body: {} };
const good: NewDelivery = {
  queue: 'q',
  channel: 'WHATSAPP',
  to: '+1 202 555 0101',
  content: text,
  dueAt: null,
};

/** Bad input in a good item, the code that it gets and the path that it is named by. */
const BAD: readonly (readonly [string, Partial<NewDelivery>, string, string])[] = [
  ['an unknown queue', { queue: 'nope' }, 'QUEUE_NOT_FOUND', 'queue'],
  ['a channel that is not configured', { channel: 'VOICE' }, 'CHANNEL_NOT_FOUND', 'channel'],
  ['CORE-10 an unknown zone', { timezone: 'Mars/Olympus' }, 'INVALID_TIMEZONE', 'timezone'],
  ['no instant', { dueAt: new Date(Number.NaN) }, 'INVALID_SCHEDULED_TIME', 'at'],
  ['no instant of a program', { dueAt: new Date(Number.NaN), program: 'p' }, 'INVALID_SCHEDULED_TIME', 'at'],
  ['an instant in ms times 1000', { dueAt: new Date(NOW * 1_000) }, 'INVALID_SCHEDULED_TIME', 'at'],
  ['an expiry that is past', { expiresAt: new Date(NOW) }, 'INVALID_SCHEDULED_TIME', 'expiresAt'],
  [
    'an expiry that is no instant',
    { expiresAt: new Date(Number.NaN) },
    'INVALID_SCHEDULED_TIME',
    'expiresAt',
  ],
  [
    'an expiry before the due instant',
    { dueAt: new Date(NOW + DAY_MS), expiresAt: new Date(NOW + DAY_MS) },
    'INVALID_SCHEDULED_TIME',
    'expiresAt',
  ],
  ['an empty key', { idempotencyKey: '' }, 'VALIDATION_ERROR', 'idempotencyKey'],
  ['a long key', { idempotencyKey: 'k'.repeat(513) }, 'VALIDATION_ERROR', 'idempotencyKey'],
  ['an address that is none', { to: 'nobody' }, 'VALIDATION_ERROR', 'to'],
  ['a long address', { to: '+'.padEnd(513, '1') }, 'VALIDATION_ERROR', 'to'],
  ['content of another channel', { content: json }, 'VALIDATION_ERROR', 'content'],
  [
    'a fallback to nowhere',
    { fallback: [{ channel: 'VOICE', to: '+1', content: text }] },
    'CHANNEL_NOT_FOUND',
    'fallback[0].channel',
  ],
  [
    'a bad second fallback',
    {
      fallback: [
        { channel: 'SMS', to: '+1', content: text },
        { channel: 'SMS', to: 'x', content: text },
      ],
    },
    'VALIDATION_ERROR',
    'fallback[1].to',
  ],
];

describe('CORE-4 checkDelivery', () => {
  it.each(BAD)('refuses %s, with a code and a path', (_what, bad, code, path) => {
    expect(() => checkDelivery({ ...good, ...bad }, context)).toThrow(
      expect.objectContaining({ code, path }),
    );
  });

  it('API-2 names the problem in one sentence without what a stranger may not see: the address', () => {
    const secret = 'nobody@example.org';
    expect(() => checkDelivery({ ...good, to: secret }, context)).toThrow(
      expect.objectContaining({ message: 'the address is no number' }),
    );
  });

  it('brings addresses into the form of their channels, and changes nothing else', () => {
    const fallback = [{ channel: 'SMS', to: '+1 202 555 0102', content: text }] as const;
    expect(checkDelivery({ ...good, fallback }, context)).toEqual({
      ...good,
      to: '+12025550101',
      fallback: [{ ...fallback[0], to: '+12025550102' }],
    });
  });

  it('takes a program’s late plan: what was promised was promised', () => {
    const late = { ...good, dueAt: new Date(NOW - DAY_MS), program: 'daily-content' };
    expect(checkDelivery(late, context).dueAt).toEqual(late.dueAt);
  });

  it('takes what a caller may give, whole', () => {
    const full: NewDelivery = {
      ...good,
      dueAt: new Date(NOW),
      expiresAt: new Date(NOW + 1),
      timezone: 'Asia/Kolkata',
      idempotencyKey: 'k'.repeat(512),
    };
    expect(checkDelivery(full, context)).toMatchObject({ idempotencyKey: full.idempotencyKey });
  });
});

describe('CORE-3 CORE-10 whyNotNew', () => {
  const past = { ...good, dueAt: new Date(NOW - 1), idempotencyKey: 'k' };

  it('CORE-10 a past instant makes no new delivery; CORE-3 whether its key finds an old one is asked first', () => {
    expect(checkDelivery(past, context).dueAt).toEqual(past.dueAt);
    expect(whyNotNew(past, NOW)).toMatchObject({ code: 'INVALID_SCHEDULED_TIME', path: 'at' });
  });

  it('CORE-10 now, later, at once, and what a program promised are no obstacle', () => {
    for (const dueAt of [new Date(NOW), new Date(NOW + 1), null])
      expect(whyNotNew({ ...good, dueAt }, NOW)).toBeNull();
    expect(whyNotNew({ ...past, program: 'daily-content' }, NOW)).toBeNull();
  });
});

describe('CORE-10 checkDueAt', () => {
  it('CORE-10 takes now and the next ten years, and names the path', () => {
    fc.assert(
      fc.property(fc.integer({ min: -3_650 * DAY_MS, max: 7_300 * DAY_MS }), (ahead) => {
        const check = (): void => checkDueAt(new Date(NOW + ahead), NOW, 'items[3].at');
        if (ahead >= 0 && ahead <= 3_650 * DAY_MS) expect(check).not.toThrow();
        else if (ahead < 0 || ahead > 3_660 * DAY_MS)
          expect(check).toThrow(
            expect.objectContaining({ code: 'INVALID_SCHEDULED_TIME', path: 'items[3].at' }),
          );
      }),
    );
  });
});

describe('CORE-3 keys', () => {
  const word = fc.string({ unit: fc.constantFrom('a', '|', 'client', 'program'), maxLength: 4 });
  const client = word.map((key) => uniqueKeyOf({ ...good, idempotencyKey: key }));
  const program = fc
    .record({ program: word, period: word, subject: word })
    .map((own) => uniqueKeyOf({ ...good, ...own }));

  it('CORE-3 a client’s key and a program’s can never meet', () => {
    fc.assert(fc.property(client, program, (a, b) => expect(a).not.toBe(b)));
  });

  it('CORE-3 there is none where nobody asked for one', () => {
    expect(uniqueKeyOf(good)).toBeNull();
    expect(uniqueKeyOf({ ...good, program: 'p', period: '2026-11-23' })).toBeNull();
  });

  it('CORE-3 the same request has the same fingerprint, a different one another', () => {
    const at = new Date(NOW);
    const same = fingerprintOf({ ...good, dueAt: at, idempotencyKey: 'k' });
    expect(fingerprintOf({ ...good, dueAt: new Date(NOW), tier: 'STANDARD' })).toBe(same);
    const others: Partial<NewDelivery>[] = [
      { dueAt: null },
      { dueAt: new Date(NOW + 1) },
      { to: '+12025550109' },
      { queue: 'r' },
      { channel: 'SMS' },
      { content: { kind: 'TEXT', text: 'hello!' } },
    ];
    const prints = others.map((other) => fingerprintOf({ ...good, dueAt: at, ...other }));
    expect(new Set([same, ...prints]).size).toBe(others.length + 1);
  });
});

describe('CORE-3 CORE-10 whyNotNew', () => {
  const past = { ...good, dueAt: new Date(NOW - 1) };

  it('CORE-10 refuses a past instant, with a code and a path', () => {
    expect(whyNotNew(past, NOW)).toMatchObject({ code: 'INVALID_SCHEDULED_TIME', path: 'at' });
    expect(whyNotNew({ ...good, dueAt: new Date(NOW) }, NOW)).toBeNull();
    expect(whyNotNew({ ...good, dueAt: null }, NOW)).toBeNull();
  });

  it('lets a program keep what it promised, late as it is', () => {
    expect(whyNotNew({ ...past, program: 'p' }, NOW)).toBeNull();
  });
});

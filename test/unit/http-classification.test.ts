import { describe, expect, it } from '@jest/globals';
import {
  classifyFailure,
  classifyStatus,
  OutOfTimeError,
  parseRetryAfter,
} from '../../src/adapters/channels/http-classification.js';
import { isPublicAddress } from '../../src/adapters/channels/public-address.js';
import { withoutAddresses } from '../../src/adapters/channels/refusal.js';
import { classOfMetaCode } from '../../src/adapters/channels/whatsapp-errors.js';

const NOW = Date.UTC(2026, 10, 23, 6, 0, 0);

function systemError(code: string, syscall?: string): Error {
  return Object.assign(new Error(`${code} 203.0.113.9:443`), { code, ...(syscall && { syscall }) });
}

describe('failures without an answer', () => {
  it.each([
    ['ECONNREFUSED', 'connect'],
    ['ENOTFOUND', 'getaddrinfo'],
    ['EAI_AGAIN', 'getaddrinfo'],
    ['UND_ERR_CONNECT_TIMEOUT', undefined],
    ['ETIMEDOUT', 'connect'],
    ['ECONNRESET', 'read'],
    ['CERT_HAS_EXPIRED', undefined],
    ['UND_ERR_DESTROYED', undefined],
  ])('CORE-24 %s before the request was written is RETRYABLE', (code, syscall) => {
    expect(classifyFailure(systemError(code, syscall), false)).toMatchObject({
      errorClass: 'RETRYABLE',
      code,
    });
  });

  it.each([
    ['ECONNRESET', 'read'],
    ['UND_ERR_SOCKET', undefined],
    ['UND_ERR_HEADERS_TIMEOUT', undefined],
    ['UND_ERR_DESTROYED', undefined],
    ['HPE_INVALID_CONSTANT', undefined],
  ])('CORE-29 %s after it was written is UNKNOWN', (code, syscall) => {
    expect(classifyFailure(systemError(code, syscall), true)).toMatchObject({ errorClass: 'UNKNOWN', code });
  });

  it('CORE-29 a write that failed has not got the whole request out, so it is RETRYABLE', () => {
    for (const code of ['EPIPE', 'ECONNRESET']) {
      expect(classifyFailure(systemError(code, 'write'), true)).toMatchObject({ errorClass: 'RETRYABLE' });
    }
  });

  it('CORE-29 time that is up is RETRYABLE before and UNKNOWN after', () => {
    expect(classifyFailure(new OutOfTimeError(), false)).toMatchObject({ errorClass: 'RETRYABLE' });
    expect(classifyFailure(new OutOfTimeError(), true)).toMatchObject({ errorClass: 'UNKNOWN' });
  });

  it('CORE-24 what would fail alike the next time is PERMANENT', () => {
    for (const code of ['ADDRESS_NOT_PUBLIC', 'UND_ERR_INVALID_ARG']) {
      expect(classifyFailure(systemError(code), false)).toMatchObject({ errorClass: 'PERMANENT', code });
    }
  });

  it('SEC-7 does not repeat the host of a system error', () => {
    for (const written of [true, false]) {
      expect(classifyFailure(systemError('ECONNRESET', 'read'), written).message).not.toContain(
        '203.0.113.9',
      );
    }
  });

  it('takes anything that can be thrown', () => {
    for (const thrown of [undefined, null, 'text', new Error('no code')]) {
      expect(classifyFailure(thrown, true)).toMatchObject({ errorClass: 'UNKNOWN', code: 'ERROR' });
    }
  });
});

describe('statuses', () => {
  it.each([
    [429, 'THROTTLED'],
    [500, 'RETRYABLE'],
    [503, 'RETRYABLE'],
    [599, 'RETRYABLE'],
    [408, 'RETRYABLE'],
    [425, 'RETRYABLE'],
    [401, 'UNAUTHORISED'],
    [400, 'PERMANENT'],
    [403, 'PERMANENT'],
    [404, 'PERMANENT'],
    [410, 'PERMANENT'],
    [302, 'PERMANENT'],
  ])('CORE-24 %i is %s', (status, expected) => {
    expect(classifyStatus(status)).toBe(expected);
  });
});

describe('Retry-After', () => {
  it('CORE-24 reads seconds and dates, in ms from now', () => {
    expect(parseRetryAfter('7', undefined, NOW)).toBe(7000);
    expect(parseRetryAfter(' 0 ', undefined, NOW)).toBe(0);
    expect(parseRetryAfter('Mon, 23 Nov 2026 06:01:30 GMT', undefined, NOW)).toBe(90_000);
  });

  it('CORE-24 takes a date by the server’s clock when it tells it', () => {
    const date = 'Mon, 23 Nov 2026 05:00:00 GMT';
    expect(parseRetryAfter('Mon, 23 Nov 2026 05:00:10 GMT', date, NOW)).toBe(10_000);
  });

  it('CORE-24 is a day at most, and never negative', () => {
    expect(parseRetryAfter('999999999', undefined, NOW)).toBe(86_400_000);
    expect(parseRetryAfter('Thu, 23 Nov 2028 06:00:00 GMT', undefined, NOW)).toBe(86_400_000);
    expect(parseRetryAfter('Mon, 23 Nov 2020 06:00:00 GMT', undefined, NOW)).toBe(0);
  });

  it.each([
    undefined,
    '',
    '-5',
    '1.5',
    'soon',
    '2026-11-23',
    'Mon, 99 Nov 2026 06:00:00 GMT',
    '1'.repeat(20),
  ])('CORE-24 leaves %j alone', (value) => {
    expect(parseRetryAfter(value, undefined, NOW)).toBeUndefined();
  });
});

describe('Meta’s error codes', () => {
  it.each([
    [130429, 'THROTTLED'],
    [131048, 'THROTTLED'],
    [131056, 'THROTTLED'],
    [80007, 'THROTTLED'],
    [4, 'THROTTLED'],
    [1, 'RETRYABLE'],
    [2, 'RETRYABLE'],
    [131000, 'RETRYABLE'],
    [131016, 'RETRYABLE'],
    [0, 'UNAUTHORISED'],
    [10, 'UNAUTHORISED'],
    [190, 'UNAUTHORISED'],
    [200, 'UNAUTHORISED'],
    [299, 'UNAUTHORISED'],
    [131031, 'UNAUTHORISED'],
    [100, 'PERMANENT'],
    [131026, 'PERMANENT'],
    [131030, 'PERMANENT'],
    [131047, 'PERMANENT'],
    [131051, 'PERMANENT'],
    [132001, 'PERMANENT'],
    [987654, undefined],
  ])('CORE-24 %i is %s', (code, expected) => {
    expect(classOfMetaCode(code)).toBe(expected);
  });
});

describe('sentences for logs', () => {
  it('SEC-7 loses phone numbers and e-mail addresses, and keeps error codes', () => {
    expect(withoutAddresses('(#131030) +91 98765-43210 is not allowed; nor is 919876543210.')).toBe(
      '(#131030) *** is not allowed; nor is ***.',
    );
    expect(withoutAddresses('550 5.1.1 <Ann.Lee+x@example.org>: unknown; ask postmaster@example.org')).toBe(
      '550 5.1.1 <***>: unknown; ask ***',
    );
    expect(withoutAddresses('x'.repeat(1000))).toHaveLength(300);
  });
});

describe('public addresses', () => {
  it.each([
    '127.0.0.1',
    '127.255.255.255',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.100.100.200',
    '192.0.0.192',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::127.0.0.1',
    'fe80::1',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2001:0:1::1',
    '2001:db8::1',
    'localhost',
    '',
  ])('SEC-5 %s is none', (ip) => {
    expect(isPublicAddress(ip)).toBe(false);
  });

  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700:4700::1111',
    '2001:4860:4860::8888',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ])('SEC-5 %s is one', (ip) => {
    expect(isPublicAddress(ip)).toBe(true);
  });
});

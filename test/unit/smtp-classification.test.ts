import { describe, expect, it } from '@jest/globals';
import { classifySmtpError } from '../../src/adapters/channels/smtp-classification.js';

const SENT = { sentWhole: true, secrets: [] };
const UNSENT = { sentWhole: false, secrets: [] };

/** An error as nodemailer makes it from a reply. */
function refusedWith(response: string, command = 'DATA'): Error {
  const responseCode = Number(response.slice(0, 3));
  return Object.assign(new Error(`failed: ${response}`), {
    code: 'EMESSAGE',
    command,
    response,
    responseCode,
  });
}

/** One without a reply. */
function failedWith(code: string, more: { originalCode?: string } = {}): Error {
  return Object.assign(new Error(`${code} 203.0.113.9:25`), { code, command: 'CONN', ...more });
}

describe('replies of a mail server', () => {
  it.each([
    ['421 4.7.0 too many errors on this connection', 'THROTTLED'],
    ['421 4.7.28 unusual traffic', 'THROTTLED'],
    ['450 4.2.1 this account receives mail at a rate that stops more', 'THROTTLED'],
    ['451 4.7.500 server busy', 'THROTTLED'],
    ['454 Throttling failure: daily message quota exceeded', 'THROTTLED'],
    ['421 4.3.2 shutting down', 'RETRYABLE'],
    ['450 4.2.0 greylisted, come back later', 'RETRYABLE'],
    ['451 4.3.0 local error', 'RETRYABLE'],
    ['452 4.2.2 over quota', 'RETRYABLE'],
    ['503 5.5.1 bad sequence', 'RETRYABLE'],
    ['530 5.7.0 log in first', 'UNAUTHORISED'],
    ['534 5.7.9 use a stronger way', 'UNAUTHORISED'],
    ['535 5.7.8 no', 'UNAUTHORISED'],
    ['550 5.1.1 no such user', 'PERMANENT'],
    ['552 5.2.2 mailbox full', 'PERMANENT'],
    ['554 5.7.1 refused as spam', 'PERMANENT'],
  ])('CORE-24 %s is %s', (response, errorClass) => {
    const code = /^\d{3}( \d\.\d+\.\d+)?/.exec(response)?.[0];
    for (const attempt of [SENT, UNSENT]) {
      expect(classifySmtpError(refusedWith(response), attempt)).toMatchObject({ errorClass, code });
    }
  });

  it('CORE-24 what is refused to AUTH for good is about us, and for now may pass', () => {
    const at = (response: string) =>
      classifySmtpError(refusedWith(response, 'AUTH PLAIN'), UNSENT).errorClass;
    expect(at('550 5.7.1 account disabled')).toBe('UNAUTHORISED');
    expect(at('454 4.7.0 temporary authentication failure')).toBe('RETRYABLE');
  });

  it('CORE-29 a reply that is neither yes nor no is UNKNOWN once the message is out', () => {
    expect(classifySmtpError(refusedWith('354 go on'), SENT)).toMatchObject({ errorClass: 'UNKNOWN' });
    expect(classifySmtpError(refusedWith('220 hello', 'CONN'), UNSENT)).toMatchObject({
      errorClass: 'RETRYABLE',
    });
  });

  it('SEC-7 keeps the server’s words, without addresses and secrets, in one line', () => {
    const error = refusedWith(
      '550-5.1.1 Ann.Lee@example.org\n550 5.1.1 ann.lee: see mx.example.org, a (ab)',
      'RCPT TO',
    );
    const { message } = classifySmtpError(error, {
      sentWhole: false,
      secrets: ['ann.lee', 'example.org', 'a', ''],
    });
    expect(message).toBe('the mail server refused the recipient: *** ***: see mx.***, *** (ab)');
  });

  it('a reply without words is told without them', () => {
    expect(classifySmtpError(refusedWith('452'), SENT).message).toBe(
      'the mail server refused the message for now',
    );
  });
});

describe('failures without a reply', () => {
  it.each([
    ['ESOCKET', 'ECONNREFUSED'],
    ['ESOCKET', 'ECONNRESET'],
    ['ECONNECTION', undefined],
    ['EDNS', 'ENOTFOUND'],
    ['ETLS', undefined],
    ['ETIMEDOUT', undefined],
    ['EABORT', undefined],
  ])(
    'CORE-24 CORE-29 %s (%s) is RETRYABLE before the message is out, and UNKNOWN after',
    (code, originalCode) => {
      const error = failedWith(code, originalCode === undefined ? {} : { originalCode });
      const told = code === 'EABORT' ? 'ETIMEDOUT' : (originalCode ?? code);
      expect(classifySmtpError(error, UNSENT)).toMatchObject({ errorClass: 'RETRYABLE', code: told });
      expect(classifySmtpError(error, SENT)).toMatchObject({ errorClass: 'UNKNOWN', code: told });
    },
  );

  it('CORE-24 credentials that are not there are UNAUTHORISED, and a message that does not fit is PERMANENT', () => {
    expect(classifySmtpError(failedWith('EAUTH'), UNSENT)).toMatchObject({ errorClass: 'UNAUTHORISED' });
    expect(classifySmtpError(failedWith('EMESSAGE'), UNSENT)).toMatchObject({ errorClass: 'PERMANENT' });
  });

  it('SEC-7 names no host', () => {
    expect(classifySmtpError(failedWith('ESOCKET'), UNSENT).message).not.toContain('203.0.113.9');
  });
});

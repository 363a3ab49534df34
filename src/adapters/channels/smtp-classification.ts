import type { ErrorClass } from '../../core/channel/channel.js';
import { type Refusal, refusal, withoutAddresses } from './refusal.js';

/** What is known of a failed attempt besides its error. */
export interface SmtpAttempt {
  /** Whether the mail server may have been given all of the message: without that it cannot have accepted it. */
  readonly sentWhole: boolean;
  /** Words that no message may hold: parts of the recipient's address, our user name and password. */
  readonly secrets: readonly string[];
}

/** What of nodemailer's errors is read here. */
interface SmtpError {
  readonly code?: string;
  /** The system's code, where `code` says only what kind of error it was. */
  readonly originalCode?: string;
  /** The command that it belongs to: `RCPT TO`, `DATA`, `AUTH PLAIN`; `CONN` for the connection itself. */
  readonly command?: string;
  /** Of the server's reply; absent where none came. */
  readonly responseCode?: number;
  readonly response?: string;
}

/** What was refused, by the command. Anything else is before the message, and is about the connection. */
const REFUSED: Readonly<Record<string, string>> = {
  'MAIL FROM': 'the sender',
  'RCPT TO': 'the recipient',
  DATA: 'the message',
};

/** Authentication is required, too weak, not over this connection, or has failed (RFC 4954). */
const AUTHENTICATION: ReadonlySet<number> = new Set([530, 534, 535, 538]);

/** How servers say that it was too much or too fast: SMTP has no code of its own for it. */
const THROTTLING = /\bthrottl|\b(?:rate|too (?:many|much|fast))\b/i;
/** Likewise, by the code that some of the large ones use. */
const THROTTLING_CODES: ReadonlySet<string> = new Set(['4.7.28', '4.7.500', '4.7.650', '4.7.651']);

/** The sender's address is not taken from us, whoever the recipient is (RFC 3463). */
const SENDER_NOT_OURS = /^5\.(?:1\.[78]|7\.\d+)$/;

/** Why nothing came of it, by the code. The errors' own messages may name hosts. */
const BEFORE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  EDNS: 'the host name could not be resolved',
  ETLS: 'no encrypted connection came about',
  ETIMEDOUT: 'the time was up before the message was sent',
};

/** Classifies what nodemailer says of a message that was not accepted (CORE-24). */
export function classifySmtpError(error: unknown, attempt: SmtpAttempt): Refusal {
  const known: SmtpError = typeof error === 'object' && error !== null ? error : {};
  return known.responseCode === undefined
    ? classifySilence(known, attempt.sentWhole)
    : classifyReply(known, known.responseCode, attempt);
}

function classifyReply(error: SmtpError, status: number, { sentWhole, secrets }: SmtpAttempt): Refusal {
  const response = error.response ?? '';
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1];
  const code = enhanced === undefined ? String(status) : `${status} ${enhanced}`;
  const command = error.command ?? '';
  const said = withoutSecrets(textOf(response), secrets);
  const what = command.startsWith('AUTH') ? 'the credentials' : (REFUSED[command] ?? 'the connection');
  const forNow = status < 500 ? ' for now' : '';
  const message = `the mail server refused ${what}${forNow}${said === '' ? '' : `: ${said}`}`;
  // Neither yes nor no. Where the message is out, it may be a yes in a strange form.
  if (status < 400) return refusal(sentWhole ? 'UNKNOWN' : 'RETRYABLE', code, 'the reply made no sense');
  return refusal(classOfReply(status, enhanced ?? '', command, response), code, message);
}

function classOfReply(status: number, enhanced: string, command: string, response: string): ErrorClass {
  if (status < 500) {
    return THROTTLING_CODES.has(enhanced) || THROTTLING.test(response) ? 'THROTTLED' : 'RETRYABLE';
  }
  if (AUTHENTICATION.has(status) || command.startsWith('AUTH')) return 'UNAUTHORISED';
  // The session was in the wrong state, or the connection itself was refused: no word on the message.
  if (status === 503 || !(command in REFUSED)) return 'RETRYABLE';
  return command === 'MAIL FROM' && SENDER_NOT_OURS.test(enhanced) ? 'UNAUTHORISED' : 'PERMANENT';
}

function classifySilence(error: SmtpError, sentWhole: boolean): Refusal {
  const kind = error.code ?? 'ERROR';
  // An attempt's time was up: the system's own code, so that attempts read alike over all channels.
  const code = kind === 'EABORT' ? 'ETIMEDOUT' : (error.originalCode ?? kind);
  if (kind === 'EAUTH' || kind === 'ENOAUTH') {
    return refusal('UNAUTHORISED', code, 'the mail server asks for credentials that are not there');
  }
  // Found out before anything was sent: it is larger than the server said that it takes, or names no recipient.
  if (kind === 'EMESSAGE' || kind === 'EENVELOPE') {
    return refusal('PERMANENT', code, 'the message is not one that the mail server takes');
  }
  if (sentWhole) {
    const message =
      code === 'ETIMEDOUT'
        ? 'no answer came in time; the mail server may have accepted the message'
        : 'the connection broke before the answer; the mail server may have accepted the message';
    return refusal('UNKNOWN', code, message);
  }
  return refusal('RETRYABLE', code, BEFORE[code] ?? 'the connection broke before the message was sent');
}

/** The words of a reply, without the codes in front of each line. */
function textOf(response: string): string {
  return response
    .replace(/^\d{3}(?:[ -]|$)(?:\d\.\d{1,3}\.\d{1,3}(?: |$))?/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  let result = withoutAddresses(text);
  for (const secret of secrets) {
    if (secret === '') continue;
    const word = secret.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    result = result.replace(new RegExp(`(?<![\\w-])${word}(?![\\w-])`, 'gi'), '***');
  }
  return result;
}

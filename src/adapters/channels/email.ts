import { isIP } from 'node:net';
import { createTransport, type SendMailOptions } from 'nodemailer';
import type { Channel, ChannelLimits, Content, OutgoingMessage } from '../../core/channel/channel.js';
import { type Mailbox, readEmailAddress } from '../../core/channel/email-address.js';
import { classifySmtpError } from './smtp-classification.js';

/** Longest subject, in characters. */
const SUBJECT_LENGTH = 255;

/** Of a text without a subject so much of its first line becomes one, in characters: what a list of mails shows. */
const SUBJECT_OF_TEXT_LENGTH = 78;

/** Largest text and HTML together, in bytes. */
const BODY_BYTES = 256 * 1024;

export interface EmailOptions {
  /**
   * `smtp://user:password@host:587`, or `smtps://` for TLS from the first byte (port 465); user and password only where
   * the server asks for them. Nodemailer's options may follow as a query: `?tls.rejectUnauthorized=false`.
   */
  readonly url: string;
  /** Whom mails are from. */
  readonly from: Mailbox;
  readonly limits: ChannelLimits;
  /** Connections at most; further messages wait in line. When omitted, 10. */
  readonly connections?: number;
  /** Time for a connection to come about, TLS and greeting included, in ms. When omitted, 5000. */
  readonly connectTimeoutMs?: number;
}

/** A message on its way, with what it tells of itself. */
interface Sending extends SendMailOptions {
  /** Called when the whole of it has been handed to the connection; the end mark follows at once. */
  readonly onWhole: () => void;
}

/**
 * Deliveries by e-mail, over SMTP. Carries EMAIL, and TEXT with the beginning of its first line as the subject, so that
 * a text which was written for another channel can fall back on this one.
 *
 * `Message-ID` is made of the delivery's key and the sender's domain, the same in every attempt. Mail servers and
 * mailboxes go by it to drop repetitions, so the channel is idempotent (CORE-29).
 *
 * Credentials never leave unencrypted: with a user name, a server that offers no TLS is refused, but for this machine.
 */
export function createEmailChannel(options: EmailOptions): Channel {
  const url = new URL(options.url);
  const credentials = [url.username, url.password].map(decodeURIComponent);
  const { from, limits } = options;
  const transport = createTransport({
    pool: true,
    url: options.url,
    maxConnections: options.connections ?? 10,
    // Once, over another connection: the server may close an idle one just as it is taken. Nothing was sent by then.
    maxRequeues: 1,
    connectionTimeout: options.connectTimeoutMs ?? 5000,
    greetingTimeout: options.connectTimeoutMs ?? 5000,
    dnsTimeout: options.connectTimeoutMs ?? 5000,
    // What is given up is closed at once: an attempt that is over leaves nothing behind.
    socketCloseTimeout: 0,
    requireTLS: url.username !== '' && url.protocol === 'smtp:' && !isLoopback(url.hostname),
    // What a message says of files and addresses is text, never something to be fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  transport.use('stream', (mail, next) => {
    mail.message.processFunc((stream) => stream.once('end', (mail.data as Sending).onWhole));
    next();
  });
  let closed = false;
  const domain = from.address.slice(from.address.indexOf('@') + 1);

  return {
    name: 'EMAIL',
    provider: 'smtp',
    limits,
    idempotent: true,
    onUnknownOutcome: 'RETRY',
    address: readEmailAddress,
    check: checkContent,
    async send(message, signal) {
      let sentWhole = false;
      const mail: Sending = {
        ...compose(message.content),
        // Nodemailer works on what it is given, and configuration is frozen.
        from: { ...from },
        to: { name: '', address: message.to },
        messageId: `<${message.key}@punctual.${domain}>`,
        // RFC 3834: nobody's out-of-office note is to answer it.
        headers: { 'Auto-Submitted': 'auto-generated' },
        xMailer: false,
        signal,
        onWhole: () => {
          sentWhole = true;
        },
      };
      try {
        const { response, serverMessageId } = await transport.sendMail(mail);
        return { outcome: 'ACCEPTED', messageId: serverMessageId ?? queueId(response) };
      } catch (error) {
        if (!closed && !hasCode(error)) throw error;
        const secrets = [...message.to.split('@'), ...credentials];
        return classifySmtpError(error, { sentWhole, secrets });
      }
    },
    close() {
      closed = true;
      transport.close({ force: true });
      return Promise.resolve();
    },
  };
}

function checkContent(content: Content): string | null {
  switch (content.kind) {
    case 'TEMPLATE':
      return 'is a template, which e-mail does not carry';
    case 'JSON':
      return 'is JSON, which e-mail does not carry';
    case 'TEXT':
    case 'EMAIL':
  }
  const { subject, text, html = '' } = compose(content);
  if (text.trim() === '') return 'has an empty text';
  if (subject.trim() === '') return 'has an empty subject';
  if (subject.length > SUBJECT_LENGTH) return `has a subject longer than ${SUBJECT_LENGTH} characters`;
  if (/[\p{Cc}\u2028\u2029]/u.test(subject)) return 'has a line break in its subject';
  const bytes = Buffer.byteLength(text) + Buffer.byteLength(html);
  return bytes > BODY_BYTES ? `is larger than ${BODY_BYTES} bytes` : null;
}

function compose(content: OutgoingMessage['content']): { subject: string; text: string; html?: string } {
  switch (content.kind) {
    case 'EMAIL': {
      const { subject, text, html } = content;
      return html === undefined ? { subject, text } : { subject, text, html };
    }
    case 'TEXT':
      return { subject: subjectOf(content.text), text: content.text };
    case 'TEMPLATE':
    case 'JSON':
      // `check` refuses it when the delivery is accepted; what gets here is a bug of ours.
      throw new TypeError(`e-mail does not carry ${content.kind}`);
  }
}

/** The first line that is not empty, cut between words. */
function subjectOf(text: string): string {
  const line = text.trimStart().split(/[\r\n\u2028\u2029]/, 1)[0] ?? '';
  const words = line.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  if (words.length <= SUBJECT_OF_TEXT_LENGTH) return words;
  const cut = words.slice(0, SUBJECT_OF_TEXT_LENGTH - 1);
  const blank = cut.lastIndexOf(' ');
  return `${(blank > 0 ? cut.slice(0, blank) : cut).trimEnd()}…`;
}

/** Under which the server queued it, as most of them say at the end of their reply; null where it does not. */
function queueId(response: string): string | null {
  return /\bqueued as <?([\w.@+=/-]{1,200})/i.exec(response)?.[1] ?? null;
}

/** Errors of nodemailer and of the system have one; on closing there is one without. All others are defects of ours. */
function hasCode(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error;
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'))
  );
}

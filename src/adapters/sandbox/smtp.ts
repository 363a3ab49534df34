import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import {
  SMTPServer,
  type SMTPServerDataStream,
  type SMTPServerError,
  type SMTPServerSession,
} from 'smtp-server';
import { arrivalTime } from './arrival-clock.js';
import type { Behaviour } from './behaviour.js';
import type { Fate, Gate } from './gate.js';
import type { Ledger, OpenLine } from './ledger.js';
import type { SandboxMailbox } from './mailbox.js';
import type { Pauses } from './pauses.js';

/** Name of the channel in the ledger and the behaviour. */
export const EMAIL_CHANNEL = 'email';

/** Where the channel differs from `DEFAULT_BEHAVIOUR`: its statuses are replies of SMTP. */
export const EMAIL_DEFAULTS: Partial<Behaviour> = { errorStatus: 451 };

/** By convention mailboxes whose names end so do not exist: they are refused with 550, before the mail is sent. */
const UNKNOWN_MAILBOX = '0404@';
/** By convention the only password that is wrong. */
const WRONG_PASSWORD = 'invalid';

/** Largest mail, in bytes: what Punctual sends at most, encoded in the widest way. */
const MAIL_BYTES = 1024 * 1024;

/** A hung client is let go after so long, in milliseconds. */
const HANG_MS = 120_000;

/** Keys of accepted mails that are remembered, to drop repetitions. */
const KEYS_KEPT = 200_000;

const OK = 250;
const THROTTLED = 450;
const NO_MAILBOX = 550;
const TOO_LARGE = 552;
const BAD_CREDENTIALS = 535;

/** What the mail server works with. */
export interface SmtpOptions {
  readonly gate: Gate;
  readonly ledger: Ledger;
  readonly pauses: Pauses;
  readonly mailbox: SandboxMailbox;
  readonly onError: (error: unknown) => void;
}

/** A mail whose `DATA` has come, until its end is there. */
interface Arrival {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The same instant on the monotonic clock, which latency is measured on. */
  readonly started: number;
  readonly line: OpenLine;
  readonly n: number;
  readonly from: string;
  readonly to: string;
}

/** What is made of a mail before its fate is known. */
interface Reading {
  /** Null where it was larger than the server takes. */
  readonly raw: Buffer | null;
  readonly key: string | null;
  /** The id under which the same key was accepted before; null where it was not. */
  readonly duplicate: string | null;
}

/** What becomes of it. */
interface Conclusion {
  /** A reply, or what is done to the connection in its place. */
  readonly ending: { readonly status: number; readonly text: string } | 'RESET' | 'HANG';
  /** As it goes into the ledger: for RESET_AFTER_ACCEPT the status that the client did not get to see. */
  readonly status: number | null;
  readonly messageId: string | null;
}

type Answer = (error: Error | null, text?: string) => void;

/**
 * A mail server that takes every mail for everybody, as far as its behaviour lets it, and drops repetitions by their
 * `Message-ID`. A request, as the ledger counts them, is a mail from its `DATA` on, or a recipient that is refused.
 */
export class SandboxSmtp {
  readonly #server: SMTPServer;
  readonly #sockets = new Map<string, Socket>();
  /** Mails that are being read, by session: a client that goes away in the middle leaves its line open. */
  readonly #reading = new Map<string, Arrival>();
  /** The ids under which mails were accepted, by key, oldest first. */
  readonly #accepted = new Map<string, string>();
  // Ids must not repeat after a restart of the sandbox: Punctual may still have those of the run before.
  readonly #run = randomBytes(4).toString('hex').toUpperCase();
  #count = 0;

  constructor(private readonly options: SmtpOptions) {
    this.#server = new SMTPServer({
      name: 'sandbox.invalid',
      size: MAIL_BYTES,
      authOptional: true,
      allowInsecureAuth: true,
      disableReverseLookup: true,
      // Without a certificate that anybody could check, TLS would only be in the way.
      disabledCommands: ['STARTTLS'],
      hideENHANCEDSTATUSCODES: false,
      socketTimeout: HANG_MS + 10_000,
      maxAllowedUnauthenticatedCommands: false,
      onAuth: ({ username, password }, _session, done) => {
        if (password === WRONG_PASSWORD) done(reply(BAD_CREDENTIALS, 'the password is wrong'));
        else done(null, { user: username });
      },
      onRcptTo: ({ address }, session, done) => {
        if (!address.includes(UNKNOWN_MAILBOX)) return done();
        const refused = this.#arrive(session, address);
        refused.line.decide({
          to: address,
          key: null,
          answer: 'REJECTED',
          status: NO_MAILBOX,
          messageId: null,
        });
        done(reply(NO_MAILBOX, 'there is no such mailbox'));
      },
      onData: (stream, session, done) => this.#receive(stream, session, done),
      onClose: (session) => this.#brokenOff(session),
    });
    this.#server.server.on('connection', (socket: Socket) => {
      const id = idOf(socket);
      this.#sockets.set(id, socket);
      socket.on('close', () => this.#sockets.delete(id));
    });
    this.#server.on('error', (error) => {
      // Before it listens, `listen` rejects with it. Clients that break off are what the sandbox is for.
      if (this.#server.server.listening && !isClientGone(error)) options.onError(error);
    });
  }

  /** @returns the port. @throws what the system says, as EADDRINUSE */
  async listen(port: number, host: string): Promise<number> {
    const listener = this.#server.listen(port, host);
    await once(listener, 'listening');
    return (listener.address() as AddressInfo).port;
  }

  /** Cuts every connection and frees the port. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }

  #arrive(session: SMTPServerSession, to: string): Arrival {
    const { ledger, gate } = this.options;
    const at = arrivalTime();
    const started = performance.now();
    const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
    return { at, started, line: ledger.arrive(EMAIL_CHANNEL, at), n: gate.arrive(), from, to };
  }

  #receive(stream: SMTPServerDataStream, session: SMTPServerSession, done: Answer): void {
    const arrival = this.#arrive(session, session.envelope.rcptTo.map(({ address }) => address).join(', '));
    this.#reading.set(session.id, arrival);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => {
      if (!stream.sizeExceeded) chunks.push(chunk);
    });
    stream.on('end', () => {
      this.#reading.delete(session.id);
      const raw = stream.sizeExceeded ? null : Buffer.concat(chunks);
      try {
        this.#answer(arrival, raw, session, done);
      } catch (error) {
        const { to, line } = arrival;
        line.decide({ to, key: null, answer: 'ERROR', status: 451, messageId: null });
        done(reply(451, 'the sandbox failed'));
        this.options.onError(error);
      }
    });
  }

  #answer(arrival: Arrival, raw: Buffer | null, session: SMTPServerSession, done: Answer): void {
    const { gate, pauses } = this.options;
    const { n, at, to, started, line } = arrival;
    const key = raw === null ? null : messageIdOf(raw);
    const duplicate = key === null ? null : (this.#accepted.get(key) ?? null);
    const verdict = raw === null ? 'REFUSED' : duplicate === null ? 'GOOD' : 'DUPLICATE';
    const fate = gate.decide({ n, at, to, verdict });
    const { ending, status, messageId } = this.#conclude(fate, arrival, { raw, key, duplicate });
    line.decide({ to, key, answer: fate.answer, status, messageId });

    const socket = this.#sockets.get(idOf(session));
    if (ending === 'HANG') {
      pauses.after(HANG_MS, () => socket?.destroy());
      return;
    }
    const end = (): void => {
      if (ending === 'RESET') socket?.resetAndDestroy();
      else if (ending.status === OK) done(null, ending.text);
      else done(reply(ending.status, ending.text));
    };
    const wait = fate.latencyMs - (performance.now() - started);
    if (fate.latencyMs === 0 || wait <= 0) end();
    else pauses.after(wait, end);
  }

  #conclude(fate: Fate, arrival: Arrival, reading: Reading): Conclusion {
    const { errorStatus, retryAfterSeconds } = this.options.gate.behaviour;
    const taken = (messageId: string): Conclusion => ({
      ending: { status: OK, text: `OK: queued as ${messageId}` },
      status: OK,
      messageId,
    });
    const refused = (status: number, text: string): Conclusion => ({
      ending: { status, text },
      status,
      messageId: null,
    });
    switch (fate.answer) {
      case 'ACCEPTED':
        return taken(this.#accept(arrival, reading));
      case 'RESET_AFTER_ACCEPT':
        return { ...taken(this.#accept(arrival, reading)), ending: 'RESET' };
      case 'DEDUPLICATED':
        return taken(reading.duplicate ?? this.#accept(arrival, reading));
      case 'REJECTED':
        return refused(TOO_LARGE, `the mail is larger than ${MAIL_BYTES} bytes`);
      case 'THROTTLED':
        return refused(THROTTLED, `too many mails; try again in ${retryAfterSeconds} s`);
      case 'ERROR':
        return refused(errorStatus, 'the sandbox was told to refuse this mail');
      case 'RESET':
        return { ending: 'RESET', status: null, messageId: null };
      case 'HUNG':
        return { ending: 'HANG', status: null, messageId: null };
    }
  }

  #accept({ at, line, from, to }: Arrival, { key, raw }: Reading): string {
    this.#count += 1;
    const messageId = `${this.#run}${this.#count}`;
    if (key !== null) this.#remember(key, messageId);
    if (raw !== null) this.options.mailbox.keep({ seq: line.seq, at, from, to, key, messageId, raw });
    return messageId;
  }

  #remember(key: string, messageId: string): void {
    this.#accepted.set(key, messageId);
    if (this.#accepted.size <= KEYS_KEPT) return;
    const [oldest] = this.#accepted.keys();
    if (oldest !== undefined) this.#accepted.delete(oldest);
  }

  #brokenOff(session: SMTPServerSession): void {
    const arrival = this.#reading.get(session.id);
    if (!arrival) return;
    this.#reading.delete(session.id);
    // The server never got to see a whole mail, so it refuses it, and there is nobody left to tell.
    arrival.line.decide({ to: arrival.to, key: null, answer: 'REJECTED', status: null, messageId: null });
  }
}

/** The client's end of a connection: by it the socket of a session is found. */
function idOf({ remoteAddress = '', remotePort = 0 }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress.replace(/^::ffff:/, '')}:${remotePort}`;
}

function isClientGone(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

function reply(responseCode: number, text: string): SMTPServerError {
  return Object.assign(new Error(text), { responseCode });
}

/** The header as it was sent; null where there is none. */
function messageIdOf(raw: Buffer): string | null {
  const end = raw.indexOf('\r\n\r\n');
  const headers = raw.toString('latin1', 0, end === -1 ? raw.length : end).replace(/\r\n[ \t]+/g, ' ');
  return /^message-id:[ \t]*(\S[^\r\n]*?)[ \t]*$/im.exec(headers)?.[1] ?? null;
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PunctualError } from '../../core/errors.js';
import type { Gate } from './gate.js';
import { isRecord, parseJson, readBody, sendJson } from './http-body.js';
import type { Ledger } from './ledger.js';
import type { SandboxMailbox } from './mailbox.js';
import type { CallbackCounts, CallbackTarget } from './status-callbacks.js';

/** What of a channel's webhooks can be steered, whatever its events are. */
export interface SteerableCallbacks {
  readonly target: CallbackTarget | undefined;
  readonly counts: CallbackCounts;
  setTarget(target: CallbackTarget | undefined): void;
}

export interface Controlled {
  readonly ledger: Ledger;
  readonly gates: ReadonlyMap<string, Gate>;
  readonly callbacks: ReadonlyMap<string, SteerableCallbacks>;
  readonly mailbox: SandboxMailbox;
}

/** Where the control interface begins; no provider's path does. */
export const CONTROL_PREFIX = '/_sandbox/';

type Handler = (input: unknown) => unknown;

/**
 * Serves `/_sandbox/...`:
 *
 * - `GET /_sandbox/health`
 * - `GET /_sandbox/ledger?channel=&after=SEQ`, `DELETE /_sandbox/ledger`
 * - `GET /_sandbox/mail?after=SEQ`, `DELETE /_sandbox/mail`: the mails that were accepted last, a thousand at most, with
 *   subject, text and HTML
 * - `GET /_sandbox/behaviour`, and `GET`, `PUT`, `DELETE /_sandbox/behaviour/CHANNEL`
 * - `GET`, `PUT`, `DELETE /_sandbox/callbacks/CHANNEL`
 *
 * Errors are `{"code","path","message"}`. Rejects only when the client breaks a stream off.
 */
export async function control(
  controlled: Controlled,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '', 'http://sandbox');
  const method = request.method ?? '';
  const body = await new Promise<Parameters<Parameters<typeof readBody>[1]>[0]>((resolve) =>
    readBody(request, resolve),
  );
  if (body === 'BROKEN_OFF') return;
  try {
    if (body === 'TOO_LARGE') throw new PunctualError('PAYLOAD_TOO_LARGE', 'the body is larger than 256 kB');
    if (method === 'GET' && url.pathname === '/_sandbox/ledger') {
      await streamLedger(controlled, url.searchParams, response);
      return;
    }
    if (method === 'GET' && url.pathname === '/_sandbox/mail') {
      await streamLines(controlled.mailbox.read(readAfter(url.searchParams)), response);
      return;
    }
    const handlers = route(controlled, url.pathname);
    const handler = handlers[method];
    if (!handler) {
      const allow = Object.keys(handlers).join(', ');
      response.setHeader('allow', allow);
      sendJson(response, 405, {
        code: 'INVALID_OPERATION',
        path: url.pathname,
        message: `takes ${allow} only`,
      });
      return;
    }
    sendJson(response, 200, handler(method === 'PUT' ? parsed(body) : undefined));
  } catch (error) {
    if (!(error instanceof PunctualError)) throw error;
    const { code, path, message } = error;
    sendJson(response, STATUSES[code] ?? 400, { code, path: path ?? '', message });
  }
}

const STATUSES: Partial<Record<PunctualError['code'], number>> = { NOT_FOUND: 404, PAYLOAD_TOO_LARGE: 413 };

function parsed(body: Buffer): unknown {
  const value = parseJson(body.toString('utf8'));
  if (value === undefined) throw new PunctualError('MALFORMED_REQUEST', 'the body is not JSON', { path: '' });
  return value;
}

/** What a path takes, by method. What is streamed is listed for `Allow` alone; it does not get here. */
function route({ ledger, gates, callbacks, mailbox }: Controlled, path: string): Record<string, Handler> {
  const [subject = '', channel, ...rest] = path.slice(CONTROL_PREFIX.length).split('/');
  switch (rest.length === 0 ? `${subject}${channel === undefined ? '' : '/CHANNEL'}` : '') {
    case 'health':
      return { GET: () => ({ ok: true, channels: [...gates.keys()], arrived: ledger.arrived }) };
    case 'ledger':
      return { GET: () => null, DELETE: () => emptied(ledger) };
    case 'mail':
      return { GET: () => null, DELETE: () => emptied(mailbox) };
    case 'behaviour':
      return { GET: () => Object.fromEntries([...gates].map(([name, gate]) => [name, gate.behaviour])) };
    case 'behaviour/CHANNEL': {
      const gate = ofChannel(gates, channel);
      return { GET: () => gate.behaviour, PUT: (input) => gate.change(input), DELETE: () => gate.setBack() };
    }
    case 'callbacks/CHANNEL': {
      const queue = ofChannel(callbacks, channel);
      return {
        GET: () => shown(queue),
        PUT: (input) => retarget(queue, readTarget(input, queue.target)),
        DELETE: () => retarget(queue, undefined),
      };
    }
    default:
      throw new PunctualError('NOT_FOUND', 'there is nothing at this path', { path });
  }
}

function emptied(kept: Ledger | SandboxMailbox): object {
  kept.clear();
  return { emptied: true };
}

function retarget(queue: SteerableCallbacks, target: CallbackTarget | undefined): object {
  queue.setTarget(target);
  return shown(queue);
}

function ofChannel<Value>(values: ReadonlyMap<string, Value>, channel = ''): Value {
  const value = values.get(channel);
  if (value !== undefined) return value;
  const known = [...values.keys()].join(', ');
  throw new PunctualError('VALIDATION_ERROR', `is not a channel here; known are ${known}`, {
    path: 'channel',
  });
}

function shown({ target, counts }: SteerableCallbacks): object {
  return { url: target?.url ?? null, ...counts };
}

/** `{"url","appSecret"}`, each as it was when omitted; a null `url` stops the webhooks. */
function readTarget(input: unknown, current: CallbackTarget | undefined): CallbackTarget | undefined {
  if (!isRecord(input)) throw new PunctualError('VALIDATION_ERROR', 'must be a JSON object', { path: '' });
  const unknown = Object.keys(input).find((key) => key !== 'url' && key !== 'appSecret');
  if (unknown !== undefined) {
    throw new PunctualError('VALIDATION_ERROR', 'is not known; known are url, appSecret', { path: unknown });
  }
  const { url = current?.url, appSecret = current?.secret } = input;
  return url === null ? undefined : checkTarget(url, appSecret);
}

/** @throws PunctualError `VALIDATION_ERROR` unless `url` is an http(s) URL and there is a secret. */
export function checkTarget(url: unknown, appSecret: unknown): CallbackTarget {
  if (typeof url !== 'string' || !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new PunctualError('VALIDATION_ERROR', 'must be an http or https URL', { path: 'url' });
  }
  if (typeof appSecret !== 'string' || appSecret === '') {
    throw new PunctualError('VALIDATION_ERROR', 'must be a text that is not empty', { path: 'appSecret' });
  }
  return { url, secret: appSecret };
}

async function streamLedger(
  { ledger, gates }: Controlled,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const channel = query.get('channel') || undefined;
  if (channel !== undefined) ofChannel(gates, channel);
  await streamLines(ledger.read(readAfter(query), channel), response);
}

/** The line after which reading goes on; 0 when omitted. */
function readAfter(query: URLSearchParams): number {
  const after = query.get('after') || '0';
  if (/^\d{1,15}$/.test(after)) return Number(after);
  throw new PunctualError('VALIDATION_ERROR', 'must be the seq of a line, or 0', { path: 'after' });
}

async function streamLines(
  lines: Iterable<Buffer> | AsyncIterable<string>,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8' });
  await pipeline(Readable.from(lines, { objectMode: false }), response);
}

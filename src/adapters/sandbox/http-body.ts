import type { IncomingMessage, ServerResponse } from 'node:http';

/** Largest request body that the sandbox reads, in bytes: 256 kB, as Punctual itself. */
const BODY_LIMIT = 256 * 1024;

/** What is thrown away of a larger one, so that the client gets to read the 413; after that it is cut off. */
const DISCARD_LIMIT = 16 * 1024 * 1024;

export type Body = Buffer | 'TOO_LARGE' | 'BROKEN_OFF';

const EMPTY = Buffer.alloc(0);

/** Reads a request's body and calls `done` once with it, or with why there is none. */
export function readBody(request: IncomingMessage, done: (body: Body) => void): void {
  let chunks: Buffer[] = [];
  let size = 0;
  let open = true;
  const finish = (body: Body): void => {
    if (!open) return;
    open = false;
    done(body);
  };
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(chunk);
    else chunks = [];
    if (size > DISCARD_LIMIT) request.destroy();
  });
  request.on('end', () => {
    if (size > BODY_LIMIT) finish('TOO_LARGE');
    else
      finish(chunks.length === 1 ? (chunks[0] as Buffer) : size === 0 ? EMPTY : Buffer.concat(chunks, size));
  });
  // 'close' without 'end': the client has gone, or the server's request timeout has ended it.
  request.on('close', () => finish('BROKEN_OFF'));
}

/** Answers with a text, JSON unless the headers say otherwise. */
export function sendText(
  response: ServerResponse,
  status: number,
  body: string,
  headers?: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendText(response, status, JSON.stringify(value));
}

/** `text` parsed as JSON, or undefined where it is not (JSON itself has no undefined). */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { PunctualClientError } from './errors.js';
import { type Endpoint, networkError, refusalOf, send } from './http.js';
import { ServerSentEventParser } from './sse-parser.js';
import type { Result, Run, Transport } from './transport.js';

/** The server writes at least a comment every 12 s; after so long without a byte it is gone, in ms. */
const SILENCE_MS = 30_000;

/**
 * GraphQL over server-sent events, a request for each subscription: for where WebSockets are not to be had. Read with
 * `fetch`, because an EventSource can send no Authorization header.
 */
export class SseTransport implements Transport {
  constructor(
    private readonly endpoint: Endpoint,
    private readonly silenceMs = SILENCE_MS,
  ) {}

  async *run({ body, key, onOpen, signal }: Run): AsyncGenerator<Result, void> {
    const silence = new Silence(this.silenceMs);
    try {
      const either = AbortSignal.any([signal, silence.signal]);
      const response = await send(this.endpoint, key, body, 'text/event-stream', either, signal);
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
      if (!response.ok || !isStream || !response.body) throw await refusalOf(response, signal);
      onOpen();
      const parser = new ServerSentEventParser();
      for await (const text of pieces(response.body, this.endpoint.url, silence)) {
        for (const { event, data } of parser.push(text)) {
          if (event === 'complete') return;
          if (event === 'next') yield parse(data);
        }
      }
      throw networkError(this.endpoint.url, new Error('the stream ended before the operation was complete'));
    } finally {
      silence.end();
    }
  }

  /** Each subscription's signal ends its request. */
  async close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The text of a body as it comes. Not every browser iterates over streams, so the reader is asked. */
async function* pieces(
  body: ReadableStream<Uint8Array>,
  url: string,
  silence: Silence,
): AsyncGenerator<string, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      silence.broken();
      yield decoder.decode(value, { stream: true });
    }
  } catch (cause) {
    throw networkError(url, cause);
  } finally {
    // Left in the middle: the connection is of no more use. A cancel that fails has nothing left to end.
    await reader.cancel().catch(() => undefined);
  }
}

function parse(data: string): Result {
  try {
    return JSON.parse(data) as Result;
  } catch (cause) {
    throw new PunctualClientError('BAD_RESPONSE', 'an event of the stream is not JSON', { cause });
  }
}

/** Aborts when nothing has been heard for too long. */
class Silence {
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout>;

  constructor(private readonly ms: number) {
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  broken(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start(): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#controller.abort(new DOMException('nothing was heard for too long', 'TimeoutError'));
    }, this.ms);
  }
}

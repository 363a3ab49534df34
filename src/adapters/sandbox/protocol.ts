import type { IncomingMessage } from 'node:http';
import type { Behaviour } from './behaviour.js';

/** An answer in the provider's own form; the body is JSON unless the headers say otherwise. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a protocol makes of a request before its fate is known. */
export interface Reading {
  /** E.164 with plus for phones; null where the request names nobody. */
  readonly to: string | null;
  /** The delivery's key as the protocol carries it; null where it carries none. */
  readonly key: string | null;
  /** The provider's answer to a request that it would not take on any day. */
  readonly refusal?: Answer;
  /** The provider's answer to a retry key that it has seen before, with the id of what it accepted then. */
  readonly duplicate?: Acceptance;
  /** Takes the message (sends status webhooks and the like) and says what to answer. `n` is for `Gate.strikes`. */
  accept(n: number): Acceptance;
}

export interface Acceptance {
  readonly answer: Answer;
  /** The provider's id of the message. */
  readonly messageId: string;
}

/** A provider that speaks HTTP. A new one is a file that implements this, and a line in `sandbox.ts`. */
export interface HttpProtocol {
  /** Name of the channel in the ledger and the behaviour. */
  readonly channel: string;
  /** Where the channel differs from `DEFAULT_BEHAVIOUR`. */
  readonly defaults: Partial<Behaviour>;
  /** Whether the request is for this provider. The path comes without the query. */
  claims(method: string, path: string): boolean;
  /** Reads a request. Not to throw: what it cannot read it refuses. */
  read(request: IncomingMessage, body: Buffer): Reading;
  /** The provider's answer to one request too many. */
  throttled(limit: 'CHANNEL' | 'RECIPIENT', retryAfterSeconds: number): Answer;
  /** The provider's answer with a status that stands for a fault, or for a body it does not read. */
  failed(status: number, retryAfterSeconds: number): Answer;
}

import { performance } from 'node:perf_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fate, Gate } from './gate.js';
import { readBody, sendText, type Body } from './http-body.js';
import type { Ledger, OpenLine } from './ledger.js';
import type { Pauses } from './pauses.js';
import type { Acceptance, Answer, HttpProtocol, Reading } from './protocol.js';

/** A hung request is let go after so long, in milliseconds: longer than any client should wait, but not for ever. */
const HANG_MS = 120_000;

/** What one HTTP provider of the sandbox works with. */
export interface Exchange {
  readonly protocol: HttpProtocol;
  readonly gate: Gate;
  readonly ledger: Ledger;
  readonly pauses: Pauses;
  /** Told of what should not happen, after the request has been answered with 500. */
  readonly onError: (error: unknown) => void;
}

/** What is done to the client's connection in the end. */
type Ending = Answer | 'RESET' | 'HANG';

/** Takes a request from its arrival (`at`, milliseconds since 1970) to its line in the ledger and its answer. */
export function serve(
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
  at: number,
): void {
  const { protocol, gate, ledger } = exchange;
  const started = performance.now();
  const line = ledger.arrive(protocol.channel, at);
  const n = gate.arrive();
  readBody(request, (body) => {
    try {
      answer(exchange, { request, response, at, started, line, n, body });
    } catch (error) {
      const failure = protocol.failed(500, 0);
      line.decide({ to: null, key: null, answer: 'ERROR', status: failure.status, messageId: null });
      sendText(response, failure.status, failure.body, failure.headers);
      exchange.onError(error);
    }
  });
}

interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The same instant on the monotonic clock, which latency is measured on. */
  readonly started: number;
  readonly line: OpenLine;
  readonly n: number;
  readonly body: Body;
}

function answer(exchange: Exchange, arrival: Arrival): void {
  const { protocol, gate, pauses } = exchange;
  const { response, line, n, at, started } = arrival;
  if (arrival.body === 'BROKEN_OFF') {
    // The provider never got to see a whole request, so it refuses it, and there is nobody left to tell.
    line.decide({ to: null, key: null, answer: 'REJECTED', status: null, messageId: null });
    return;
  }
  const reading =
    arrival.body === 'TOO_LARGE' ? tooLarge(protocol) : protocol.read(arrival.request, arrival.body);
  const verdict = reading.refusal ? 'REFUSED' : reading.duplicate ? 'DUPLICATE' : 'GOOD';
  const fate = gate.decide({ n, at, to: reading.to, verdict });
  const { ending, messageId, status } = conclude(exchange, reading, fate, n);
  line.decide({ to: reading.to, key: reading.key, answer: fate.answer, status, messageId });

  if (ending === 'HANG') {
    pauses.after(HANG_MS, () => response.destroy());
    return;
  }
  const wait = fate.latencyMs - (performance.now() - started);
  if (fate.latencyMs === 0 || wait <= 0) end(arrival, ending);
  else pauses.after(wait, () => end(arrival, ending));
}

interface Conclusion {
  readonly ending: Ending;
  readonly messageId: string | null;
  /** As it goes into the ledger: for RESET_AFTER_ACCEPT the status that the client did not get to see. */
  readonly status: number | null;
}

function conclude({ protocol, gate }: Exchange, reading: Reading, fate: Fate, n: number): Conclusion {
  const { retryAfterSeconds, errorStatus } = gate.behaviour;
  const plain = (ending: Answer): Conclusion => ({ ending, messageId: null, status: ending.status });
  const accepted = ({ answer: ending, messageId }: Acceptance): Conclusion => ({
    ending,
    messageId,
    status: ending.status,
  });
  switch (fate.answer) {
    case 'ACCEPTED':
      return accepted(reading.accept(n));
    case 'RESET_AFTER_ACCEPT':
      return { ...accepted(reading.accept(n)), ending: 'RESET' };
    case 'DEDUPLICATED':
      return accepted(reading.duplicate ?? reading.accept(n));
    case 'REJECTED':
      return plain(reading.refusal ?? protocol.failed(400, retryAfterSeconds));
    case 'THROTTLED':
      return plain(protocol.throttled(fate.limit ?? 'CHANNEL', retryAfterSeconds));
    case 'ERROR':
      return plain(protocol.failed(errorStatus, retryAfterSeconds));
    case 'RESET':
      return { ending: 'RESET', messageId: null, status: null };
    case 'HUNG':
      return { ending: 'HANG', messageId: null, status: null };
  }
}

function end({ request, response }: Arrival, ending: Answer | 'RESET'): void {
  if (response.destroyed) return; // The client did not wait for the answer; the ledger has it all the same.
  if (ending === 'RESET') request.socket.resetAndDestroy();
  else sendText(response, ending.status, ending.body, ending.headers);
}

function tooLarge(protocol: HttpProtocol): Reading {
  const refusal = protocol.failed(413, 0);
  return {
    to: null,
    key: null,
    refusal,
    accept: () => {
      throw new Error('a request that was too large was accepted');
    },
  };
}

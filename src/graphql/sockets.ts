import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExecutionResult } from 'graphql';
import { CloseCode, handleProtocols, makeServer, type Server } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { PunctualError } from '../core/index.js';
import type { Context } from '../schema/context.js';
import { authenticate, type Credentials, originAllowed } from './auth.js';
import { watch } from './credentials-watch.js';
import { textOf } from './crowds/shared-text.js';
import { admit, asGraphQLError, type Edge, type Results } from './edge.js';
import { RateLimitedError } from './errors.js';
import { answer, follow, type Followed } from './execution.js';
import { MAX_BODY_BYTES } from './limits.js';
import type { CutOff } from './metrics/operation-metrics.js';

/** Close codes: too many connections, as HTTP's 429; and, of the WebSocket protocol's own, come back later. */
const TOO_MANY = 4429;
const TRY_AGAIN_LATER = 1013;
/** How often sockets are asked whether they live, in ms. */
const ROUND_MS = 10_000;
/** Answers that may wait in one socket for a reader that does not read, in bytes; more ends it. */
const MOST_BUFFERED = 4 * 1024 * 1024;
/** How long the last words that a stop sends may take to leave, in ms. */
const FAREWELL_MS = 1_000;

/** What is known about one socket. */
interface Peer {
  readonly socket: WebSocket;
  /** The connection below it. */
  readonly stream: Duplex;
  readonly address: string;
  credentials?: Credentials;
  giveBack?: () => void;
  unwatch?: () => void;
  answered: boolean;
}

/** GraphQL over WebSocket (graphql-transport-ws), with the limits that Apollo gives HTTP (SEC-1, SEC-3). */
export class Sockets {
  readonly #wss = new WebSocketServer({ noServer: true, maxPayload: MAX_BODY_BYTES, handleProtocols });
  readonly #peers = new Set<Peer>();
  readonly #protocol: Server<Peer>;
  readonly #round: NodeJS.Timeout;

  constructor(
    private readonly edge: Edge,
    private readonly allowedOrigins: readonly string[],
  ) {
    this.#protocol = this.#makeProtocol();
    this.#round = setInterval(() => this.#goRound(), ROUND_MS).unref();
  }

  /** Takes a connection over from the HTTP server, or refuses it. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const refusal = this.#refusal(request);
    if (refusal !== null) {
      stream.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#wss.handleUpgrade(request, stream, head, (socket) => this.#open(socket, stream, request));
  }

  /** Call when subscriptions have been told to end: lets their last words leave, then closes with 1001. */
  async stop(): Promise<void> {
    clearInterval(this.#round);
    const deadline = Date.now() + FAREWELL_MS;
    const busy = (): boolean => [...this.#peers].some(({ socket }) => socket.bufferedAmount > 0);
    do await new Promise((resolve) => setTimeout(resolve, 10));
    while (busy() && Date.now() < deadline);
    for (const { socket } of this.#peers) socket.close(1001, 'the server stops');
    const closed = new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.#peers.size === 0 || Date.now() > deadline + FAREWELL_MS) resolve();
        else setTimeout(look, 10);
      };
      look();
    });
    await closed;
    for (const { socket } of this.#peers) socket.terminate();
    this.#wss.close();
  }

  #refusal(request: IncomingMessage): string | null {
    if (this.edge.stopping.aborted) return '503 Service Unavailable';
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/graphql') return '404 Not Found';
    return originAllowed(request, this.allowedOrigins) ? null : '403 Forbidden';
  }

  #open(socket: WebSocket, stream: Duplex, request: IncomingMessage): void {
    const address = request.socket.remoteAddress ?? 'unknown';
    const peer: Peer = { socket, stream, address, answered: true };
    this.#peers.add(peer);
    const counted = this.edge.metrics.operations.socketOpened();
    const closed = this.#protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => this.#send(peer, [text]),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) => {
          socket.on('message', (data) => {
            take(Buffer.isBuffer(data) ? data.toString('utf8') : '').catch((error: unknown) =>
              this.#fail(socket, error),
            );
          });
        },
      },
      peer,
    );
    socket.on('pong', () => (peer.answered = true));
    // What a peer sends wrong (a frame too long, bytes that are no text) ends its socket by itself.
    socket.on('error', (error) => this.edge.log.debug({ err: error }, 'a socket failed'));
    socket.once('close', (code, reason) => {
      this.#peers.delete(peer);
      counted();
      peer.giveBack?.();
      peer.unwatch?.();
      closed(code, reason.toString('utf8')).catch((error: unknown) => this.#fail(socket, error));
    });
  }

  /** Resolves when the bytes have left, so that a subscription goes on no faster than its reader reads. */
  #send(peer: Peer, texts: readonly string[]): Promise<void> {
    const { socket, stream } = peer;
    if (socket.readyState !== socket.OPEN) return Promise.resolve();
    if (socket.bufferedAmount > MOST_BUFFERED) {
      this.#cutOff(peer, 'SOCKET_FULL');
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      // Together: writing to a connection costs more than all that comes before it.
      stream.cork();
      for (const [i, text] of texts.entries()) {
        // An error here means that the socket has gone; its close event does what is to be done.
        socket.send(text, i === texts.length - 1 ? () => resolve() : undefined);
      }
      stream.uncork();
    });
  }

  /**
   * Ends a socket whose reader does not read: with a code that it finds if it reads again within half a minute, and after
   * which clients connect again. What waits for it until then is bounded, and its place is free at once.
   */
  #cutOff({ socket, giveBack }: Peer, reason: CutOff): void {
    this.edge.metrics.operations.cutOff(reason);
    giveBack?.();
    socket.close(TRY_AGAIN_LATER, 'RATE_LIMITED');
  }

  /**
   * A subscription's results as they are to be sent: those that are shared, and have a text, are sent here without being
   * written anew; what is left, errors and the end, is graphql-ws's to send.
   */
  #sendingShared(peer: Peer, id: string, followed: Followed): Results {
    const messageOf = (result: ExecutionResult): string | null => {
      const text = textOf(result);
      return text === undefined ? null : `{"id":${JSON.stringify(id)},"type":"next","payload":${text}}`;
    };
    const results: Results = {
      next: async () => {
        for (;;) {
          const step = await followed.next();
          const first = step.done === true ? null : messageOf(step.value);
          if (first === null) return step;
          const others = followed.waiting().map(messageOf);
          await this.#send(peer, [first, ...others.filter((message) => message !== null)]);
        }
      },
      return: () => followed.return(),
      throw: (error) => followed.throw(error),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
    return results;
  }

  #fail(socket: WebSocket, error: unknown): void {
    this.edge.masker.mask(error);
    socket.close(CloseCode.InternalServerError, 'internal error');
  }

  #goRound(): void {
    for (const peer of this.#peers) {
      if (!peer.answered) {
        // It has gone; or it has stopped to read, and may read again.
        if (peer.socket.readyState === peer.socket.OPEN) this.#cutOff(peer, 'SILENT');
        continue;
      }
      peer.answered = false;
      peer.socket.ping();
    }
  }

  #makeProtocol(): Server<Peer> {
    const { edge } = this;
    return makeServer<Record<string, unknown>, Peer>({
      connectionInitWaitTimeout: edge.limits.connectionInitMs,
      onConnect: async ({ connectionParams, extra: peer }) => {
        try {
          const authorization = connectionParams?.['authorization'] ?? connectionParams?.['Authorization'];
          const credentials = await authenticate(edge.core.access, edge.rates, authorization, peer.address);
          // While it was found out who it is, the socket may have gone; then its close has been and does not come again.
          if (peer.socket.readyState !== peer.socket.OPEN) return false;
          peer.giveBack = edge.connections.take(credentials.caller.owner);
          peer.unwatch = watch(edge, credentials, () =>
            peer.socket.close(CloseCode.Unauthorized, 'UNAUTHENTICATED'),
          );
          peer.credentials = credentials;
          return true;
        } catch (error) {
          if (!(error instanceof PunctualError)) throw error;
          peer.socket.close(
            error instanceof RateLimitedError ? TOO_MANY : CloseCode.Unauthorized,
            error.code,
          );
          return false;
        }
      },
      onSubscribe: ({ extra: { credentials }, subscriptions }, _id, request) => {
        if (!credentials) throw new Error('a socket was acknowledged without credentials');
        if (Object.keys(subscriptions).length > edge.limits.subscriptionsPerSocket) {
          const most = edge.limits.subscriptionsPerSocket;
          return [
            asGraphQLError(
              new RateLimitedError(`${most} operations are under way on this socket already`, 1),
            ),
          ];
        }
        return admit(edge, credentials, request, randomUUID());
      },
      execute: (args) => answer(edge, args, 'websocket'),
      subscribe: (args) => follow(edge, args, 'websocket'),
      onOperation: ({ extra: peer }, id, _request, _args, result) =>
        isFollowed(result) ? this.#sendingShared(peer, id, result) : undefined,
      onNext: (_context, _id, _request, args, { data = null, errors }) => ({
        ...(errors
          ? { errors: edge.masker.maskAll(errors, { requestId: (args.contextValue as Context).requestId }) }
          : {}),
        data,
      }),
      onError: (_context, _id, _request, errors) => edge.masker.maskAll(errors, { requestId: randomUUID() }),
    });
  }
}

function isFollowed(result: unknown): result is Followed {
  return typeof result === 'object' && result !== null && 'waiting' in result;
}

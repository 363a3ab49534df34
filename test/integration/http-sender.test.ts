import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { classifyFailure } from '../../src/adapters/channels/http-classification.js';
import {
  type HttpAnswer,
  type HttpFailure,
  HttpSender,
  type HttpSenderOptions,
} from '../../src/adapters/channels/http-sender.js';
import {
  answer,
  closeQuietly,
  hang,
  resetAfter,
  type ScriptedHttpServer,
  startScriptedHttpServer,
} from '../support/scripted-http-server.js';
import { until } from '../support/until.js';

const NEVER = new AbortController().signal;

describe('HttpSender on real sockets', () => {
  let server: ScriptedHttpServer;
  let sender: HttpSender;

  beforeEach(async () => {
    server = await startScriptedHttpServer();
    sender = new HttpSender();
  });
  afterEach(async () => {
    await sender.close();
    await server.stop();
  });

  const use = async (options: HttpSenderOptions): Promise<void> => {
    await sender.close();
    sender = new HttpSender(options);
  };
  const post = (body = '{}', signal = NEVER, origin = server.origin): Promise<HttpAnswer | HttpFailure> =>
    sender.post({ origin, path: '/x', headers: { 'content-type': 'application/json' }, body }, signal);
  const failure = async (result: Promise<HttpAnswer | HttpFailure>): Promise<HttpFailure> => {
    const settled = await result;
    if (settled.kind !== 'FAILURE') throw new Error(`was answered with ${settled.status}`);
    return settled;
  };
  const classOf = async (result: Promise<HttpAnswer | HttpFailure>): Promise<[string, string]> => {
    const { error, written } = await failure(result);
    const { errorClass, code } = classifyFailure(error, written);
    return [errorClass, code];
  };

  it('posts body and headers, and reads status, body and Retry-After', async () => {
    server.react(answer(429, 'busy', { 'Retry-After': '3' }));
    const result = await post('{"a":"ü"}');
    expect(result).toEqual({ kind: 'ANSWER', status: 429, body: 'busy', whole: true, retryAfterMs: 3000 });
    expect(server.requests).toMatchObject([
      { method: 'POST', path: '/x', body: '{"a":"ü"}', headers: { 'content-type': 'application/json' } },
    ]);
  });

  it('keeps connections, and opens no more than it may', async () => {
    await use({ connections: 3 });
    await Promise.all(Array.from({ length: 30 }, () => post()));
    await Promise.all(Array.from({ length: 30 }, () => post()));
    expect(server.requests).toHaveLength(60);
    expect(server.opened()).toBe(3);
  });

  it('opens connections ahead', async () => {
    await sender.open(server.origin, 5, NEVER);
    expect(server.connections()).toBe(5);
    await post();
    expect(server.opened()).toBe(5);
  });

  describe('CORE-24 before the request was written', () => {
    it('a refused connection, for all that wait in line', async () => {
      await use({ connections: 2 });
      await server.refuse();
      const results = await Promise.all(Array.from({ length: 20 }, () => classOf(post())));
      expect(new Set(results.map(String))).toEqual(new Set(['RETRYABLE,ECONNREFUSED']));
    });

    it('a name that does not exist', async () => {
      const [errorClass, code] = await classOf(post('{}', NEVER, 'http://no-such-host.invalid'));
      expect(errorClass).toBe('RETRYABLE');
      expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(code);
    });

    it('a TLS handshake that is reset', async () => {
      server.onConnect((socket) => socket.once('data', () => socket.resetAndDestroy()));
      const result = post('{}', NEVER, `https://127.0.0.1:${server.port}`);
      expect(await classOf(result)).toEqual(['RETRYABLE', 'ECONNRESET']);
    });

    it('a TLS handshake that takes too long', async () => {
      await use({ connectTimeoutMs: 50 });
      const result = post('{}', NEVER, `https://127.0.0.1:${server.port}`);
      expect(await classOf(result)).toEqual(['RETRYABLE', 'UND_ERR_CONNECT_TIMEOUT']);
    });

    it('time that is up while it connects', async () => {
      const time = new AbortController();
      const result = post('{}', time.signal, `https://127.0.0.1:${server.port}`);
      await until(() => server.connections() === 1);
      time.abort();
      expect(await classOf(result)).toEqual(['RETRYABLE', 'ETIMEDOUT']);
    });

    it('time that is up while it waits for a connection; it is not sent later', async () => {
      await use({ connections: 1 });
      server.react(hang);
      const first = post('first');
      await until(() => server.requests.length === 1);
      const time = new AbortController();
      const second = post('second', time.signal);
      const third = post('third');
      time.abort();
      expect(await classOf(second)).toEqual(['RETRYABLE', 'ETIMEDOUT']);
      server.react(answer(200));
      server.dropConnections();
      expect((await failure(first)).written).toBe(true);
      expect(await third).toMatchObject({ status: 200 });
      expect(server.requests.map(({ body }) => body)).toEqual(['first', 'third']);
    });

    it('a header that HTTP does not have', async () => {
      const request = { origin: server.origin, path: '/', headers: { authorization: 'a\nb' }, body: '' };
      expect(await classOf(sender.post(request, NEVER))).toEqual(['PERMANENT', 'UND_ERR_INVALID_ARG']);
    });
  });

  describe('CORE-29 after the request was written', () => {
    it.each([
      ['a reset', resetAfter('')],
      ['the end of the connection', closeQuietly],
      ['a reset in the status line', resetAfter('HTTP/1.1 2')],
      ['a reset in the headers', resetAfter('HTTP/1.1 200 OK\r\nContent-Le')],
      ['something that is not HTTP', answerWith('SSH-2.0-OpenSSH_9.6\r\n')],
    ])('%s is UNKNOWN', async (_title, reaction) => {
      server.react(reaction);
      const [errorClass] = await classOf(post());
      expect(errorClass).toBe('UNKNOWN');
      expect(server.requests).toHaveLength(1);
    });

    it('time that is up is UNKNOWN, and the connection is not used again', async () => {
      // undici opens a new one in its place, which is to go soon.
      await use({ keepAliveMs: 20 });
      server.react(hang);
      const time = new AbortController();
      const result = post('{}', time.signal);
      await until(() => server.requests.length === 1);
      time.abort();
      expect(await classOf(result)).toEqual(['UNKNOWN', 'ETIMEDOUT']);
      await until(() => server.connections() === 0);
    });

    it('close() is UNKNOWN', async () => {
      server.react(hang);
      const result = post();
      await until(() => server.requests.length === 1);
      await sender.close();
      expect((await classOf(result))[0]).toBe('UNKNOWN');
    });
  });

  describe('answers that are not whole', () => {
    it.each([200, 503])('a reset in the body of a %i leaves the status', async (status) => {
      server.react(resetAfter(`HTTP/1.1 ${status} X\r\nContent-Length: 100\r\n\r\n{"half`));
      expect(await post()).toMatchObject({ kind: 'ANSWER', status, whole: false });
    });

    it('a body that is too long is cut, and its connection closed', async () => {
      await use({ keepAliveMs: 20 });
      server.react(answer(200, 'x'.repeat(10_000_000)));
      const result = await post();
      expect(result).toMatchObject({ kind: 'ANSWER', status: 200, whole: false });
      await until(() => server.connections() === 0);
    });

    it('an informational answer is not the answer', async () => {
      server.react(
        answerWith('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
      );
      expect(await post()).toMatchObject({ kind: 'ANSWER', status: 200, body: 'ok', whole: true });
    });

    it('a redirect is an answer, and is not followed', async () => {
      server.react(answer(307, '', { Location: `${server.origin}/elsewhere` }));
      expect(await post()).toMatchObject({ kind: 'ANSWER', status: 307 });
      expect(server.requests).toHaveLength(1);
    });
  });

  it('CORE-29 a kept connection that the server has closed is not an unknown outcome', async () => {
    for (let round = 1; round <= 20; round += 1) {
      expect(await post()).toMatchObject({ status: 200 });
      server.dropConnections();
      await until(() => server.connections() === 0);
    }
    expect(server.requests).toHaveLength(20);
    expect(server.opened()).toBe(20);
  });
});

function answerWith(bytes: string): (socket: { write(bytes: string): unknown }) => void {
  return (socket) => {
    socket.write(bytes);
  };
}

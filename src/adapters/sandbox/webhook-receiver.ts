import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Answer, HttpProtocol, Reading } from './protocol.js';

const PATH = /^\/hooks\/[^/]+$/;

/**
 * Somebody's own endpoint, `POST /hooks/NAME`, that receives signed webhooks (Standard Webhooks). It takes whatever
 * comes, without a look at the signature, and records it: recipient is the path, key the header `webhook-id`.
 */
export function webhookReceiver(): HttpProtocol {
  const run = randomBytes(4).toString('hex');
  let accepted = 0;
  return {
    channel: 'webhook',
    defaults: {},
    claims: (method, path) => method === 'POST' && PATH.test(path),
    read: (request) => ({
      to: pathOf(request),
      key: header(request, 'webhook-id'),
      accept: () => {
        accepted += 1;
        const messageId = `hook_${run}_${accepted}`;
        return {
          answer: { status: 200, body: JSON.stringify({ received: true, id: messageId }) },
          messageId,
        };
      },
    }),
    throttled: (_limit, retryAfterSeconds) => problem(429, retryAfterSeconds),
    failed: problem,
  };
}

function pathOf(request: IncomingMessage): Reading['to'] {
  return request.url?.split('?', 1)[0] ?? null;
}

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}

function problem(status: number, retryAfterSeconds: number): Answer {
  const body = JSON.stringify({ error: `the receiver answers ${status}` });
  return status === 429
    ? { status, body, headers: { 'retry-after': String(retryAfterSeconds) } }
    : { status, body };
}

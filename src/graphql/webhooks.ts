import express, { type Request, type Response, Router } from 'express';
import type { InboundWebhook } from '../core/index.js';

type WebhookAnswer = Awaited<ReturnType<InboundWebhook['handlePost']>>;

/** Providers send batches of status reports; a megabyte is far more than any does. */
const MAX_WEBHOOK_BYTES = 1024 * 1024;

/**
 * Mounts the providers' webhooks. They get the raw bytes, because signatures are over bytes (SEC-5), and they
 * authenticate themselves.
 */
export function webhookRoutes(webhooks: readonly InboundWebhook[]): Router {
  const router = Router();
  const raw = express.raw({ type: () => true, limit: MAX_WEBHOOK_BYTES });
  for (const webhook of webhooks) {
    router.post(webhook.path, raw, async (request: Request<unknown, unknown, unknown>, response) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      send(response, await webhook.handlePost(body, request.headers));
    });
    router.get(webhook.path, (request, response, next) => {
      const query = new URL(request.originalUrl, 'http://localhost').searchParams;
      const answer = webhook.handleGet?.(query);
      if (answer) send(response, answer);
      else next();
    });
  }
  return router;
}

function send(response: Response, { status, contentType, body }: WebhookAnswer): void {
  response.status(status);
  if (body === undefined) response.end();
  else response.type(contentType ?? 'application/json').send(body);
}

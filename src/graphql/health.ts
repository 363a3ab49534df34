import { type Response, Router } from 'express';
import type { Logger } from 'pino';

/** Whether this process can do its work, and if not, why. */
export interface Readiness {
  readonly ok: boolean;
  /** One sentence each; empty when ok. */
  readonly reasons: readonly string[];
}

/** What does not answer within this time, in ms, is not ready. */
const PATIENCE_MS = 3_000;

/**
 * `/livez`: the process answers. `/readyz`: it can take requests. `/healthz`: the same for operators; the
 * reasons, which tell about the inside, only with a key (API-10).
 */
export function healthRoutes(
  readiness: () => Promise<Readiness>,
  isAuthenticated: (authorization: string | undefined) => Promise<boolean>,
  log: Logger,
): Router {
  const router = Router();
  const answer = (response: Response, ok: boolean, body: object): void => {
    response
      .status(ok ? 200 : 503)
      .set('cache-control', 'no-store')
      .json(body);
  };
  const look = (): Promise<Readiness> =>
    Promise.race([readiness(), tooLate()]).catch((error: unknown) => {
      log.warn({ err: error }, 'not ready');
      return { ok: false, reasons: [error instanceof Error ? error.message : String(error)] };
    });
  router.get('/livez', (_request, response) => {
    answer(response, true, { status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    const { ok } = await look();
    answer(response, ok, { status: ok ? 'ok' : 'unavailable' });
  });
  router.get('/healthz', async (request, response) => {
    const { ok, reasons } = await look();
    if (ok) {
      answer(response, true, { status: 'healthy', reasons });
      return;
    }
    // Without the database no key can be checked: then nobody is told more than that it is unhealthy.
    const known = await Promise.race([isAuthenticated(request.headers.authorization), tooLate()]).catch(
      () => false,
    );
    answer(response, false, { status: 'unhealthy', ...(known ? { reasons } : {}) });
  });
  return router;
}

function tooLate(): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS).unref();
  });
}

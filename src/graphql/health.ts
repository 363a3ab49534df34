import { type Response, Router } from 'express';

/** Whether this process can do its work, and if not, why. */
export interface Readiness {
  readonly ok: boolean;
  /** One sentence each; empty when ok. */
  readonly reasons: readonly string[];
}

/**
 * `/livez`: the process answers. `/readyz`: it can take requests. `/healthz`: the same for operators; the
 * reasons, which tell about the inside, only with a key (API-10).
 */
export function healthRoutes(
  readiness: () => Promise<Readiness>,
  isAuthenticated: (authorization: string | undefined) => Promise<boolean>,
): Router {
  const router = Router();
  const answer = (response: Response, ok: boolean, body: object): void => {
    response
      .status(ok ? 200 : 503)
      .set('cache-control', 'no-store')
      .json(body);
  };
  router.get('/livez', (_request, response) => {
    answer(response, true, { status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    const { ok } = await readiness();
    answer(response, ok, { status: ok ? 'ok' : 'unavailable' });
  });
  router.get('/healthz', async (request, response) => {
    const { ok, reasons } = await readiness();
    const known = await isAuthenticated(request.headers.authorization);
    answer(response, ok, { status: ok ? 'healthy' : 'unhealthy', ...(known || ok ? { reasons } : {}) });
  });
  return router;
}

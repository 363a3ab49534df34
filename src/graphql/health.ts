import { performance } from 'node:perf_hooks';
import { type Response, Router } from 'express';
import type { Logger } from 'pino';
import { type HealthReport, PunctualError } from '../core/index.js';

/** Whether this process can take requests, and if not, why. */
export interface Readiness {
  readonly ok: boolean;
  /** One sentence each; empty when ok. */
  readonly reasons: readonly string[];
}

/** What the routes ask. */
export interface HealthQuestions {
  readonly readiness: () => Promise<Readiness>;
  readonly health: () => Promise<HealthReport>;
  readonly isAuthenticated: (authorization: string | undefined) => Promise<boolean>;
}

/** What does not answer within this time, in ms, is not ready. */
const PATIENCE_MS = 3_000;
/** A look at the health is good for so long, in ms: the route takes no key, and each look is a dozen of queries. */
const FRESH_MS = 1_000;

/**
 * `/livez`: the process answers. `/readyz`: it can take requests. `/healthz`: Punctual as a whole does its work; the
 * reasons, which tell about the inside, only with a key (API-10).
 */
export function healthRoutes({ readiness, health, isAuthenticated }: HealthQuestions, log: Logger): Router {
  const router = Router();
  const check = fresh(health);
  router.get('/livez', (_request, response) => {
    answer(response, true, { status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    const { ok } = await Promise.race([readiness(), tooLate()]).catch((error: unknown) => {
      log.warn({ err: error }, 'not ready');
      return { ok: false };
    });
    answer(response, ok, { status: ok ? 'ok' : 'unavailable' });
  });
  router.get('/healthz', async (request, response) => {
    const { healthy, reasons, checkedAt } = await check();
    const status = healthy ? 'healthy' : 'unhealthy';
    // Without the database no key can be checked: then nobody is told more than that it is unhealthy.
    const known = await Promise.race([isAuthenticated(request.headers.authorization), tooLate()]).catch(
      () => false,
    );
    answer(response, healthy, { status, checkedAt, ...(known ? { reasons } : {}) });
  });
  return router;
}

function answer(response: Response, ok: boolean, body: object): void {
  response
    .status(ok ? 200 : 503)
    .set('cache-control', 'no-store')
    .json(body);
}

/** Looks again only once the last look has grown old. */
function fresh(look: () => Promise<HealthReport>): () => Promise<HealthReport> {
  let last: { readonly report: Promise<HealthReport>; readonly at: number } | null = null;
  return () => {
    if (last === null || performance.now() - last.at > FRESH_MS)
      last = { report: look(), at: performance.now() };
    return last.report;
  };
}

function tooLate(): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(
      () => reject(new PunctualError('UNAVAILABLE', `no answer within ${PATIENCE_MS} ms`)),
      PATIENCE_MS,
    ).unref();
  });
}

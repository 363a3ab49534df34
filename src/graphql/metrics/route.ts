import type { RequestHandler } from 'express';
import type { Caller } from '../../core/index.js';
import { requireRole, requireScope } from '../../schema/roles.js';
import type { Metrics } from './metrics.js';

/** `/metrics`, for operators: it tells of all owners' deliveries. @throws FORBIDDEN */
export function metricsRoute(
  metrics: Metrics,
  callerOf: (response: Parameters<RequestHandler>[1]) => Caller,
): RequestHandler {
  return async (_request, response) => {
    requireRole(callerOf(response), 'OPERATOR');
    requireScope(callerOf(response), 'read');
    const text = await metrics.render();
    response.set({ 'content-type': metrics.contentType, 'cache-control': 'no-store' }).send(text);
  };
}

import { randomUUID } from 'node:crypto';
import type { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import { type ErrorCode, type HealthReport, type InboundWebhook, PunctualError } from '../core/index.js';
import type { Context } from '../schema/context.js';
import { authenticate, bearerOf, type Credentials } from './auth.js';
import { createContext } from './context.js';
import { dashboardFiles, dashboardPage } from './dashboard.js';
import type { Edge } from './edge.js';
import { RateLimitedError, STATUS } from './errors.js';
import { graphiql } from './graphiql.js';
import { healthRoutes, type Readiness } from './health.js';
import { checkSource, MAX_BODY_BYTES } from './limits.js';
import { metricsRoute } from './metrics/route.js';
import { requestId, withRequestId } from './request-id.js';
import { eventStream } from './sse.js';
import { webhookRoutes } from './webhooks.js';

/** What the routes are made of. */
export interface HttpParts {
  readonly edge: Edge;
  readonly apollo: ApolloServer<Context>;
  readonly webhooks: readonly InboundWebhook[];
  readonly readiness: () => Promise<Readiness>;
  /** No GraphiQL. */
  readonly production: boolean;
}

/** All routes, in the order in which they are tried. */
export function createHttpApp({ edge, apollo, webhooks, readiness, production }: HttpParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(identify);
  const health = (): Promise<HealthReport> => edge.core.health.check();
  const isKnown = (authorization?: string): Promise<boolean> => isAuthenticated(edge, authorization);
  app.use(healthRoutes({ readiness, health, isAuthenticated: isKnown }, edge.log));
  app.use(webhookRoutes(webhooks));
  app.use(dashboardFiles());
  app.get('/', onlyForBrowsers(dashboardPage()));
  if (!production) app.get(['/graphql', '/graphiql'], onlyForBrowsers(graphiql()));
  app.get(
    '/metrics',
    requireKey(edge),
    metricsRoute(edge.metrics, (response) => credentialsOf(response).caller),
  );
  if (production) app.use('/graphql', postOnly(edge));
  app.use('/graphql', requireKey(edge), express.json({ limit: MAX_BODY_BYTES }));
  app.post('/graphql/stream', eventStream(edge, credentialsOf));
  app.all(
    '/graphql',
    timeLimit(edge.limits.requestMs),
    checkDocument,
    orTooLate(
      expressMiddleware(apollo, {
        context: async ({ res }) => createContext(edge, credentialsOf(res), requestId(), edge.stopping),
      }),
      edge,
    ),
  );
  app.use(() => {
    throw new PunctualError('NOT_FOUND', 'there is nothing at this address');
  });
  app.use(answerErrors(edge));
  return app;
}

/** Gives each request an id, under which its answer and the log's lines are found. */
const identify: RequestHandler = (_request, response, next) => {
  const id = randomUUID();
  response.set({ 'x-request-id': id, 'x-content-type-options': 'nosniff' });
  withRequestId(id, next);
};

/** A browser that follows a link gets the page; a client that speaks GraphQL over GET goes on. */
function onlyForBrowsers(page: RequestHandler): RequestHandler {
  return (request, response, next) => {
    const wantsPage =
      request.path === '/graphiql' ||
      (request.accepts(['json', 'html']) === 'html' && request.query['query'] === undefined);
    if (!wantsPage) next();
    else return page(request, response, next);
  };
}

/** Stops who has no key before a byte of the body is read. @throws UNAUTHENTICATED, RATE_LIMITED */
function requireKey(edge: Edge): RequestHandler {
  return async (request, response, next) => {
    const address = request.socket.remoteAddress ?? 'unknown';
    const credentials = await authenticate(
      edge.core.access,
      edge.rates,
      request.headers.authorization,
      address,
    );
    // Over SSE the operation is counted when it is admitted.
    if (request.path !== '/stream') await edge.rates.request(credentials.caller.credential);
    (response.locals as Locals).credentials = credentials;
    next();
  };
}

/** A query in an address stands in every log on the way, with its variables: in production it goes into a body. */
function postOnly(edge: Edge): RequestHandler {
  return (request, response, next) => {
    if (request.method === 'POST') {
      next();
      return;
    }
    const error = new PunctualError('MALFORMED_REQUEST', 'queries are sent by POST');
    response
      .status(405)
      .set('allow', 'POST')
      .json({ errors: [edge.masker.mask(error)] });
  };
}

/** Apollo parses without a limit of nesting. @throws QUERY_TOO_COMPLEX */
const checkDocument: RequestHandler<Record<string, string>, unknown, unknown> = (
  request,
  _response,
  next,
) => {
  const { body } = request;
  const inBody = typeof body === 'object' && body !== null && 'query' in body ? body.query : undefined;
  for (const text of [inBody, request.query['query']]) if (typeof text === 'string') checkSource(text);
  next();
};

interface Locals {
  credentials?: Credentials;
}

function credentialsOf(response: Response): Credentials {
  const { credentials } = response.locals as Locals;
  if (!credentials) throw new Error('a route that needs a key is mounted before requireKey');
  return credentials;
}

async function isAuthenticated(edge: Edge, authorization: string | undefined): Promise<boolean> {
  const bearer = bearerOf(authorization);
  return bearer !== null && (await edge.core.access.authenticate(bearer)) !== null;
}

/** Answers UNAVAILABLE when a request takes too long; its work goes on, and is kept if it was accepted. */
function timeLimit(ms: number): RequestHandler {
  return (_request, response, next) => {
    const timer = setTimeout(() => {
      if (!response.headersSent) next(new PunctualError('UNAVAILABLE', `no answer within ${ms} ms`));
    }, ms);
    response.once('close', () => clearTimeout(timer));
    next();
  };
}

/** What is answered after the time limit has answered is for the log. Express has no further say in it, and would print it. */
function orTooLate(handler: RequestHandler, edge: Edge): RequestHandler {
  return async (request, response, next) => {
    try {
      await handler(request, response, next);
    } catch (error) {
      if (!response.headersSent) throw error;
      edge.log.warn({ err: error, requestId: requestId() }, 'an answer came too late');
    }
  };
}

/** Every error that is not inside a GraphQL answer: the body's form, credentials, limits, our own (SEC-2). */
function answerErrors(edge: Edge): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    if (response.headersSent) {
      edge.log.warn({ err: error, requestId: requestId() }, 'an answer was cut off, or came too late');
      response.destroy();
      return;
    }
    const cause = fromBodyParser(error) ?? error;
    const masked = edge.masker.mask(cause);
    const status = STATUS[masked.extensions?.['code'] as ErrorCode] ?? 500;
    if (status === 401) response.set('www-authenticate', 'Bearer');
    if (cause instanceof RateLimitedError) response.set('retry-after', String(cause.retryAfter));
    response.status(status).json({ errors: [masked] });
  };
}

/** What express's body parsers throw, in our words; null for anything else. */
function fromBodyParser(error: unknown): PunctualError | null {
  if (typeof error !== 'object' || error === null || !('type' in error)) return null;
  switch (error.type) {
    case 'entity.parse.failed':
      return new PunctualError('MALFORMED_REQUEST', 'the body is not valid JSON');
    case 'entity.too.large':
      return new PunctualError('PAYLOAD_TOO_LARGE', 'the body is too large');
    case 'charset.unsupported':
    case 'encoding.unsupported':
    case 'request.aborted':
    case 'request.size.invalid':
      return new PunctualError('MALFORMED_REQUEST', 'the body cannot be read as its headers say');
    default:
      return null;
  }
}

import { createServer, type Server } from 'node:http';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { type Logger, pino } from 'pino';
import { type Core, type InboundWebhook, PunctualError } from '../core/index.js';
import type { Program, ProgramRuntime } from '../programs/program.js';
import type { Context } from '../schema/context.js';
import type { ContextSource } from './context.js';
import { Crowds } from './crowds/crowds.js';
import { ConnectionQuota, type Edge } from './edge.js';
import { createMasker } from './errors.js';
import type { Readiness } from './health.js';
import { countingPlugin } from './execution.js';
import { httpAnswer } from './http-answer.js';
import { createHttpApp } from './http.js';
import {
  CONNECTION_LIMITS,
  type ConnectionLimits,
  extraRules,
  MAX_ERRORS,
  MAX_TOKENS,
  noSubscriptionsRule,
} from './limits.js';
import type { AlarmCounts } from './metrics/engine-metrics.js';
import { Metrics } from './metrics/metrics.js';
import { createFindNode } from './nodes.js';
import { RateLimits } from './rate-limit.js';
import { createSchema } from './schema.js';
import { Sockets } from './sockets.js';

/** How long requests under way may take to end when the server stops, in ms. */
const DRAIN_MS = 5_000;

/** A program with what its `start` gave. */
export interface StartedProgram {
  readonly program: Pick<Program, 'name' | 'resolvers' | 'nodes'>;
  readonly runtime: ProgramRuntime;
}

/** What the API is started with. */
export interface ApiOptions {
  readonly core: Core;
  /** The started programs: their resolvers and nodes become part of the schema. */
  readonly programs: readonly StartedProgram[];
  /** `port` 0: any free one. */
  readonly config: {
    readonly port: number;
    readonly host: string;
    readonly production: boolean;
    readonly logLevel: string;
  };
  readonly webhooks: readonly InboundWebhook[];
  readonly readiness: () => Promise<Readiness>;
  /** For the metrics; omitted: they tell nothing of alarms. */
  readonly alarms?: () => Promise<AlarmCounts>;
  /** Pages of other origins that may open sockets; none when omitted. */
  readonly allowedOrigins?: readonly string[];
  /** Where they differ from CONNECTION_LIMITS. */
  readonly limits?: Partial<ConnectionLimits>;
  /** To stderr when omitted. */
  readonly log?: Logger;
}

/** The API at work. */
export interface Api {
  /** Of the server's root, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Completes subscriptions, lets requests end, and closes every connection, within a bound. */
  stop(): Promise<void>;
}

/**
 * Starts the API: GraphQL over HTTP, WebSocket and SSE, GraphiQL, health, the providers' webhooks.
 * @throws START_PORT_TAKEN, CONFIG_INVALID (a port or host that cannot be listened on)
 */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { config } = options;
  const log = options.log ?? pino({ level: config.logLevel }, pino.destination({ fd: 2, sync: false }));
  const limits = { ...CONNECTION_LIMITS, ...options.limits };
  const stopping = new AbortController();
  const schema = createSchema(options.programs.flatMap(({ program }) => program.resolvers));
  const metrics = new Metrics(options.core, schema, options.alarms);
  const source: ContextSource = {
    core: options.core,
    programs: new Map(options.programs.map(({ program, runtime }) => [program.name, runtime])),
    findNode: createFindNode(options.programs.flatMap(({ program }) => program.nodes)),
  };
  const edge: Edge = {
    ...source,
    schema,
    rules: extraRules(config.production),
    masker: createMasker(config.production, log),
    rates: new RateLimits(limits),
    connections: new ConnectionQuota(limits.socketsPerOwner),
    limits,
    metrics,
    crowds: new Crowds(source, stopping.signal, log),
    log,
    stopping: stopping.signal,
  };
  const apollo = createApollo(edge);
  await apollo.start();
  const { webhooks, readiness } = options;
  const app = createHttpApp({ edge, apollo, webhooks, readiness, production: config.production });
  const sockets = new Sockets(edge, options.allowedOrigins ?? []);
  const server = createServer({ requestTimeout: limits.requestMs }, app);
  server.on('upgrade', (request, stream, head) => {
    stream.on('error', (error) => log.debug({ err: error }, 'a connection failed while it was upgraded'));
    sockets.upgrade(request, stream, head);
  });
  try {
    await listen(server, config.port, config.host);
  } catch (error) {
    metrics.stop();
    await Promise.all([sockets.stop(), apollo.stop()]);
    throw error;
  }
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : config.port;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return {
    url: `http://${host}:${port}`,
    port,
    stop: async () => {
      stopping.abort();
      const closed = close(server);
      await sockets.stop();
      await closed;
      await apollo.stop();
      metrics.stop();
    },
  };
}

function createApollo(edge: Edge): ApolloServer<Context> {
  return new ApolloServer<Context>({
    schema: edge.schema,
    // Introspection is refused by our own rules, on every transport alike.
    introspection: true,
    validationRules: [...edge.rules, noSubscriptionsRule],
    validationOptions: { maxErrors: MAX_ERRORS },
    parseOptions: { maxLexicalTokens: MAX_TOKENS },
    formatError: (formatted, error) => edge.masker.mask(error, { formatted }),
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    // A header that pages of other origins cannot send without asking: Authorization is one, and always there.
    csrfPrevention: { requestHeaders: ['authorization'] },
    stopOnTerminationSignals: false,
    logger: edge.log,
    plugins: [
      httpAnswer,
      countingPlugin(edge.metrics.operations),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const where = `port ${port} on ${host}`;
      if (error.code === 'EADDRINUSE') {
        reject(
          new PunctualError('START_PORT_TAKEN', `${where} is in use: set PORT to another one`, {
            cause: error,
          }),
        );
      } else {
        reject(
          new PunctualError(
            'CONFIG_INVALID',
            `PORT, HOST: cannot listen to ${where} (${error.code ?? error.message})`,
            { cause: error },
          ),
        );
      }
    });
    server.listen(port, host, resolve);
  });
}

/** Takes no new connections, and closes the old ones as their requests end; after DRAIN_MS regardless. */
async function close(server: Server): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  const closed = new Promise<void>((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
  });
  server.closeIdleConnections();
  // A connection that was busy above turns idle later, and keep-alive would hold it open.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  try {
    await closed;
  } finally {
    clearTimeout(timer);
    clearInterval(sweep);
  }
}

import { type GraphQLObjectType, type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray, type PubSub } from 'type-graphql';
import { guard } from './guard.js';
import { AlertResolver } from './resolvers/alert.resolver.js';
import { ApiKeyResolver } from './resolvers/api-key.resolver.js';
import { AuditResolver } from './resolvers/audit.resolver.js';
import { BulkResolver } from './resolvers/bulk.resolver.js';
import { ChannelResolver } from './resolvers/channel.resolver.js';
import { DeliveryStatsResolver } from './resolvers/delivery-stats.resolver.js';
import { DeliveryResolver } from './resolvers/delivery.resolver.js';
import { EraseResolver } from './resolvers/erase.resolver.js';
import { FailedResolver } from './resolvers/failed.resolver.js';
import { HealthResolver } from './resolvers/health.resolver.js';
import { JobResolver } from './resolvers/job.resolver.js';
import { ExplainResolver } from './resolvers/explain.resolver.js';
import { JobEventResolver } from './resolvers/job-event.resolver.js';
import { NodeResolver } from './resolvers/node.resolver.js';
import { PreviewResolver } from './resolvers/preview.resolver.js';
import { QueueResolver } from './resolvers/queue.resolver.js';
import { QueueStatsResolver } from './resolvers/queue-stats.resolver.js';
import { RunResolver } from './resolvers/run.resolver.js';
import { ScheduleResolver } from './resolvers/schedule.resolver.js';
import { SlaResolver } from './resolvers/sla.resolver.js';
import { StatsResolver } from './resolvers/stats.resolver.js';
import { UpkeepResolver } from './resolvers/upkeep.resolver.js';

/** A class whose methods resolve fields; TypeGraphQL makes one instance of it. */
export type ResolverClass = new () => object;

const CORE_RESOLVERS = [
  AlertResolver,
  ApiKeyResolver,
  AuditResolver,
  BulkResolver,
  ChannelResolver,
  DeliveryResolver,
  ExplainResolver,
  EraseResolver,
  DeliveryStatsResolver,
  FailedResolver,
  HealthResolver,
  JobResolver,
  JobEventResolver,
  NodeResolver,
  PreviewResolver,
  QueueResolver,
  QueueStatsResolver,
  RunResolver,
  ScheduleResolver,
  SlaResolver,
  StatsResolver,
  UpkeepResolver,
] as const;

/** TypeGraphQL wants one where there are subscriptions; ours all bring their own source. */
const NO_PUBSUB: PubSub = {
  publish: () => {
    throw new Error('events come from the core, not from a PubSub');
  },
  subscribe: () => {
    throw new Error('events come from the core, not from a PubSub');
  },
};

/** The core's schema with the programs' parts. @param programResolvers the resolvers of all programs */
export function createSchema(programResolvers: readonly ResolverClass[]): GraphQLSchema {
  const resolvers: NonEmptyArray<ResolverClass> = [
    CORE_RESOLVERS[0],
    ...CORE_RESOLVERS.slice(1),
    ...programResolvers,
  ];
  const schema = buildSchemaSync({ resolvers, pubSub: NO_PUBSUB, validate: false });
  guard(schema);
  describe(schema.getQueryType(), 'Reads. Nothing here changes anything.');
  describe(
    schema.getMutationType(),
    'Changes. Each takes one input and answers with one payload that holds its errors.',
  );
  describe(
    schema.getSubscriptionType(),
    'What happens, as it happens: over WebSocket, or SSE at /graphql/stream.',
  );
  return schema;
}

/** The schema as text, sorted, so that it changes only when the schema does: `schema.graphql`. */
export function printSchemaSDL(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

/** TypeGraphQL has no place for the root types' descriptions (API-9). */
function describe(type: GraphQLObjectType | null | undefined, description: string): void {
  if (type) type.description = description;
}

import { performance } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, type Registry } from '@prometheus-io/client';
import { type GraphQLSchema, Kind, type OperationDefinitionNode, OperationTypeNode } from 'graphql';

/** How an operation or a subscription comes in. */
export type Transport = 'http' | 'websocket' | 'sse';

/**
 * Why a subscriber was cut off: it is too far behind the events; more waits in its socket than may; it does not answer
 * (it has stopped to read, or has gone).
 */
const CUT_OFFS = ['TOO_SLOW', 'SOCKET_FULL', 'SILENT'] as const;
export type CutOff = (typeof CUT_OFFS)[number];

/** Counts one open subscription. */
export interface SubscriptionMeter {
  /** It has been told of something. */
  told(): void;
  /** It is over; again, it changes nothing. */
  over(): void;
}

/** In seconds: the API is wanted to answer within 50 and 100 ms. */
const BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

/**
 * What this process has answered. Operations are told apart by their kind and by the schema's root field, never by what
 * clients call them: there are only so many series.
 */
export class OperationMetrics {
  readonly #operations;
  readonly #durations;
  readonly #open;
  readonly #told;
  readonly #cutOff;
  readonly #sockets;

  constructor(
    registry: Registry,
    private readonly schema: GraphQLSchema,
  ) {
    const registers = [registry];
    this.#operations = new Counter({
      name: 'punctual_graphql_operations_total',
      help: 'Operations by kind, root field and transport. Failed: with errors at the top level.',
      labelNames: ['kind', 'field', 'transport', 'outcome'] as const,
      registers,
    });
    this.#durations = new Histogram({
      name: 'punctual_graphql_operation_duration_seconds',
      help: 'How long queries and mutations took.',
      labelNames: ['kind', 'field'] as const,
      buckets: BUCKETS,
      registers,
    });
    this.#open = new Gauge({
      name: 'punctual_subscriptions_open',
      help: 'Subscriptions under way.',
      labelNames: ['field', 'transport'] as const,
      registers,
    });
    this.#told = new Counter({
      name: 'punctual_subscription_events_total',
      help: 'What subscribers were told of, each counted by itself.',
      labelNames: ['field'] as const,
      registers,
    });
    this.#cutOff = new Counter({
      name: 'punctual_subscribers_cut_off_total',
      help: 'Subscribers that could not keep up.',
      labelNames: ['reason'] as const,
      registers,
    });
    for (const reason of CUT_OFFS) this.#cutOff.inc({ reason }, 0);
    this.#sockets = new Gauge({ name: 'punctual_sockets_open', help: 'Open WebSockets.', registers });
  }

  /** A query or mutation has ended. @param operation undefined: it could not be parsed, or is not valid */
  ended(
    operation: OperationDefinitionNode | undefined,
    transport: Transport,
    beganAt: number,
    failed: boolean,
  ): void {
    const { kind, field } = this.#labels(operation);
    this.#operations.inc({ kind, field, transport, outcome: failed ? 'failed' : 'ok' });
    this.#durations.observe({ kind, field }, (performance.now() - beganAt) / 1_000);
  }

  subscribed(operation: OperationDefinitionNode | undefined, transport: Transport): SubscriptionMeter {
    const { kind, field } = this.#labels(operation);
    this.#operations.inc({ kind, field, transport, outcome: 'ok' });
    const open = this.#open.labels({ field, transport });
    const told = this.#told.labels({ field });
    open.inc();
    let over = false;
    return {
      told: () => told.inc(),
      over: () => {
        if (!over) open.dec();
        over = true;
      },
    };
  }

  cutOff(reason: CutOff): void {
    this.#cutOff.inc({ reason });
  }

  /** @returns what is to be called when it closes */
  socketOpened(): () => void {
    this.#sockets.inc();
    return () => this.#sockets.dec();
  }

  #labels(operation: OperationDefinitionNode | undefined): { kind: string; field: string } {
    if (!operation) return { kind: 'none', field: 'none' };
    const kind = operation.operation;
    const [only, ...others] = operation.selectionSet.selections;
    if (only?.kind !== Kind.FIELD || others.length > 0) return { kind, field: 'several' };
    const name = only.name.value;
    if (name.startsWith('__')) return { kind, field: 'introspection' };
    const known = rootOf(this.schema, kind)?.getFields()[name] !== undefined;
    return { kind, field: known ? name : 'unknown' };
  }
}

function rootOf(schema: GraphQLSchema, kind: OperationTypeNode): ReturnType<GraphQLSchema['getQueryType']> {
  switch (kind) {
    case OperationTypeNode.QUERY:
      return schema.getQueryType();
    case OperationTypeNode.MUTATION:
      return schema.getMutationType();
    case OperationTypeNode.SUBSCRIPTION:
      return schema.getSubscriptionType();
  }
}

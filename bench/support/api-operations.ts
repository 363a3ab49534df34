import {
  HistoryDocument,
  ScheduleDocument,
  SlaDocument,
  StatsDocument,
} from '../../sdk/src/generated/graphql.js';
import { toGlobalId } from '../../src/schema/ids.js';
import type { KeyRole } from './api-input.js';
import { type History, QUEUE } from './history.js';

/** What is asked of the API. */
export interface Operation {
  readonly name: string;
  /** What is promised of it. */
  readonly kind: 'SCHEDULE' | 'LIST' | 'FIGURES';
  readonly query: string;
  /** MANAGER when omitted: asks for its own. */
  readonly role?: KeyRole;
  readonly variables: (history: History) => Readonly<Record<string, unknown>>;
}

const PAGE = 50;
const DELIVERIES = listOf('deliveries');

export const OPERATIONS: readonly Operation[] = [
  {
    name: 'schedule',
    kind: 'SCHEDULE',
    query: ScheduleDocument.toString(),
    variables: () => ({
      input: {
        at: { after: '1d' },
        queue: QUEUE,
        channel: 'WHATSAPP',
        to: '+919876543210',
        content: { text: 'Good morning: the market opens at nine.' },
      },
    }),
  },
  list('list: first page', {}),
  {
    ...list('list: behind half of all', {}),
    variables: ({ middle }) => ({ after: cursorOf(middle.toHexString()) }),
  },
  list('list: DELIVERED (many)', { states: ['DELIVERED'] }),
  list('list: CANCELLED (1 in 100)', { states: ['CANCELLED'] }),
  list('list: RETRYING (none)', { states: ['RETRYING'] }),
  {
    ...list('list: a run', {}),
    variables: ({ run }) => ({ filter: { run: toGlobalId('Run', run) } }),
  },
  { ...list('list: all owners', {}), role: 'OPERATOR' },
  { ...list('failedDeliveries', {}), query: listOf('failedDeliveries') },
  {
    name: 'stats: a day',
    kind: 'FIGURES',
    query: StatsDocument.toString(),
    variables: ({ to }) => ({ window: windowOf(to, 1) }),
  },
  {
    name: 'stats: 30 days',
    kind: 'FIGURES',
    query: StatsDocument.toString(),
    variables: ({ to }) => ({ window: windowOf(to, 30) }),
  },
  {
    name: 'history: a day by hours',
    kind: 'FIGURES',
    query: HistoryDocument.toString(),
    variables: ({ to }) => ({ series: 'DELIVERIES', window: windowOf(to, 1), bucket: '1h' }),
  },
  {
    name: 'sla',
    kind: 'FIGURES',
    role: 'OPERATOR',
    query: SlaDocument.toString(),
    variables: () => ({}),
  },
];

function list(name: string, filter: object): Operation {
  return { name, kind: 'LIST', query: DELIVERIES, variables: () => ({ filter }) };
}

function listOf(field: 'deliveries' | 'failedDeliveries'): string {
  return `query List($filter: DeliveryFilter, $after: String) {
    ${field}(filter: $filter, first: ${PAGE}, after: $after) {
      nodes { id state queue channel to tier priority dueAt attemptCount lastError { code message } createdAt }
      pageInfo { hasNextPage endCursor }
    }
  }`;
}

function windowOf(to: Date, days: number): { from: string; to: string } {
  return { from: new Date(to.getTime() - days * 86_400_000).toISOString(), to: to.toISOString() };
}

/** As the API makes them (`src/schema/connection.ts`). */
function cursorOf(hex: string): string {
  return Buffer.from(`id:${hex}`).toString('base64url');
}

/*
 * What an attacker who has a key sends, and what it is refused with (SEC-1, SEC-2, SEC-8). The tests send each over every
 * transport; `npm run bench -- refusals` measures how long the refusals take.
 */

/** How a refusal is told: a GraphQL error's code, or how a socket is closed. */
export interface Attack {
  readonly name: string;
  /** The JSON that is sent: over HTTP and SSE as the body, over a socket as the payload of an operation. */
  readonly payload: string;
  /** Over HTTP and SSE. */
  readonly code: string;
  /** Over a socket: the same code, or a close code where the socket itself is at fault. */
  readonly overSocket?: number;
}

const times = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

const document = (name: string, query: string, code = 'QUERY_TOO_COMPLEX'): Attack => ({
  name,
  payload: JSON.stringify({ query }),
  code,
});

/** graphql-ws: a message that is none of the protocol; ws: one that is too large. */
const [INVALID_MESSAGE, MESSAGE_TOO_BIG] = [4400, 1009] as const;

export const ATTACKS: readonly Attack[] = [
  document('an alias bomb', `{ ${times(10_000, (i) => `a${i}: __typename`)} }`),
  document('an alias bomb below the limit of tokens', `{ ${times(900, (i) => `a${i}: queues { name }`)} }`),
  document('a query 500 deep', `${'{ run '.repeat(500)}{ id }${' }'.repeat(500)}`),
  document('a query as deep as tokens allow', `${'{ a '.repeat(1_300)}{ id }${' }'.repeat(1_300)}`),
  document('10,000 directives', `{ __typename ${times(10_000, () => '@include(if: true)')} }`),
  document('600 directives', `{ __typename ${times(600, () => '@include(if: true)')} }`),
  document('directives that do not exist', `{ __typename ${times(3_000, () => '@a')} }`),
  document('the same field again and again', `{ ${times(10_000, () => '__typename')} }`),
  document('the same fields again and again, to be merged', `{ ${times(900, () => 'queues { name }')} }`),
  document(
    'fields to be merged, with many arguments',
    `{ ${times(300, () => 'deliveries(first: 200) { nodes { id } }')} }`,
  ),
  document(
    'as many fragments as tokens allow',
    `{ ${times(490, (i) => `...f${i}`)} } ${times(490, (i) => `fragment f${i} on Query { __typename }`)}`,
  ),
  document(
    'fragments that spread each other twice',
    `{ runs(first: 200) { nodes { ...f0 } } } ${times(40, (i) => `fragment f${i} on Run { ${i < 39 ? `...f${i + 1} ...f${i + 1}` : 'deliveries(first: 200) { nodes { id } }'} }`)}`,
  ),
  document(
    'fragments in a circle',
    `{ runs { nodes { ...f } } } fragment f on Run { deliveries { nodes { run { ...f } } } }`,
    'VALIDATION_ERROR',
  ),
  document(
    'pages of pages',
    '{ runs(first: 200) { nodes { deliveries(first: 200) { nodes { run { id } } } } } }',
  ),
  document(
    'a list in a list in a list',
    `{ queue(name: ${'['.repeat(1_900)}${']'.repeat(1_900)}) { name } }`,
  ),
  document('brackets that never close', `{ queue(name: ${'['.repeat(3_900)}`),
  document('braces that never close', '{ a '.repeat(1_900)),
  document('a type in brackets', `query ($a: ${'['.repeat(1_900)}Int${']'.repeat(1_900)}) { __typename }`),
  document('introspection', '{ __schema { types { name fields { name } } } }', 'VALIDATION_ERROR'),
  document(
    'introspection of one type',
    '{ __type(name: "Mutation") { fields { name } } }',
    'VALIDATION_ERROR',
  ),
  document('a guess at names', '{ deliverys { id } }', 'VALIDATION_ERROR'),
  {
    name: 'a body of 1 MB',
    payload: JSON.stringify({ query: `{ __typename } #${'x'.repeat(1024 * 1024)}` }),
    code: 'PAYLOAD_TOO_LARGE',
    overSocket: MESSAGE_TOO_BIG,
  },
  {
    name: 'a body just over the limit',
    payload: JSON.stringify({ query: '{ __typename }', variables: { x: 'x'.repeat(256 * 1024) } }),
    code: 'PAYLOAD_TOO_LARGE',
    overSocket: MESSAGE_TOO_BIG,
  },
  {
    name: 'a batch',
    payload: JSON.stringify(Array.from({ length: 100 }, () => ({ query: '{ __typename }' }))),
    code: 'MALFORMED_REQUEST',
    overSocket: INVALID_MESSAGE,
  },
  {
    name: 'no query',
    payload: '{}',
    code: 'MALFORMED_REQUEST',
    overSocket: INVALID_MESSAGE,
  },
  {
    name: 'a query that is an object',
    payload: '{"query":{"$ne":1}}',
    code: 'MALFORMED_REQUEST',
    overSocket: INVALID_MESSAGE,
  },
  {
    name: 'JSON that is deeply nested',
    payload: `{"query":"{ __typename }","variables":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    code: 'MALFORMED_REQUEST',
    overSocket: INVALID_MESSAGE,
  },
];

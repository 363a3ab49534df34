/**
 * Who may import whom (ARCHITECTURE.md, "One delivery, read off the tree"). Each rule says why; a rule without a
 * reason that still holds should go.
 */

/** What a delivery is, without what is done with it: events and statistics count it and must not know more. */
const WORDS = 'delivery[.]entity|attempt[.]entity|states|rank|retry-policy|delay';
const DELIVERY_WORDS = `delivery/(${WORDS})`;

/** The core's folders and files in the order of the flow. Each may import those before it. */
const CORE_FLOW = [
  'errors',
  'clock',
  'database',
  'mongo-index',
  'vitals',
  'severity',
  'time',
  'access',
  'channel',
  DELIVERY_WORDS,
  'events',
  'stats',
  'delivery',
  'schedule',
  'bulk',
  'outcome',
  'dispatch',
  'sla',
  'upkeep',
  'health',
  'alerts',
  'watch',
  'entities',
  'core',
  'worker',
  'index',
];

function inCore(name) {
  if (name === DELIVERY_WORDS) return `^src/core/${name}[.]ts$`;
  return name === 'delivery' ? `^src/core/delivery/(?!(${WORDS})[.]ts$)` : `^src/core/${name}(/|[.]ts$)`;
}

const coreFlow = CORE_FLOW.slice(0, -1).map((name, position) => ({
  name: `core-flow-${name === DELIVERY_WORDS ? 'delivery-words' : name}`,
  comment:
    'A delivery goes one way through the core: a step that knows a later one makes both unreadable alone.',
  severity: 'error',
  from: { path: inCore(name) },
  to: { path: CORE_FLOW.slice(position + 1).map(inCore) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...coreFlow,
    {
      name: 'core-has-an-order',
      comment:
        'A new part of the core gets its place in CORE_FLOW above, or it would be free to import anything.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/core/', pathNot: CORE_FLOW.map(inCore) },
    },
    {
      name: 'core-stands-alone',
      comment:
        'The engine knows no adapter, no GraphQL and no program, so that each of them can be replaced or left out.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { path: '^(src|sdk|bench|test)/', pathNot: '^src/core/' },
    },
    {
      name: 'core-packages',
      comment:
        'MongoDB is MongoDB, and time is luxon, with rrule-temporal and croner for the wall times of a rule: no outside world, only reckoning. Any other package would be an outside world, which adapters are for.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: {
        dependencyTypesNot: ['core', 'local', 'type-only'],
        pathNot: '^(src/|node_modules/(@mikro-orm/(core|mongodb)|mongodb|luxon|rrule-temporal|croner)/)',
      },
    },
    {
      name: 'programs-stand-apart',
      comment: 'Each program can be switched off or taken out: none may lean on another.',
      severity: 'error',
      from: { path: '^src/programs/([^/]+)/' },
      to: { path: '^src/programs/[^/]+/', pathNot: '^src/programs/$1/' },
    },
    {
      name: 'programs-use-the-core-only',
      comment:
        'A program that needs an adapter shows that the core lacks a concept. The parts of the core are behind its index.',
      severity: 'error',
      from: { path: '^src/programs/' },
      to: {
        path: '^src/',
        pathNot: '^src/(programs/|schema/|core/index[.]ts$)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'programs-see-types-of-the-core-and-the-configuration',
      comment: 'Types cost nothing at run time, and the configuration is handed to a program by app.ts.',
      severity: 'error',
      from: { path: '^src/programs/' },
      to: {
        path: '^src/',
        pathNot: '^src/(programs/|schema/|core/|config[.]ts$)',
        dependencyTypes: ['type-only'],
      },
    },
    {
      name: 'schema-blocks-use-the-core-only',
      comment:
        'src/schema holds the GraphQL building blocks that the edge and the programs share: it must know neither.',
      severity: 'error',
      from: { path: '^src/schema/' },
      to: { path: '^src/', pathNot: '^src/(schema|core)/' },
    },
    {
      name: 'graphql-is-an-edge',
      comment:
        'The edge asks the core and never an adapter, so that what it can do is what the core permits.',
      severity: 'error',
      from: { path: '^src/graphql/' },
      to: {
        path: '^src/',
        pathNot: '^src/(graphql|schema|core)/|^src/programs/(registry|program)[.]ts$|^src/(config|log)[.]ts$',
      },
    },
    {
      name: 'graphql-takes-the-configuration',
      comment:
        'The configuration is read once, in main.ts, and handed on: an edge that reads it again could differ.',
      severity: 'error',
      from: { path: '^src/(graphql|programs|adapters)/' },
      to: { path: '^src/(config|log)[.]ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'adapters-know-the-core',
      comment:
        'An adapter translates between the core and one outside thing; the edge and the programs are none of its business.',
      severity: 'error',
      from: { path: '^src/adapters/' },
      to: { path: '^src/', pathNot: '^src/(adapters|core)/' },
    },
    {
      name: 'adapters-stand-apart',
      comment:
        'Adapters are joined in app.ts and nowhere else. Redis and MongoDB as children share how a child process is found, fetched and guarded.',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/($1|mongod/child)/' },
    },
    {
      name: 'configuration-first',
      comment:
        'The configuration is read before anything is built: it may use the errors, the parsers of time and addresses, and words.',
      severity: 'error',
      from: { path: '^src/config[^/]*[.]ts$' },
      to: {
        path: '^src/',
        pathNot:
          '^src/(config[^/]*[.]ts$|core/(errors[.]ts$|time/|channel/email-address[.]ts$|delivery/(rank|sla-policy)[.]ts$|dispatch/breaker[.]ts$))',
      },
    },
    {
      name: 'main-is-small',
      comment: 'The process: configuration, log, app, signals. What is built and how is app.ts.',
      severity: 'error',
      from: { path: '^src/main[.]ts$' },
      to: { path: '^src/', pathNot: '^src/((app|config|log|signals)[.]ts$|cli/(exit|fetch-progress)[.]ts$)' },
    },
    {
      name: 'command-line-is-a-client',
      comment:
        'Commands start the process through main.ts, or talk to the API through the SDK. Only the doctor looks where a start would look.',
      severity: 'error',
      from: { path: '^src/cli/', pathNot: '^src/cli/doctor-checks[.]ts$' },
      to: {
        path: '^src/',
        pathNot: '^src/(cli/|(main|app|config|log|signals)[.]ts$|core/(errors|clock)[.]ts$|core/time/)',
      },
    },
    {
      name: 'joined-in-app',
      comment: 'app.ts joins all parts: whoever imported it would be joined to all of them.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main[.]ts$|app[.]ts$|app/|cli/(demo-server|serving)[.]ts$)' },
      to: { path: '^src/app([.]ts$|/)' },
    },
    {
      name: 'sdk-is-outside',
      comment: 'The SDK is what other people’s programs use: it knows the schema and nothing of the server.',
      severity: 'error',
      from: { path: '^sdk/' },
      to: { path: '^(src|test|bench)/' },
    },
    {
      name: 'dashboard-is-a-client',
      comment:
        'The dashboard can do what everybody can do through the SDK: whatever it needs beyond that, the API lacks.',
      severity: 'error',
      from: { path: '^dashboard/' },
      to: { path: '^(src|sdk|test|bench|scripts)/', pathNot: '^sdk/src/index[.]ts$' },
    },
    {
      name: 'server-knows-no-client',
      comment: 'The command line is a client; the server is not.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^(sdk|dashboard)/' },
    },
    {
      name: 'nothing-needs-tests',
      comment: 'What is shipped must run without what tests and measures it.',
      severity: 'error',
      from: { path: '^(src|sdk)/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'no-cycles',
      comment:
        'Files that import each other are one file that is hard to read. (Types too: they show the same knot.)',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere fails at run time.',
      severity: 'error',
      from: {},
      // Types alone: it has no code to resolve to.
      to: { couldNotResolve: true, pathNot: '^@graphql-typed-document-node/core$' },
    },
    {
      name: 'runtime-packages',
      comment: 'What is shipped may need only what is installed with it.',
      severity: 'error',
      from: { path: '^(src|sdk)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Types tie files together for a reader as much as values do.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
    },
  },
};

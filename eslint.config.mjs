import graphql from '@graphql-eslint/eslint-plugin';
import { defineConfig, globalIgnores } from 'eslint/config';
import a11y from 'eslint-plugin-jsx-a11y-x';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Object types that are parts of something: figures and facts that are not fetched again, and have no id (SEC-8). */
const VALUES = `
  DeliveryError DeliveryMove DeliveryStats
  Explanation ExplanationStep
  FailureReason
  HealthReason HealthReport HistoryPoint HistoryValue
  LostTime
  PageInfo Percentiles PlannedTime
  RunProgress RunRemark RunWindow
  SchedulePreview Sla SlaBudget SlaForecast SlaOffender SlaPolicy StateCounts Stats
  TierProgress
  UserError
  WaveForecast WaveTier
`
  .trim()
  .split(/\s+/);

/** Type-aware linting. A rule is off only with its reason beside it. */
export default defineConfig(
  globalIgnores([
    'dist/',
    'sdk/dist/',
    'dashboard/dist/',
    'sdk/src/generated/',
    '.cache/',
    '.punctual/',
    'coverage/',
  ]),
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      // A `default` that is written down is a decision for cases to come; without one, each case has to be named.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportDefaultDeclaration',
          message: 'Named exports only: a name that importers choose cannot be searched for.',
        },
      ],

      // A number in a template says what it is: `${port}` needs no String().
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => finish(await …)` returns nothing either way, and reads better without braces.
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // TypeGraphQL resolvers, modules and inputs are classes by decorators, with no members of their own at times.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // A promise that an executor or a listener starts is awaited elsewhere; conditions and spreads are still checked.
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { arguments: false, attributes: false } },
      ],
      // `while (true)` is how a loop says that it ends from within.
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // An index signature is read as `env['PORT']` on purpose: it may be absent, and a property may not.
      '@typescript-eslint/dot-notation': 'off',
      // The contracts are async so that an implementation may wait, also where today's does not.
      '@typescript-eslint/require-await': 'off',
      // An empty text often means "none", and `||` is how to say so.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      // The system's calls reject with ErrnoException: to name it beats narrowing by hand at each call.
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'off',
      // It asks for `!`, which no-non-null-assertion forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // A field of a GraphQL type has its type written beside its decorator, also where the default shows it.
      '@typescript-eslint/no-inferrable-types': ['error', { ignoreProperties: true }],
      // Types are structural on purpose: what has a GraphQL type's fields is one, whoever made it.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // An index signature names its key, which a Record does not.
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      // Both forms are idiomatic, and the core's data types are read better as aliases where they are unions.
      '@typescript-eslint/consistent-type-definitions': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/config*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'src/config.ts is the only reader of the environment.',
        },
      ],
    },
  },
  {
    files: ['src/core/**/*.ts', 'src/programs/**/*.ts'],
    ignores: ['src/core/clock.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'src/config.ts is the only reader of the environment.',
        },
        { object: 'Date', property: 'now', message: 'The engine takes its time from the Clock.' },
        { object: 'DateTime', property: 'now', message: 'The engine takes its time from the Clock.' },
      ],
    },
  },
  {
    files: ['dashboard/src/**/*.ts', 'dashboard/src/**/*.tsx'],
    extends: [reactHooks.configs.flat.recommended, a11y.configs.strict],
    rules: {
      // A region that scrolls takes the focus, or the keyboard could not scroll it.
      'jsx-a11y-x/no-noninteractive-tabindex': ['error', { roles: ['region'], tags: [] }],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // `expect(object.method)` does not call it.
      '@typescript-eslint/unbound-method': 'off',
      // A test may say that it knows what is there; the test fails if it is not.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Benchmarks and set-ups answer on the terminal.
      'no-console': 'off',
    },
  },
  {
    files: ['test/support/global-setup.ts', 'test/support/global-teardown.ts', 'dashboard/vite.config.ts'],
    // Jest and Vite ask for a default export.
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['schema.graphql'],
    plugins: { '@graphql-eslint': graphql },
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: './schema.graphql' } },
    },
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      // Connections go forward: `first` and `after`. Relay asks for one direction, the rule's default for both.
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
      // Its default forbids every list that is no connection: `errors`, `nodes`, `attempts`. What grows is a connection.
      '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false }],
      // Answers have no identity, only what they hold; and so have values.
      '@graphql-eslint/strict-id-in-types': [
        'error',
        { exceptions: { types: VALUES, suffixes: ['Payload', 'Connection', 'Edge'] } },
      ],
    },
  },
);

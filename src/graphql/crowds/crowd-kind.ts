import {
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  getOperationAST,
  Kind,
  OperationTypeNode,
  visit,
} from 'graphql';
import type { Caller } from '../../core/index.js';

/** What subscriptions have in common that are told the same. */
export interface CrowdKind {
  /** The same for all of them, and for no other. */
  readonly key: string;
  /** What to execute for all of them, from now on: without the place that one of them resumed from. */
  readonly args: ExecutionArgs;
}

/**
 * The crowd that a subscription belongs to: of those who ask for the same, word for word, and may see the same. What a
 * subscription is told depends on these and on nothing else, whoever asks.
 * @returns null where that cannot be told apart
 */
export function crowdKindOf(args: ExecutionArgs, caller: Caller): CrowdKind | null {
  const { document, operationName, variableValues } = args;
  const text = document.loc?.source.body;
  const operation = getOperationAST(document, operationName);
  if (text === undefined || operation?.operation !== OperationTypeNode.SUBSCRIPTION) return null;
  const [field] = operation.selectionSet.selections;
  const place = field?.kind === Kind.FIELD ? placeVariable(document, field) : null;
  const variables = Object.fromEntries(
    Object.entries(variableValues ?? {}).filter(([name]) => name !== place),
  );
  const key = JSON.stringify([text, operationName ?? null, sorted(variables), visibilityOf(caller)]);
  return { key, args: { ...args, variableValues: variables } };
}

/** What a caller may see: two with the same see the same. */
export function visibilityOf({ owner, role, scopes }: Caller): string {
  return JSON.stringify([owner, role, scopes]);
}

/** The variable that holds `after` and nothing else: those who resume become part of the crowd, too. */
function placeVariable(document: DocumentNode, field: FieldNode): string | null {
  const after = field.arguments?.find(({ name }) => name.value === 'after')?.value;
  if (after?.kind !== Kind.VARIABLE) return null;
  let uses = 0;
  visit(document, {
    Variable: ({ name }) => {
      if (name.value === after.name.value) uses += 1;
    },
  });
  // Its definition, and this argument.
  return uses === 2 ? after.name.value : null;
}

function sorted(variables: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1));
}

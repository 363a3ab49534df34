import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  getNullableType,
  Kind,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { MAX_PAGE } from '../schema/connection.js';

/** Guess at the length of a list that is not paged: attempts, moves, remarks. */
const UNPAGED_LENGTH = 10;

/** How large a document is, before anything of it runs. */
export interface QuerySize {
  /**
   * Fields within fields, or lists and objects within an argument, at the deepest place. Introspection is not counted,
   * graphql-js has its own rule for it.
   */
  readonly depth: number;
  /** Fields in the text: whether they can be merged is asked of each two. */
  readonly fields: number;
  /** Aliased fields in the text. */
  readonly aliases: number;
  /** Directives in the text. */
  readonly directives: number;
  /** Objects that the answer may hold: pages count as long as they may become. */
  readonly cost: number;
}

interface Extent {
  readonly depth: number;
  readonly cost: number;
}

const NOTHING: Extent = { depth: 0, cost: 0 };

/**
 * Measures a parsed document (SEC-1). Each fragment is measured once however often it is spread, so that
 * fragments that spread each other cannot make the measuring itself expensive; a cycle counts as nothing
 * here, validation refuses it.
 */
export function measure(schema: GraphQLSchema, document: DocumentNode): QuerySize {
  let fields = 0;
  let aliases = 0;
  let directives = 0;
  let nesting = 0;
  let deepest = 0;
  const inValue = {
    enter: () => {
      nesting += 1;
      deepest = Math.max(deepest, nesting);
    },
    leave: () => {
      nesting -= 1;
    },
  };
  visit(document, {
    Field: (node) => {
      fields += 1;
      if (node.alias) aliases += 1;
    },
    ListValue: inValue,
    ObjectValue: inValue,
    Directive: () => {
      directives += 1;
    },
  });
  const ruler = new Ruler(schema, document);
  const operations = document.definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .map((operation) =>
      ruler.extentOf(operation.selectionSet, schema.getRootType(operation.operation), false),
    );
  return {
    fields,
    aliases,
    directives,
    depth: Math.max(deepest, ...operations.map((extent) => extent.depth)),
    cost: Math.max(0, ...operations.map((extent) => extent.cost)),
  };
}

class Ruler {
  readonly #fragments: Map<string, FragmentDefinitionNode>;
  readonly #known = new Map<string, Extent>();

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
  ) {
    const fragments = document.definitions.filter(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION,
    );
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  }

  /** @param paged true directly under a field with `first`: lists there are already counted */
  extentOf(set: SelectionSetNode, type: GraphQLNamedType | null | undefined, paged: boolean): Extent {
    return set.selections.reduce<Extent>((sum, selection) => {
      let extent: Extent;
      if (selection.kind === Kind.FIELD) extent = this.#fieldExtent(selection, type, paged);
      else if (selection.kind === Kind.FRAGMENT_SPREAD)
        extent = this.#fragmentExtent(selection.name.value, paged);
      else {
        const condition = selection.typeCondition?.name.value;
        extent = this.extentOf(
          selection.selectionSet,
          condition === undefined ? type : this.schema.getType(condition),
          paged,
        );
      }
      return { depth: Math.max(sum.depth, extent.depth), cost: sum.cost + extent.cost };
    }, NOTHING);
  }

  #fragmentExtent(name: string, paged: boolean): Extent {
    const key = `${name} ${paged}`;
    const known = this.#known.get(key);
    if (known) return known;
    const fragment = this.#fragments.get(name);
    if (!fragment) return NOTHING;
    this.#known.set(key, NOTHING);
    const extent = this.extentOf(
      fragment.selectionSet,
      this.schema.getType(fragment.typeCondition.name.value),
      paged,
    );
    this.#known.set(key, extent);
    return extent;
  }

  #fieldExtent(field: FieldNode, parent: GraphQLNamedType | null | undefined, paged: boolean): Extent {
    if (field.name.value.startsWith('__')) return NOTHING;
    if (!field.selectionSet) return { depth: 1, cost: 0 };
    const definition =
      isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[field.name.value] : undefined;
    const named = definition && getNamedType(definition.type);
    const takesFirst = definition?.args.some((argument) => argument.name === 'first') ?? false;
    const inner = this.extentOf(field.selectionSet, isCompositeType(named) ? named : undefined, takesFirst);
    const isList = definition !== undefined && isListType(getNullableType(definition.type));
    const times = takesFirst ? pageLength(field) : isList && !paged ? UNPAGED_LENGTH : 1;
    return { depth: inner.depth + 1, cost: times * (1 + inner.cost) };
  }
}

/** The page that is asked for; the longest there is when a variable says it. */
function pageLength(field: FieldNode): number {
  const first = field.arguments?.find((argument) => argument.name.value === 'first')?.value;
  if (!first) return 50;
  return first.kind === Kind.INT ? Math.min(Math.max(Number(first.value), 1), MAX_PAGE) : MAX_PAGE;
}

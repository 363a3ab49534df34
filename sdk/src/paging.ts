/** A page of a list, as every list that grows answers (API-3). */
export interface Page<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null | undefined };
}

/** What the one list in an answer holds; never, where the answer is no list. */
export type NodeOf<Data> = {
  [Field in keyof Data]: NonNullable<Data[Field]> extends Page<infer Node> ? Node : never;
}[keyof Data];

/** Asks for page after page, each only when the one before it has been read. */
export async function* nodesOf<Data>(
  ask: (after: string | undefined) => Promise<Data>,
): AsyncGenerator<NodeOf<Data>, void> {
  let after: string | undefined;
  for (;;) {
    const page = pageOf(await ask(after));
    // The one field that is a page, which is how NodeOf finds the type too.
    if (page === undefined) throw new TypeError('the operation asks for no list with nodes and pageInfo');
    yield* page.nodes as readonly NodeOf<Data>[];
    const { hasNextPage, endCursor } = page.pageInfo;
    if (!hasNextPage || endCursor == null) return;
    after = endCursor;
  }
}

function pageOf(data: unknown): Page<unknown> | undefined {
  return Object.values(data as object).find(isPage);
}

function isPage(value: unknown): value is Page<unknown> {
  return typeof value === 'object' && value !== null && 'nodes' in value && 'pageInfo' in value;
}

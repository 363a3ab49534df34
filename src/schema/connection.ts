import 'reflect-metadata';
import { ObjectId } from '@mikro-orm/mongodb';
import { ArgsType, type ClassType, Field, Int, ObjectType } from 'type-graphql';
import { type Page, PunctualError } from '../core/index.js';

/** Longest page (API-3). */
export const MAX_PAGE = 200;

@ObjectType('PageInfo', { description: 'Where a page stands in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'True when the list goes on after this page.' })
  readonly hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'True when this page was asked for with `after`.' })
  readonly hasPreviousPage!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the first item; null when the page is empty.',
  })
  readonly startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Cursor of the last item, to be given as `after` for the next page; null when the page is empty.',
  })
  readonly endCursor!: string | null;
}

/** The arguments of every list. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: 50, description: `How many items, 1 to ${MAX_PAGE}.` })
  first!: number;

  @Field(() => String, { nullable: true, description: 'The cursor to go on after; null for the first page.' })
  after?: string | null;
}

/** Checks a page's arguments. @throws VALIDATION_ERROR */
export function readPage(args: PageArgs): Page {
  if (args.first < 1 || args.first > MAX_PAGE) {
    throw new PunctualError(
      'VALIDATION_ERROR',
      `first must be between 1 and ${MAX_PAGE}, not ${args.first}`,
      { path: 'first' },
    );
  }
  return { first: args.first, ...(args.after == null ? {} : { after: fromCursor(args.after) }) };
}

/** A page of a list, made by `connectionOf(...).of`. */
export interface Connection<T> {
  readonly edges: readonly { readonly node: T; readonly cursor: string }[];
  readonly nodes: readonly T[];
  readonly pageInfo: PageInfo;
}

/**
 * The Relay connection of an object type: `DeliveryConnection`, `DeliveryEdge`. Call it once for each type,
 * and use `Type` as the field's type and `of` to fill it.
 * @param name the GraphQL name of the node's type
 */
export function connectionOf<T extends { readonly doc: { readonly _id: ObjectId } }>(
  name: string,
  node: () => abstract new (...args: never[]) => T,
): {
  readonly Type: ClassType<Connection<T>>;
  of(page: { nodes: readonly T[]; hasMore: boolean }, args: PageArgs): Connection<T>;
} {
  @ObjectType(`${name}Edge`, { description: `One ${name} in a list, with its cursor.` })
  class Edge {
    @Field(node, { description: 'The item itself.' })
    readonly node!: T;

    @Field(() => String, { description: 'Opaque; give it as `after` to go on behind this item.' })
    readonly cursor!: string;
  }

  @ObjectType(`${name}Connection`, { description: `A page of ${name} objects.` })
  class Type implements Connection<T> {
    @Field(() => [Edge], { description: 'The items with their cursors.' })
    readonly edges!: readonly Edge[];

    @Field(() => [node()], { description: 'The items alone: a shortcut for `edges { node }`.' })
    readonly nodes!: readonly T[];

    @Field(() => PageInfo, { description: 'Where the page stands in the list.' })
    readonly pageInfo!: PageInfo;
  }

  return {
    Type,
    of: ({ nodes, hasMore }, args) => {
      const edges = nodes.map((item) => ({ node: item, cursor: toCursor(item.doc._id) }));
      const pageInfo = {
        hasNextPage: hasMore,
        hasPreviousPage: args.after != null,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      };
      return Object.assign(new Type(), { edges, nodes, pageInfo });
    },
  };
}

const toCursor = (id: ObjectId): string => Buffer.from(`id:${id.toHexString()}`).toString('base64url');

function fromCursor(cursor: string): ObjectId {
  const hex = /^id:([0-9a-f]{24})$/.exec(
    Buffer.from(cursor.slice(0, 64), 'base64url').toString('latin1'),
  )?.[1];
  if (hex === undefined)
    throw new PunctualError('VALIDATION_ERROR', 'after is not a cursor of this list', { path: 'after' });
  return new ObjectId(hex);
}

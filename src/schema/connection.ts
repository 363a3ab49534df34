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

/** Checks a page's arguments; `after` is an id. @throws VALIDATION_ERROR */
export function readPage(args: PageArgs): Page {
  const first = readFirst(args);
  return { first, ...(args.after == null ? {} : { after: idCursor.read(args.after) }) };
}

/** Checks how many a page is to hold. @throws VALIDATION_ERROR */
export function readFirst(args: PageArgs): number {
  if (args.first < 1 || args.first > MAX_PAGE) {
    throw new PunctualError(
      'VALIDATION_ERROR',
      `first must be between 1 and ${MAX_PAGE}, not ${args.first}`,
      { path: 'first' },
    );
  }
  return args.first;
}

/** How a list's places are written as opaque text. */
export interface CursorCodec<Place> {
  write(place: Place): string;
  /** @throws VALIDATION_ERROR */
  read(cursor: string): Place;
}

/** A page of a list, made by `connectionOf(...).of`. */
export interface Connection<T> {
  readonly edges: readonly { readonly node: T; readonly cursor: string }[];
  readonly nodes: readonly T[];
  readonly pageInfo: PageInfo;
}

/** What a page is made of. */
export interface PageOf<T> {
  readonly nodes: readonly T[];
  readonly hasMore: boolean;
  /** Where the next page goes on; behind the last node when omitted. A page that looked further than it found sets it. */
  readonly end?: string | null;
  /** The nodes' ids when omitted. */
  readonly cursorOf?: (node: T) => string;
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
  of(page: PageOf<T>, args: PageArgs): Connection<T>;
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
    of: ({ nodes, hasMore, end, cursorOf = (item) => idCursor.write(item.doc._id) }, args) => {
      const edges = nodes.map((item) => ({ node: item, cursor: cursorOf(item) }));
      const pageInfo = {
        hasNextPage: hasMore,
        hasPreviousPage: args.after != null,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: end ?? edges.at(-1)?.cursor ?? null,
      };
      return Object.assign(new Type(), { edges, nodes, pageInfo });
    },
  };
}

/** Places that are ids. */
export const idCursor: CursorCodec<ObjectId> = cursorCodec(
  /^id:([0-9a-f]{24})$/,
  (id) => `id:${id.toHexString()}`,
  (hex) => new ObjectId(hex),
);

/** A codec of places that are written as a short text, in which `shape` finds the parts again. */
export function cursorCodec<Place>(
  shape: RegExp,
  textOf: (place: Place) => string,
  placeOf: (...parts: string[]) => Place,
): CursorCodec<Place> {
  return {
    write: (place) => Buffer.from(textOf(place)).toString('base64url'),
    read: (cursor) => {
      const parts = shape.exec(Buffer.from(cursor.slice(0, 128), 'base64url').toString('latin1'));
      if (!parts) {
        throw new PunctualError('VALIDATION_ERROR', 'after is not a cursor of this list', { path: 'after' });
      }
      return placeOf(...parts.slice(1));
    },
  };
}

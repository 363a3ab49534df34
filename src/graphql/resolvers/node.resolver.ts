import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { Context } from '../../schema/context.js';
import { Node } from '../../schema/node.js';

/** API-4. `nodes.ts` and the programs say how each kind is found. */
@Resolver()
export class NodeResolver {
  @Query(() => Node, {
    nullable: true,
    description: 'An object by its global id; null when there is none, or it belongs to somebody else.',
  })
  node(
    @Arg('id', () => ID, { description: 'The global id.' }) id: string,
    @Ctx() context: Context,
  ): Promise<object | null> {
    return context.findNode(id);
  }
}

import 'reflect-metadata';
import { Field, ID, InterfaceType } from 'type-graphql';

/** What can be fetched again by its id alone (API-4). Type classes `implement` it, and declare `id` themselves. */
@InterfaceType('Node', { description: 'An object with an id of its own; `node(id:)` fetches it again.' })
export abstract class Node {
  @Field(() => ID, { description: 'Global id; opaque.' })
  readonly id!: string;
}

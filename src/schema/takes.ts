import 'reflect-metadata';
import { Extensions } from 'type-graphql';
import type { Scope } from '../core/index.js';

/** What a root field says about itself, for the rules that the edge puts before it. */
export interface Taken {
  readonly takes?: Scope;
  /** Input fields, besides ids, that name what a mutation is about: they stand in its audit entry. */
  readonly named?: readonly string[];
}

/**
 * Says which scope a root field takes (SEC-4). Every mutation needs it, or the schema is not built; a query or a
 * subscription without it takes `read`.
 * @param named input fields, besides those of the type ID, that name what the mutation is about, as a queue's `name`: the
 * audit keeps their values. Never one that may hold personal data.
 */
export function Takes(takes: Scope, named: readonly string[] = []): MethodDecorator {
  const said: Taken = { takes, named };
  return Extensions({ ...said });
}

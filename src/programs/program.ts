import type { EntitySchema } from '@mikro-orm/core';
import type { ObjectId } from '@mikro-orm/mongodb';
import type { Config } from '../config.js';
import type { Core, Job, Person, Retention } from '../core/index.js';
import type { Context } from '../schema/context.js';

/**
 * What a program is to the rest of the system: a thin layer on the core with its own entities, queues, resolvers
 * and jobs. `registry.ts` lists them; `app.ts` starts them; nothing else knows one by name. A program talks to the
 * core and to nothing else: if it needed an adapter, the core would lack a concept.
 */
export interface Program {
  /** As it stands in deliveries, runs and metrics: `daily-content`. Public; changing it orphans stored work. */
  readonly name: string;
  /** Its collections; their indexes are made at start, before `start` is called. */
  readonly entities: readonly EntitySchema[];
  /** The lanes that its deliveries go through; no two programs share one. */
  readonly queues: readonly QueueDefinition[];
  /** How long its ended deliveries are kept (CORE-50), where that differs from the configuration's. */
  readonly retention?: Partial<Retention>;
  /** Its part of the GraphQL schema: TypeGraphQL resolver classes, made without arguments. */
  readonly resolvers: readonly (new () => object)[];
  /** How its kinds of objects are found by their global ids (API-4). */
  readonly nodes: readonly NodeFinder[];
  /** Builds what its resolvers and jobs use. Called once, when the database is open; starts nothing by itself. */
  start(core: Core, config: Config): ProgramRuntime;
}

/** A lane of deliveries, as the core is to create it. */
export interface QueueDefinition {
  readonly name: string;
  /** Attempts under way at once, over all workers (CORE-23); the configured default when omitted. */
  readonly maxInFlight?: number;
}

/** Finds objects of one GraphQL type again. */
export interface NodeFinder {
  /** The GraphQL name, which is the prefix of the global ids too: `Advisor`. */
  readonly type: string;
  /** @returns an instance of the type's class; null when it is unknown, or none of the caller's business */
  find(context: Context, id: ObjectId): Promise<object | null>;
}

/** A started program. Each program's own class adds its services, and a typed accessor finds it in the context. */
export interface ProgramRuntime {
  /** What it does by itself. */
  readonly jobs: readonly Job[];
  /**
   * Takes a person out of what it keeps itself, and plans nothing for them any more (SEC-7). It is called before the core
   * erases their deliveries. Omitted: it keeps nothing about persons.
   * @param owner null: every owner's
   * @returns the names under which its deliveries know the person
   */
  eraseRecipient?(owner: string | null, person: Person): Promise<readonly string[]>;
}

import type { EntityManager, EntitySchema, InferEntity } from '@mikro-orm/core';
import type { ClientSession, Collection, Document } from 'mongodb';

/**
 * The engine's view of MongoDB. MongoDB is MongoDB: there is no second store behind this, and the core speaks
 * the driver's own language (docs/decisions/0002). `adapters/mongo` opens it.
 */
export interface Database {
  /** The driver's collection of an entity, for hot paths: bulk, conditional, explained. */
  collection<E extends EntitySchema>(entity: E): Collection<InferEntity<E> & Document>;
  /** A fresh entity manager, for requests and administration: one a request. */
  em(): EntityManager;
  /**
   * Runs `work` in a transaction (majority write, snapshot read) and repeats it when MongoDB says that it lost
   * a race. `work` may therefore run more than once: no side effects but through its session.
   */
  transaction<T>(work: (session: ClientSession) => Promise<T>): Promise<T>;
  /** The server's clock, and by how many ms this machine's is behind it (negative: ahead). */
  measureClock(): Promise<{ readonly offsetMs: number }>;
}

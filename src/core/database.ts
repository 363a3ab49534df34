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
  /**
   * Ends transactions of this database that are open for longer than so many ms and do nothing: a process that was
   * killed or stopped in mid-transaction leaves them behind, and what they have written is locked until they end.
   * @returns how many
   */
  endStuckTransactions(olderThanMs: number): Promise<number>;
  /**
   * By how many ms this machine's clock is behind the server's (negative: ahead): at least and at most. How long the
   * request and the answer took each is not known, so nothing more can be said.
   */
  measureClock(): Promise<{ readonly least: number; readonly most: number }>;
}

import type { ObjectId } from '@mikro-orm/mongodb';
import type { AttemptDoc, Caller, Core, DeliveryDoc, RunDoc } from '../core/index.js';
import type { Batch } from './batch.js';

/** What every resolver gets. Made anew for each HTTP request, and for each operation of a socket. */
export interface Context {
  readonly core: Core;
  readonly caller: Caller;
  /** Stands in the log and in every top-level error, so that the one finds the other. */
  readonly requestId: string;
  /** What the programs started, by program name; a program reads its own through `programOf`. */
  readonly programs: ReadonlyMap<string, object>;
  /** Attempts of a delivery, by number; calls of one tick share a round trip. */
  readonly attempts: Batch<DeliveryDoc, readonly AttemptDoc[]>;
  /** Runs that the caller may see, by id; null for the others. */
  readonly runs: Batch<ObjectId, RunDoc | null>;
  /** Any object that the caller may see, by its global id (API-4); null for every other id. */
  findNode(id: string): Promise<object | null>;
  /**
   * Asks again whether the caller's key is good, for what lives longer than a request (SEC-3, API-7).
   * @returns null once the key is revoked or has expired
   */
  reauthenticate(): Promise<Caller | null>;
  /** Aborted when the server stops, or the connection goes: subscriptions end with it. */
  readonly signal: AbortSignal;
}

/**
 * A program's own runtime, typed.
 * @example const { waves } = programOf(context, 'daily-content', DailyContentRuntime)
 * @throws Error when app.ts started no such program: a mistake of ours
 */
export function programOf<T extends object>(
  context: Context,
  name: string,
  Runtime: abstract new (...args: never[]) => T,
): T {
  const runtime = context.programs.get(name);
  if (!(runtime instanceof Runtime)) throw new Error(`the program ${name} is not running`);
  return runtime;
}

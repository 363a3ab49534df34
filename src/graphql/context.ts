import type { ObjectId } from '@mikro-orm/mongodb';
import type { AttemptDoc, Core, DeliveryDoc } from '../core/index.js';
import { Batch } from '../schema/batch.js';
import type { Context } from '../schema/context.js';
import type { Credentials } from './auth.js';
import type { FindNode } from './nodes.js';

/** What is the same for all requests. */
export interface ContextSource {
  readonly core: Core;
  readonly programs: ReadonlyMap<string, object>;
  readonly findNode: FindNode;
}

/** The context of one request or operation. @param signal aborted when whoever asked is gone, or we stop */
export function createContext(
  { core, programs, findNode }: ContextSource,
  { caller, bearer }: Credentials,
  requestId: string,
  signal: AbortSignal,
): Context {
  const context: Context = {
    core,
    programs,
    caller,
    requestId,
    signal,
    findNode: (id) => findNode(context, id),
    reauthenticate: () => core.access.authenticate(bearer),
    attempts: new Batch(async (deliveries: readonly DeliveryDoc[]): Promise<(readonly AttemptDoc[])[]> => {
      const found = await core.deliveries.attemptsOf(deliveries);
      return deliveries.map((delivery) => found.get(delivery._id.toHexString()) ?? []);
    }),
    runs: new Batch(async (ids: readonly ObjectId[]) => {
      // A page holds many deliveries of few runs.
      const distinct = new Map(ids.map((id) => [id.toHexString(), id]));
      const found = await Promise.all(
        [...distinct].map(async ([hex, id]) => [hex, await core.runs.find(caller, id)] as const),
      );
      const byHex = new Map(found);
      return ids.map((id) => byHex.get(id.toHexString()) ?? null);
    }),
  };
  return context;
}

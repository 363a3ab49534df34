import type { NodeFinder } from '../programs/program.js';
import type { Context } from '../schema/context.js';
import { DeliveryType } from '../schema/delivery.type.js';
import { objectIdOf, parseGlobalId } from '../schema/ids.js';
import { RunType } from '../schema/run.type.js';

/** The core's objects that have an id of their own; each is found under the rules of its own query. */
const CORE_NODES: readonly NodeFinder[] = [
  {
    type: 'Delivery',
    find: async ({ core, caller }, id) => {
      const doc = await core.deliveries.find(caller, id);
      return doc && new DeliveryType(doc);
    },
  },
  {
    type: 'Run',
    find: async ({ core, caller }, id) => {
      const doc = await core.runs.find(caller, id);
      return doc && new RunType(doc);
    },
  },
];

/** Finds any object by its global id (API-4); null for what does not exist, and for what the caller may not see. */
export type FindNode = (context: Context, id: string) => Promise<object | null>;

/** @param programNodes how the programs' kinds of objects are found */
export function createFindNode(programNodes: readonly NodeFinder[]): FindNode {
  const finders = new Map([...CORE_NODES, ...programNodes].map((finder) => [finder.type, finder]));
  return async (context, id) => {
    const finder = finders.get(parseGlobalId(id)?.type ?? '');
    const key = finder && objectIdOf(finder.type, id);
    return finder && key ? finder.find(context, key) : null;
  };
}

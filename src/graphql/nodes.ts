import { mayAct, reaches } from '../core/index.js';
import type { NodeFinder } from '../programs/program.js';
import type { Context } from '../schema/context.js';
import { DeliveryType } from '../schema/delivery.type.js';
import { objectIdOf, parseGlobalId } from '../schema/ids.js';
import { RunType } from '../schema/run.type.js';
import { AuditEntryType } from './resolvers/audit.type.js';
import { ChannelStateType } from './resolvers/channel.resolver.js';
import { JobType } from './resolvers/job.resolver.js';
import { AlertType } from './resolvers/alert.type.js';
import { SlaViolationType } from './resolvers/violation.type.js';
import { QueueType } from './resolvers/queue.resolver.js';

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
  {
    type: 'Alert',
    find: async ({ core, caller }, id) => {
      const doc = mayAct(caller, 'OPERATOR') ? await core.alerts.find(id) : null;
      return doc && new AlertType(doc);
    },
  },
  {
    type: 'SlaViolation',
    find: async ({ core, caller }, id) => {
      const doc = mayAct(caller, 'OPERATOR') ? await core.violations.find(id) : null;
      return doc && new SlaViolationType(doc);
    },
  },
  {
    type: 'AuditEntry',
    find: async ({ core, caller }, id) => {
      const doc = mayAct(caller, 'ADMIN') && reaches(caller, 'admin') ? await core.audit.find(id) : null;
      return doc && new AuditEntryType(doc);
    },
  },
];

/** Finds any object by its global id (API-4); null for what does not exist, and for what the caller may not see. */
export type FindNode = (context: Context, id: string) => Promise<object | null>;

/** What is found by a name of its own, and belongs to nobody. */
const NAMED_NODES: ReadonlyMap<string, FindNode> = new Map<string, FindNode>([
  [
    'Queue',
    async ({ core }, name) => {
      const view = (await core.queues.list()).find((queue) => queue.name === name);
      return view ? new QueueType(view) : null;
    },
  ],
  [
    'Job',
    async ({ core, caller }, name) => {
      const jobs = mayAct(caller, 'OPERATOR') ? await core.jobs.list() : [];
      const view = jobs.find((job) => job.name === name);
      return view ? new JobType(view) : null;
    },
  ],
  [
    'ChannelState',
    async ({ core }, name) => {
      const view = (await core.channelStates.list()).find((state) => state.channel === name);
      return view ? new ChannelStateType(view) : null;
    },
  ],
]);

/** @param programNodes how the programs' kinds of objects are found */
export function createFindNode(programNodes: readonly NodeFinder[]): FindNode {
  const finders = new Map([...CORE_NODES, ...programNodes].map((finder) => [finder.type, finder]));
  return async (context, id) => {
    const parsed = parseGlobalId(id);
    if (!parsed) return null;
    const findNamed = NAMED_NODES.get(parsed.type);
    if (findNamed) return findNamed(context, parsed.key);
    const finder = finders.get(parsed.type);
    const key = finder && objectIdOf(finder.type, id);
    return finder && key ? finder.find(context, key) : null;
  };
}

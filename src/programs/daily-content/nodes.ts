import type { NodeFinder } from '../program.js';
import { AdvisorType } from './advisor.type.js';
import { ContentType } from './content.type.js';
import { dailyContentOf } from './runtime.js';
import { WaveType } from './wave.type.js';

/** The program's objects that have an id of their own (API-4). */
export const nodes: readonly NodeFinder[] = [
  {
    type: 'Advisor',
    find: async (context, id) => {
      const found = await dailyContentOf(context).advisors.find(context.caller, id);
      return found && new AdvisorType(found);
    },
  },
  {
    type: 'Content',
    find: async (context, id) => {
      const found = await dailyContentOf(context).contents.find(context.caller, id);
      return found && new ContentType(found);
    },
  },
  {
    type: 'Wave',
    find: async (context, id) => {
      const found = await dailyContentOf(context).waves.find(context.caller, id);
      return found && new WaveType(found);
    },
  },
];

import type { Program } from '../program.js';
import { Advisor } from './advisor.entity.js';
import { AdvisorResolver } from './advisor.resolver.js';
import { ContentAssignment } from './assignment.entity.js';
import { DailyContent } from './content.entity.js';
import { ContentResolver } from './content.resolver.js';
import { nodes } from './nodes.js';
import { PROGRAM, QUEUE } from './plan.js';
import { DailyContentRuntime } from './runtime.js';
import { Wave } from './wave.entity.js';
import { WaveResolver } from './wave.resolver.js';

/** Advisors get one piece of content every morning on WhatsApp (DC-1 to DC-3, DC-8). */
export const dailyContent: Program = {
  name: PROGRAM,
  entities: [Advisor, DailyContent, ContentAssignment, Wave],
  queues: [{ name: QUEUE }],
  resolvers: [WaveResolver, AdvisorResolver, ContentResolver],
  nodes,
  start: (core, config) => new DailyContentRuntime(core, config),
};

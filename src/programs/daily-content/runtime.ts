import type { Config } from '../../config.js';
import type { Core, Job, Person } from '../../core/index.js';
import { type Context, programOf } from '../../schema/context.js';
import type { ProgramRuntime } from '../program.js';
import { Advisors } from './advisors.js';
import { Assignments } from './assignments.js';
import { Contents } from './contents.js';
import { planJob } from './jobs.js';
import { PROGRAM } from './plan.js';
import { ImmediateSender } from './send-immediate.js';
import { Waves } from './wave.js';

/** The running program: its services, in the order in which they need one another. */
export class DailyContentRuntime implements ProgramRuntime {
  readonly advisors: Advisors;
  readonly contents: Contents;
  readonly assignments: Assignments;
  readonly waves: Waves;
  readonly immediate: ImmediateSender;
  readonly jobs: readonly Job[];

  constructor(core: Core, { dailyContent: settings }: Pick<Config, 'dailyContent'>) {
    this.advisors = new Advisors(core);
    this.contents = new Contents(core);
    this.assignments = new Assignments(core, this.advisors, this.contents, settings.timezone);
    this.waves = new Waves(core, this.assignments, settings);
    this.immediate = new ImmediateSender(core, this.advisors, this.contents, settings.timezone);
    // Switched off, it does nothing by itself, and still does what it is told.
    this.jobs = settings.enabled ? [planJob(core, this.waves, settings)] : [];
  }

  eraseRecipient(owner: string | null, person: Person): Promise<readonly string[]> {
    return this.advisors.erase(owner, person);
  }
}

/** The program's services, for a resolver. */
export function dailyContentOf(context: Context): DailyContentRuntime {
  return programOf(context, PROGRAM, DailyContentRuntime);
}

import { type Caller, EVERYBODY } from '../access/caller.js';
import type { BulkOptions, BulkResult } from '../bulk/bulk.js';
import type { Tasks, TaskWork } from '../bulk/tasks.js';
import { PunctualError } from '../errors.js';
import type { Job } from '../schedule/jobs.js';
import { CORE_PROGRAM, type RunDoc } from '../schedule/run.entity.js';
import type { Runs } from '../schedule/runs.js';
import type { RollUp } from '../stats/roll-up.js';
import { nextTimeOfDay } from '../time/calendar.js';
import type { Cleaner } from './cleaner.js';
import type { Orphans } from './orphans.js';

/** What is older than this is not asked for: a hundred years. */
const MOST_HOURS = 876_600;
/** The type of the runs of upkeep. */
const MAINTENANCE = 'maintenance';

/** When the upkeep is done by itself, each day. */
export interface UpkeepTimes {
  /** Time of day. */
  readonly at: string;
  readonly timezone: string;
}

export const UPKEEP_TIMES: UpkeepTimes = { at: '03:15', timezone: 'UTC' };

/** Does the daily upkeep, step by step. */
export class Maintenance implements TaskWork<'MAINTAIN'> {
  constructor(
    private readonly cleaner: Cleaner,
    private readonly orphans: Orphans,
    private readonly rollUp: RollUp,
    private readonly runs: Runs,
  ) {}

  async *steps(run: RunDoc): AsyncGenerator<void, void> {
    yield* this.cleaner.byRules(run);
    await this.orphans.deleteAttempts();
    yield;
    await this.rollUp.run();
    yield;
    const remarks = await this.orphans.look();
    if (remarks.length > 0) await this.runs.report(run._id, { skipped: remarks.length, remarks });
  }
}

/** Keeps the house in order (CORE-50): by itself each day, and on demand. */
export class Upkeep {
  /** Begins the day's maintenance; the tasks' job does it. */
  readonly job: Job;

  constructor(
    private readonly tasks: Tasks,
    private readonly cleaner: Cleaner,
    times: UpkeepTimes,
  ) {
    this.job = {
      name: `${CORE_PROGRAM}.upkeep`,
      next: (after) => nextTimeOfDay(after, times.at, times.timezone),
      run: async (at) => {
        const idempotencyKey = new Date(at).toISOString();
        await this.#maintain(EVERYBODY, idempotencyKey);
      },
    };
  }

  /** Does the upkeep now: deletes by the rules, rolls figures up, looks for orphans. */
  maintain(caller: Caller, idempotencyKey: string | null): Promise<RunDoc> {
    return this.#maintain(caller.owner, idempotencyKey);
  }

  /**
   * Deletes what has ended and to which nothing has happened for so many hours, whatever the rules say; what is live, and what
   * a key may still be asked for, stays.
   * @param program null: of all programs
   * @throws VALIDATION_ERROR, IDEMPOTENCY_CONFLICT
   */
  async cleanUp(
    caller: Caller,
    olderThanHours: number,
    program: string | null,
    { dryRun, idempotencyKey = null }: BulkOptions,
  ): Promise<BulkResult> {
    if (!Number.isInteger(olderThanHours) || olderThanHours < 1 || olderThanHours > MOST_HOURS) {
      throw new PunctualError(
        'VALIDATION_ERROR',
        `1 to ${MOST_HOURS} hours are allowed, not ${olderThanHours}`,
        {
          path: 'olderThanHours',
        },
      );
    }
    const matched = await this.cleaner.count(olderThanHours, program);
    if (dryRun) return { matched, changed: 0, run: null };
    const task = { kind: 'CLEAN_UP', olderThanHours, program } as const;
    const asked = { type: 'cleanup', task, matched, idempotencyKey };
    const run =
      matched === 0
        ? await this.tasks.earlier(caller.owner, asked)
        : await this.tasks.begin(caller.owner, asked);
    return { matched: run?.matched ?? matched, changed: run?.changed ?? 0, run };
  }

  #maintain(owner: string, idempotencyKey: string | null): Promise<RunDoc> {
    return this.tasks.begin(owner, {
      type: MAINTENANCE,
      task: { kind: 'MAINTAIN' },
      matched: null,
      idempotencyKey,
    });
  }
}

import { ObjectId } from '@mikro-orm/mongodb';
import type { Clock } from '../clock.js';
import { checkKey } from '../delivery/check.js';
import { PunctualError } from '../errors.js';
import type { JobBook } from '../schedule/job-book.js';
import type { Job } from '../schedule/jobs.js';
import { CORE_PROGRAM, type RunDoc } from '../schedule/run.entity.js';
import type { Runs } from '../schedule/runs.js';
import type { Task, TaskKind } from '../schedule/task.js';

/** A task of one kind. */
export type TaskOf<K extends TaskKind> = Extract<Task, { readonly kind: K }>;

/** How a kind of task is done. */
export interface TaskWork<K extends TaskKind> {
  /**
   * Does the task step by step, and reports in each step's transaction what it has done. It may be left after any step, or
   * in the midst of one, and be begun anew by another process: what was done already is not found again.
   */
  steps(run: RunDoc, task: TaskOf<K>): AsyncGenerator<void, void>;
}

/** What a run of the core is begun with. */
export interface NewTask {
  /** Type of the run: `retry-failed`. */
  readonly type: string;
  readonly task: Task;
  /** How much there is to do; null: that is not known, and a worker does it. */
  readonly matched: number | null;
  /** The second request with it gets the first one's run. */
  readonly idempotencyKey?: string | null;
}

/** Up to so much is done while the caller waits; more goes on in a worker. */
const AT_ONCE = 2_000;
/** How long the process that does it at once has the say, in real ms: far longer than that takes. */
const AT_ONCE_MS = 30_000;
/** A run whose steps fail so often in a row is given up. */
const FAILURES = 3;
/** How often a worker looks for runs that were left behind, in real ms; what has just begun wakes it at once. */
const LOOK_MS = 60_000;

/** The name of the job that goes on with tasks. */
const JOB = `${CORE_PROGRAM}.tasks`;

/** Begins the core's own runs, and does their tasks: small ones at once, large ones in a worker, batch by batch (API-8). */
export class Tasks {
  /** Goes on with what is to be done, and with what a dead process has left behind. */
  readonly job: Job;

  constructor(
    private readonly runs: Runs,
    private readonly jobs: JobBook,
    private readonly clock: Clock,
    private readonly works: { readonly [K in TaskKind]: TaskWork<K> },
    private readonly onError: (error: unknown, doing: string) => void,
  ) {
    this.job = {
      name: JOB,
      next: (after) => clock.toEngine(clock.toReal(after) + LOOK_MS),
      run: (_at, stopping) => this.goOn(stopping),
    };
  }

  /** Begins a run, and does it where it is small. @throws VALIDATION_ERROR, IDEMPOTENCY_CONFLICT (the key) */
  async begin(owner: string, { type, task, matched, idempotencyKey }: NewTask): Promise<RunDoc> {
    checkKey(idempotencyKey);
    const key = occurrenceOf(idempotencyKey);
    const isSmall = matched !== null && matched <= AT_ONCE;
    const { run, created } = await this.runs.begin({
      owner,
      program: CORE_PROGRAM,
      type,
      occurrence: key ?? new ObjectId().toHexString(),
      matched,
      task,
      heldUntil: isSmall ? new Date(this.clock.realNow() + AT_ONCE_MS) : null,
    });
    if (!created) return repeated(run, task);
    if (isSmall) return this.#finish(run);
    await this.jobs.request(JOB);
    return run;
  }

  /** The run of an earlier request with this key; null when there was none. @throws as `begin` */
  async earlier(owner: string, { type, task, idempotencyKey }: NewTask): Promise<RunDoc | null> {
    checkKey(idempotencyKey);
    const key = occurrenceOf(idempotencyKey);
    if (key === null) return null;
    const run = await this.runs.begun({ owner, program: CORE_PROGRAM, type, occurrence: key });
    return run && repeated(run, task);
  }

  /** Goes on with all tasks that nobody has the say over, a step of each in turn, until none is left. */
  async goOn(stopping: AbortSignal): Promise<void> {
    const begun = new Map<string, Progress>();
    try {
      for (let left = true; left && !stopping.aborted;) {
        const runs = await this.runs.tasks();
        await leaveOthers(begun, runs);
        for (const run of runs) await this.#step(run, begun);
        left = runs.length > 0;
      }
    } finally {
      await leaveOthers(begun, []);
    }
  }

  async #finish(run: RunDoc): Promise<RunDoc> {
    const steps = this.#stepsOf(run);
    for (let done = false; !done;) done = (await steps.next()).done === true;
    return this.runs.end(run._id, 'COMPLETED');
  }

  async #step(run: RunDoc, begun: Map<string, Progress>): Promise<void> {
    const id = run._id.toHexString();
    const progress = begun.get(id) ?? { steps: this.#stepsOf(run), failures: 0 };
    begun.set(id, progress);
    try {
      const step = await progress.steps.next();
      if (step.done === true) await this.runs.end(run._id, 'COMPLETED');
      progress.failures = 0;
    } catch (error) {
      this.onError(error, `doing a ${run.type}`);
      const failures = progress.failures + 1;
      begun.set(id, { steps: this.#stepsOf(run), failures });
      const message = error instanceof Error ? error.message : String(error);
      if (failures >= FAILURES) await this.runs.end(run._id, 'FAILED', message);
    }
  }

  #stepsOf(run: RunDoc): AsyncGenerator<void, void> {
    const { task } = run;
    if (!task) throw new Error(`the run ${run._id.toHexString()} has no task`);
    return this.#work(task.kind).steps(run, task);
  }

  /** The kind of a task and its work belong together, which the compiler cannot see. */
  #work(kind: TaskKind): TaskWork<TaskKind> {
    return this.works[kind] as TaskWork<TaskKind>;
  }
}

/** A task that this process has begun. */
interface Progress {
  readonly steps: AsyncGenerator<void, void>;
  /** In a row. */
  failures: number;
}

/** Leaves what is not among `runs` any more: cancelled, or ended. */
async function leaveOthers(begun: Map<string, Progress>, runs: readonly RunDoc[]): Promise<void> {
  const wanted = new Set(runs.map((run) => run._id.toHexString()));
  for (const [id, { steps }] of begun) {
    if (wanted.has(id)) continue;
    begun.delete(id);
    await steps.return();
  }
}

/** One run for each key of an owner, and type. */
function occurrenceOf(idempotencyKey: string | null | undefined): string | null {
  return typeof idempotencyKey === 'string' ? `key|${idempotencyKey}` : null;
}

/** The run of an earlier request with the same key; another request with it is a conflict (CORE-3). */
function repeated(run: RunDoc, task: Task): RunDoc {
  if (JSON.stringify(run.task) === JSON.stringify(task)) return run;
  throw new PunctualError('IDEMPOTENCY_CONFLICT', 'this idempotency key was used before for another action', {
    path: 'idempotencyKey',
  });
}

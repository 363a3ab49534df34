import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { JobBook } from '../../src/core/schedule/job-book.js';
import { JobState } from '../../src/core/schedule/job-state.entity.js';
import { type Job, Jobs } from '../../src/core/schedule/jobs.js';
import { createTestEngine, type TestEngine } from '../support/engine.js';
import { until } from '../support/until.js';

const HOUR_MS = 3_600_000;
/** Longer than any test: what is waited for comes, or the test's own limit ends it. */
const LONG_MS = HOUR_MS;

let engine: TestEngine;
let second: TestEngine;

beforeAll(async () => {
  engine = await createTestEngine();
  second = await createTestEngine({ beside: engine });
});
afterAll(async () => {
  await second.stop();
  await engine.stop();
});
beforeEach(async () => {
  await engine.clear();
  await second.clear();
});

/** A job that is due at each full hour, and what it was run for. */
function hourly(run: (at: number) => Promise<void> = () => Promise.resolve()): { job: Job; runs: number[] } {
  const runs: number[] = [];
  const job: Job = {
    name: 'p.hourly',
    next: (after) => (Math.floor(after / HOUR_MS) + 1) * HOUR_MS,
    run: async (at) => {
      runs.push(at);
      await run(at);
    },
  };
  return { job, runs };
}

function jobsOf(of: TestEngine, ...jobs: readonly Job[]): Jobs {
  return new Jobs(
    of.database,
    of.clock,
    (alarm) => {
      of.set.push(alarm);
      return Promise.resolve();
    },
    jobs,
    (_job, error) => of.errors.push(error),
  );
}

/** Starts what is due, and waits until it has ended. */
async function runDue(...all: readonly Jobs[]): Promise<void> {
  await Promise.all(all.map((jobs) => jobs.startDue()));
  await Promise.all(all.map((jobs) => jobs.idle(LONG_MS)));
}

const stateOf = (name = 'p.hourly'): Promise<unknown> =>
  engine.database.collection(JobState).findOne({ _id: name });
const nextHour = (): number => (Math.floor(engine.clock.now() / HOUR_MS) + 1) * HOUR_MS;
/** Sets the clocks to a whole second behind an instant. */
function goTo(at: number): void {
  for (const { clock } of [engine, second]) clock.setOffset(at + 1_000 - Date.now());
}

describe('CORE-14 jobs', () => {
  it('CORE-14 are run at their instant, and not before; the next run is stored and armed', async () => {
    const { job, runs } = hourly();
    const first = nextHour();
    const jobs = jobsOf(engine, job);
    await jobs.start();
    expect(runs).toEqual([]);
    expect(engine.set).toEqual([{ kind: 'job', name: `p.hourly@${first}`, at: new Date(first) }]);
    goTo(first);
    await runDue(jobs);
    expect(runs).toEqual([first]);
    const next = first + HOUR_MS;
    expect(await stateOf()).toMatchObject({ nextAt: new Date(next), lastError: null });
    expect(engine.set.at(-1)).toEqual({ kind: 'job', name: `p.hourly@${next}`, at: new Date(next) });
    await runDue(jobs);
    expect(runs).toEqual([first]);
  });

  it('CORE-14 go on after a restart where they were: a run that was missed is made up for, once', async () => {
    const first = nextHour();
    await jobsOf(engine, hourly().job).start();
    goTo(first + 5 * HOUR_MS);
    const { job, runs } = hourly();
    const jobs = jobsOf(engine, job);
    await jobs.start();
    await jobs.idle(LONG_MS);
    expect(runs).toEqual([first]);
    expect(await stateOf()).toMatchObject({ nextAt: new Date(first + 6 * HOUR_MS) });
  });

  it('one that has lost its alarm is armed again by whoever looks', async () => {
    const jobs = jobsOf(engine, hourly().job);
    await jobs.start();
    engine.set.length = 0;
    await runDue(jobs);
    expect(engine.set).toHaveLength(1);
  });

  it('one that failed is told about, and tried again within a minute', async () => {
    const first = nextHour();
    let broken = true;
    const { job, runs } = hourly(() => (broken ? Promise.reject(new Error('no luck')) : Promise.resolve()));
    const jobs = jobsOf(engine, job);
    await jobs.start();
    goTo(first);
    await runDue(jobs);
    expect(engine.errors).toEqual([expect.objectContaining({ message: 'no luck' })]);
    expect(await stateOf()).toMatchObject({ lastError: 'no luck' });
    broken = false;
    goTo(first + 61_000);
    await runDue(jobs);
    expect(runs).toHaveLength(2);
    expect(await stateOf()).toMatchObject({ lastError: null, nextAt: new Date(first + HOUR_MS) });
  });

  it('CORE-3 CORE-14 one that is due in two processes at once is run by one of them', async () => {
    const first = nextHour();
    const here = hourly();
    const there = hourly();
    const [one, two] = [jobsOf(engine, here.job), jobsOf(second, there.job)];
    await Promise.all([one.start(), two.start()]);
    goTo(first);
    await runDue(one, two);
    expect([...here.runs, ...there.runs]).toEqual([first]);
    expect(await stateOf()).toMatchObject({ nextAt: new Date(first + HOUR_MS) });
    await runDue(one, two);
    expect([...here.runs, ...there.runs]).toEqual([first]);
  });

  it('one that is running is not run a second time beside itself, here or elsewhere', async () => {
    const first = nextHour();
    const gate = Promise.withResolvers<undefined>();
    const { job, runs } = hourly(() => gate.promise);
    const [jobs, others] = [jobsOf(engine, job), jobsOf(second, job)];
    await jobs.start();
    goTo(first);
    await jobs.startDue();
    await Promise.all([jobs.startDue(), others.startDue()]);
    let idle = false;
    const waiting = jobs.idle(LONG_MS).then(() => (idle = true));
    await others.idle(LONG_MS);
    expect(idle).toBe(false);
    gate.resolve(undefined);
    await waiting;
    expect(runs).toEqual([first]);
  });

  it('CORE-29 one whose process died in the midst of it is begun anew by another, for the same instant', async () => {
    const first = nextHour();
    const gate = Promise.withResolvers<undefined>();
    const dead = hourly(() => gate.promise);
    const [jobs, { job, runs }] = [jobsOf(engine, dead.job), hourly()];
    const others = jobsOf(second, job);
    await jobs.start();
    goTo(first);
    await jobs.startDue();
    await until(() => dead.runs.length === 1);
    await runDue(others);
    expect(runs).toEqual([]);
    // It has not renewed its say for longer than that lasts.
    second.advance(60_000);
    await runDue(others);
    expect(runs).toEqual([first]);
    expect(await stateOf()).toMatchObject({ nextAt: new Date(first + HOUR_MS), runningUntil: null });
    gate.resolve(undefined);
    await jobs.idle(LONG_MS);
    expect(await stateOf()).toMatchObject({ nextAt: new Date(first + HOUR_MS), runningUntil: null });
  });

  it('CORE-30 a stop waits for what runs, and no longer than its bound', async () => {
    const gate = Promise.withResolvers<undefined>();
    const { job } = hourly(() => gate.promise);
    const jobs = jobsOf(engine, job);
    await jobs.start();
    goTo(nextHour());
    await jobs.startDue();
    await jobs.idle(1);
    gate.resolve(undefined);
    await jobs.idle(LONG_MS);
  });

  it('one that is gone from the code is left alone', async () => {
    await jobsOf(engine, hourly().job).start();
    const then = await stateOf();
    goTo(nextHour() + HOUR_MS);
    await jobsOf(engine, { ...hourly().job, name: 'p.other' }).start();
    expect(await stateOf()).toEqual(then);
    expect(await stateOf('p.other')).not.toBeNull();
  });
});

describe('triggering a job', () => {
  const bookOf = (of: TestEngine, job: Job): JobBook => {
    const book = new JobBook(of.database, of.clock, of.alarms);
    book.add([job]);
    return book;
  };

  it('runs it at once, and leaves its schedule as it is', async () => {
    const { job, runs } = hourly();
    const [jobs, book] = [jobsOf(engine, job), bookOf(engine, job)];
    await jobs.start();
    const first = nextHour();
    engine.set.length = 0;
    const before = engine.clock.now();
    expect(await book.trigger('p.hourly')).toEqual({
      name: 'p.hourly',
      nextAt: new Date(first),
      lastAt: null,
      lastError: null,
      running: false,
    });
    expect(engine.set).toMatchObject([{ kind: 'job', name: expect.stringMatching(/^p\.hourly@/) }]);
    await runDue(jobs);
    expect(runs).toEqual([expect.any(Number)]);
    expect(runs[0]).toBeGreaterThanOrEqual(before);
    expect(await stateOf()).toMatchObject({ nextAt: new Date(first), requestedAt: null, holder: null });
    await runDue(jobs);
    expect(runs).toHaveLength(1);
    goTo(first);
    await runDue(jobs);
    expect(runs).toHaveLength(2);
  });

  it('asked for several times before it begins, it is run once, in one of the processes', async () => {
    const [here, there] = [hourly(), hourly()];
    const [one, two] = [jobsOf(engine, here.job), jobsOf(second, there.job)];
    await one.start();
    const [book, other] = [bookOf(engine, here.job), bookOf(second, there.job)];
    await Promise.all([book.trigger('p.hourly'), other.trigger('p.hourly')]);
    await runDue(one, two);
    await runDue(one, two);
    expect([...here.runs, ...there.runs]).toHaveLength(1);
  });

  it('is refused while it runs; one that is asked for by the core then runs once more', async () => {
    const gate = Promise.withResolvers<undefined>();
    const { job, runs } = hourly(() => gate.promise);
    const [jobs, book] = [jobsOf(engine, job), bookOf(engine, job)];
    await jobs.start();
    await book.trigger('p.hourly');
    await jobs.startDue();
    await until(() => runs.length === 1);
    expect(await book.list()).toMatchObject([{ name: 'p.hourly', running: true }]);
    await expect(book.trigger('p.hourly')).rejects.toMatchObject({ code: 'INVALID_OPERATION', path: 'name' });
    await until(() => engine.clock.now() > (runs[0] ?? 0));
    await book.request('p.hourly');
    gate.resolve(undefined);
    await jobs.idle(LONG_MS);
    await runDue(jobs);
    expect(runs).toHaveLength(2);
    expect(await book.list()).toMatchObject([{ running: false, lastAt: expect.any(Date) }]);
  });

  it('CORE-29 one whose process died in the midst of it is run again by another', async () => {
    const gate = Promise.withResolvers<undefined>();
    const [dead, alive] = [hourly(() => gate.promise), hourly()];
    const [jobs, others] = [jobsOf(engine, dead.job), jobsOf(second, alive.job)];
    await jobs.start();
    await bookOf(engine, dead.job).trigger('p.hourly');
    await jobs.startDue();
    await until(() => dead.runs.length === 1);
    second.clock.setOffset(31_000);
    await runDue(others);
    expect(alive.runs).toHaveLength(1);
    const ended = await stateOf();
    gate.resolve(undefined);
    await jobs.idle(LONG_MS);
    expect(await stateOf()).toEqual(ended);
  });

  it('CORE-30 one that runs is told when its process is to end, and no other is begun', async () => {
    const seen: boolean[] = [];
    const job: Job = {
      ...hourly().job,
      run: async (_at, stopping) => {
        await new Promise((resolve) => stopping.addEventListener('abort', resolve));
        seen.push(stopping.aborted);
      },
    };
    const [jobs, book] = [jobsOf(engine, job), bookOf(engine, job)];
    await jobs.start();
    await book.trigger('p.hourly');
    await jobs.startDue();
    await jobs.stop(LONG_MS);
    expect(seen).toEqual([true]);
    await book.request('p.hourly');
    await runDue(jobs);
    expect(seen).toHaveLength(1);
  });

  it('knows no other job, and says of one that no worker has taken up', async () => {
    const { job } = hourly();
    const book = bookOf(engine, job);
    await expect(book.trigger('nothing')).rejects.toMatchObject({ code: 'NOT_FOUND', path: 'name' });
    await expect(book.trigger('p.hourly')).rejects.toMatchObject({ code: 'INVALID_OPERATION' });
    expect(await book.list()).toEqual([
      { name: 'p.hourly', nextAt: null, lastAt: null, lastError: null, running: false },
    ]);
  });
});

import type { Core } from './core.js';
import { lanePlace } from './delivery/place.js';
import { Claimer } from './dispatch/claim.js';
import { type DispatchLimits, Dispatcher, type DispatchLog } from './dispatch/dispatcher.js';
import { Lease } from './dispatch/lease.js';
import type { RateLimiter } from './dispatch/rate-limiter.js';
import { Rerouter } from './dispatch/reroute.js';
import { Sweeper } from './dispatch/sweeper.js';
import { OutcomeWriter } from './outcome/outcome-writer.js';
import { TakeBack } from './outcome/take-back.js';
import type { Alarms, SetAlarm } from './schedule/alarms.js';
import { instantOfAlarm, queueOfAlarm } from './schedule/alarms.js';
import { Jobs } from './schedule/jobs.js';
import { Ringer } from './schedule/ring.js';
import { Recorder } from './stats/recorder.js';
import { Vitals } from './vitals.js';

/** Times and limits of a worker; real ms. */
export interface WorkerOptions extends DispatchLimits {
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly sweepMs: number;
  /** What this process may have; null: what its container allows. */
  readonly memoryLimitMb: number | null;
  /** Send tokens come from memory because it was configured so. */
  readonly memoryTokensOnPurpose: boolean;
}

/** What a worker is made of besides the core. */
export interface WorkerParts {
  readonly core: Core;
  readonly alarms: Alarms;
  readonly setAlarm: SetAlarm;
  readonly limiter: RateLimiter;
  readonly options: WorkerOptions;
  readonly log: DispatchLog;
}

/** Outcomes are written by so many side by side. */
const OUTCOME_WRITERS = 2;

/** One worker: the dispatcher, its lease, its sweeper and the jobs. */
export class WorkerProcess {
  readonly lease: Lease;
  readonly #dispatcher: Dispatcher;
  readonly #sweeper: Sweeper;
  readonly #jobs: Jobs;
  readonly #ringer: Ringer;
  readonly #vitals: Vitals;
  /** Alarms that rang before their instant. */
  readonly #early = new Set<NodeJS.Timeout>();

  constructor(private readonly parts: WorkerParts) {
    const { core, alarms, limiter, options, log } = parts;
    const { clock, database, channels, queues } = core;
    const recorder = (): Recorder => new Recorder(database, clock);
    const writers = Array.from(
      { length: OUTCOME_WRITERS },
      () => new OutcomeWriter(database, clock, recorder()),
    );
    this.#vitals = new Vitals(options.memoryLimitMb);
    this.lease = new Lease(
      database,
      clock,
      recorder(),
      options,
      () => ({
        ...this.#vitals.read(),
        inFlight: this.#dispatcher.inFlight,
        concurrency: options.concurrency,
        tokens: limiter.source,
        memoryOnPurpose: options.memoryTokensOnPurpose,
      }),
      () => this.#dispatcher.dropAll(),
      (error) => log.error(error, 'renewing the lease'),
    );
    this.#ringer = new Ringer(database, clock, alarms, recorder());
    this.#dispatcher = new Dispatcher(
      clock,
      channels,
      queues,
      core.channelStates,
      new Claimer(database, clock, recorder()),
      new Rerouter(database, clock, recorder()),
      limiter,
      this.lease,
      core.events,
      writers,
      alarms,
      this.#ringer,
      options,
      log,
    );
    this.#jobs = new Jobs(database, clock, parts.setAlarm, core.jobs.all(), (job, error) =>
      log.error(error, `running ${job}`),
    );
    const sweepRecorder = recorder();
    const takeBack = new TakeBack(
      database,
      clock,
      channels,
      new OutcomeWriter(database, clock, sweepRecorder),
    );
    this.#sweeper = new Sweeper(
      database,
      clock,
      () => queues.names(),
      () => this.#places(),
      {
        ringer: this.#ringer,
        takeBack,
        jobs: this.#jobs,
        runs: core.runs,
        statistics: core.stats,
        recorder: sweepRecorder,
      },
      options,
      () => this.#dispatcher.lookAgain(),
      (error, doing) => log.error(error, doing),
    );
  }

  /** Where deliveries wait to be claimed, lane by lane. */
  *#places(): Iterable<string> {
    const { queues, channels } = this.parts.core;
    for (const queue of queues.names())
      for (const channel of channels.keys()) yield lanePlace(queue, channel);
  }

  /** Takes up work, what was left behind by others first. */
  async start(): Promise<void> {
    this.#vitals.start();
    await this.lease.start();
    await this.#dispatcher.start();
    await this.#jobs.start();
    this.#sweeper.start();
  }

  /** An alarm has rung: its deliveries are queued, or its job is run. */
  async ring(kind: 'ring' | 'job', name: string): Promise<void> {
    // Agenda goes by this machine's clock, which may be ahead: then the alarm is kept here until its instant.
    const early = instantOfAlarm(kind, name, this.parts.core.clock) - this.parts.core.clock.realNow();
    if (early > 0) {
      const timer = setTimeout(() => {
        this.#early.delete(timer);
        this.ring(kind, name).catch((error: unknown) => this.parts.log.error(error, 'ringing'));
      }, Math.ceil(early));
      this.#early.add(timer);
    } else if (kind === 'job') await this.#jobs.startDue();
    else await this.#ringer.ring(queueOfAlarm(name));
  }

  /** Sweeps now, without waiting for the next turn. */
  sweep(): Promise<void> {
    return this.#sweeper.sweep();
  }

  /** Ends in order: no new work, what is under way ends, the lease is given back last (CORE-30). */
  async stop(): Promise<void> {
    for (const timer of this.#early) clearTimeout(timer);
    const [, inOrder] = await Promise.all([this.#sweeper.stop(), this.#dispatcher.stop()]);
    await this.#jobs.stop(this.parts.options.drainMs);
    await this.lease.stop(inOrder);
    this.#vitals.stop();
  }
}

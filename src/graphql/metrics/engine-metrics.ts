import { Counter, Gauge, type Registry } from '@prometheus-io/client';
import { BREAKERS, type Core, STATES } from '../../core/index.js';
import { StoredHistogram } from './stored-histogram.js';

/** Agenda's alarms, as the process that answers sees them. */
export interface AlarmCounts {
  /** Set and not rung yet. */
  readonly waiting: number;
  /** Those among them whose instant has come. */
  readonly overdue: number;
}

/**
 * The engine's figures (CORE-45). They are read from MongoDB when somebody asks, and so they are those of all processes:
 * workers need no port, and any API process tells the same.
 */
export class EngineMetrics {
  readonly #deliveries;
  readonly #moves;
  readonly #onTime;
  readonly #lateness;
  readonly #provider;
  readonly #channels;
  readonly #workers;
  readonly #alarms;
  readonly #healthy;
  readonly #reasons;

  constructor(
    registry: Registry,
    private readonly core: Core,
    private readonly alarms: (() => Promise<AlarmCounts>) | undefined,
  ) {
    const registers = [registry];
    const gauge = <const L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> =>
      new Gauge({ name: `punctual_${name}`, help, labelNames, registers });
    const counter = <const L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
      new Counter({ name: `punctual_${name}`, help, labelNames, registers });
    this.#deliveries = gauge('deliveries', 'Deliveries in each state now.', 'state', 'queue', 'channel');
    this.#moves = counter(
      'delivery_moves_total',
      'Moves of deliveries into each state; CREATED are those accepted into Punctual.',
      'to',
      'queue',
      'channel',
    );
    this.#onTime = counter(
      'deliveries_on_time_total',
      'Deliveries accepted by the provider within the target lateness.',
      'queue',
      'channel',
    );
    this.#lateness = new StoredHistogram(
      'punctual_lateness_seconds',
      'Acceptance by the provider minus the due instant.',
      registry,
    );
    this.#provider = new StoredHistogram(
      'punctual_provider_latency_seconds',
      'How long providers take to answer an attempt.',
      registry,
    );
    this.#channels = {
      sentToday: gauge('channel_sent_today', "Sends counted against the day's limit.", 'channel'),
      dayLimit: gauge('channel_day_limit', 'Most sends of a day.', 'channel'),
      breaker: gauge('channel_breaker', 'State of the breaker: 1 at the one it is in.', 'channel', 'state'),
      failures: gauge('channel_consecutive_failures', 'Failures since the last success.', 'channel'),
      stopped: gauge('channel_stopped', '1: stopped until somebody resumes it.', 'channel'),
    };
    this.#workers = {
      count: gauge('workers', 'Worker processes that have not left in order.'),
      silent: gauge('worker_silent_seconds', 'Time since the last heartbeat.', 'worker'),
      inFlight: gauge('worker_attempts_in_flight', 'Attempts under way.', 'worker'),
      concurrency: gauge('worker_concurrency', 'Attempts that may be under way at once.', 'worker'),
      memory: gauge('worker_resident_memory_bytes', 'Memory of the process.', 'worker'),
      memoryLimit: gauge('worker_memory_limit_bytes', 'Memory that the process may have.', 'worker'),
      loopDelay: gauge('worker_event_loop_delay_seconds', 'P99 between two heartbeats.', 'worker'),
      redis: gauge('worker_tokens_from_redis', '1: send tokens come from Redis, 0: from memory.', 'worker'),
    };
    this.#alarms = gauge('alarms', 'Alarms set with Agenda and not rung.', 'state');
    this.#healthy = gauge('healthy', '1 when there is no reason to think otherwise.');
    this.#reasons = gauge(
      'health_reason',
      'A reason not to be healthy: 1 while it holds.',
      'code',
      'subject',
    );
  }

  /** Reads the figures anew. */
  async collect(): Promise<void> {
    const { laneStats, channelStates, workers, health } = this.core;
    const [lanes, channels, allWorkers, alarms, report] = await Promise.all([
      laneStats.list(),
      channelStates.list(),
      workers.list(),
      this.alarms?.(),
      health.check(),
    ]);
    this.#setLanes(lanes);
    this.#setChannels(channels);
    this.#setWorkers(allWorkers);
    if (alarms) {
      this.#alarms.set({ state: 'waiting' }, alarms.waiting);
      this.#alarms.set({ state: 'overdue' }, alarms.overdue);
    }
    this.#healthy.set(report.healthy ? 1 : 0);
    this.#reasons.reset();
    for (const { code, subject } of report.reasons) this.#reasons.set({ code, subject: subject ?? '' }, 1);
  }

  #setLanes(lanes: Awaited<ReturnType<Core['laneStats']['list']>>): void {
    for (const metric of [this.#deliveries, this.#moves, this.#onTime]) metric.reset();
    for (const { queue, channel, counts, moved, onTime } of lanes) {
      for (const state of STATES) this.#deliveries.set({ state, queue, channel }, counts[state]);
      for (const to of ['CREATED', ...STATES] as const) this.#moves.inc({ to, queue, channel }, moved[to]);
      this.#onTime.inc({ queue, channel }, onTime);
    }
    this.#lateness.set(
      lanes.map(({ queue, channel, lateness: histogram, latenessSum: sumMs }) => ({
        labels: { queue, channel },
        histogram,
        sumMs,
      })),
    );
    this.#provider.set(
      lanes.map(({ queue, channel, provider: histogram, providerSum: sumMs }) => ({
        labels: { queue, channel },
        histogram,
        sumMs,
      })),
    );
  }

  #setChannels(channels: Awaited<ReturnType<Core['channelStates']['list']>>): void {
    const { sentToday, dayLimit, breaker, failures, stopped } = this.#channels;
    for (const metric of [sentToday, dayLimit, breaker, failures, stopped]) metric.reset();
    for (const { channel, usedToday, limits, ...state } of channels) {
      if (usedToday !== null) sentToday.set({ channel }, usedToday);
      if (limits.perDay !== undefined) dayLimit.set({ channel }, limits.perDay);
      for (const one of BREAKERS) breaker.set({ channel, state: one }, state.breaker === one ? 1 : 0);
      failures.set({ channel }, state.consecutiveFailures);
      stopped.set({ channel }, state.stopped === null ? 0 : 1);
    }
  }

  #setWorkers(workers: Awaited<ReturnType<Core['workers']['list']>>): void {
    const { count, ...each } = this.#workers;
    for (const metric of Object.values(each)) metric.reset();
    count.set(workers.length);
    for (const { id: worker, silentMs, report } of workers) {
      each.silent.set({ worker }, silentMs / 1_000);
      if (!report) continue;
      each.inFlight.set({ worker }, report.inFlight);
      each.concurrency.set({ worker }, report.concurrency);
      each.memory.set({ worker }, report.rssBytes);
      each.memoryLimit.set({ worker }, report.memoryLimitBytes);
      each.loopDelay.set({ worker }, report.loopDelayMs / 1_000);
      each.redis.set({ worker }, report.tokens === 'REDIS' ? 1 : 0);
    }
  }
}

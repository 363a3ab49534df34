import { totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How a process does. */
export interface VitalSigns {
  /** Memory that it has from the machine, in bytes. */
  readonly rssBytes: number;
  /** Memory that it may have, in bytes. */
  readonly memoryLimitBytes: number;
  /** How late its event loop came to a timer, P99 since the last reading, in ms. */
  readonly loopDelayMs: number;
}

const MB = 1024 * 1024;
/** What a process may have where neither the configuration nor a container says anything, in MB. */
const USUAL_LIMIT_MB = 1024;
/** How often the event loop is looked at, in ms. */
const LOOK_MS = 20;

/** Measures this process. Each reader has its own, because a reading begins a new span of the event loop's delay. */
export class Vitals {
  readonly #delay = monitorEventLoopDelay({ resolution: LOOK_MS });
  readonly #memoryLimitBytes: number;

  /** @param memoryLimitMb null: what the container allows, else 1 GB */
  constructor(memoryLimitMb: number | null) {
    this.#memoryLimitBytes = memoryLimitBytes(memoryLimitMb);
  }

  /** Begins to look at the event loop; `stop` ends it. Without it the delay is 0. */
  start(): void {
    this.#delay.enable();
  }

  stop(): void {
    this.#delay.disable();
  }

  read(): VitalSigns {
    // What is measured is the time from look to look.
    const loopDelayMs = this.#delay.count === 0 ? 0 : this.#delay.percentile(99) / 1e6 - LOOK_MS;
    this.#delay.reset();
    return {
      rssBytes: process.memoryUsage.rss(),
      memoryLimitBytes: this.#memoryLimitBytes,
      loopDelayMs: Math.max(0, Math.round(loopDelayMs * 10) / 10),
    };
  }
}

function memoryLimitBytes(configuredMb: number | null): number {
  if (configuredMb !== null) return configuredMb * MB;
  // 0, or more than there is, where the process is in no container with a limit.
  const container = process.constrainedMemory();
  return container > 0 && container < totalmem() ? container : USUAL_LIMIT_MB * MB;
}

import { performance } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from '@prometheus-io/client';
import { Vitals } from '../../core/index.js';

/**
 * This process, by the names that Prometheus recommends. (The library's own collection of them keeps timers and observers
 * that cannot be ended.)
 */
export class ProcessMetrics {
  readonly #vitals = new Vitals(null);
  readonly #memory;
  readonly #heap;
  readonly #cpu;
  readonly #loopDelay;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#memory = new Gauge({
      name: 'process_resident_memory_bytes',
      help: 'Memory that the process has from the machine.',
      registers,
    });
    this.#heap = new Gauge({
      name: 'nodejs_heap_size_used_bytes',
      help: "The part of it that the program's objects take.",
      registers,
    });
    this.#cpu = new Counter({
      name: 'process_cpu_seconds_total',
      help: 'Processor time that the process has used.',
      registers,
    });
    this.#loopDelay = new Gauge({
      name: 'punctual_event_loop_delay_seconds',
      help: 'How late the event loop came to a timer: P99 since the last look.',
      registers,
    });
    new Gauge({
      name: 'process_start_time_seconds',
      help: 'When the process began, in seconds since 1970.',
      registers,
    }).set(performance.timeOrigin / 1_000);
    this.#vitals.start();
  }

  collect(): void {
    const { rssBytes, loopDelayMs } = this.#vitals.read();
    const { user, system } = process.cpuUsage();
    this.#memory.set(rssBytes);
    this.#heap.set(process.memoryUsage().heapUsed);
    this.#cpu.reset();
    this.#cpu.inc((user + system) / 1e6);
    this.#loopDelay.set(loopDelayMs / 1_000);
  }

  stop(): void {
    this.#vitals.stop();
  }
}

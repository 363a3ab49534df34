import { Registry } from '@prometheus-io/client';
import type { GraphQLSchema } from 'graphql';
import type { Core } from '../../core/index.js';
import { type AlarmCounts, EngineMetrics } from './engine-metrics.js';
import { OperationMetrics } from './operation-metrics.js';
import { ProcessMetrics } from './process-metrics.js';
import { SlaMetrics } from './sla-metrics.js';

/** Everything that `/metrics` tells (CORE-45). */
export class Metrics {
  readonly #registry = new Registry();
  readonly operations: OperationMetrics;
  readonly #engine: EngineMetrics;
  readonly #sla: SlaMetrics;
  readonly #process: ProcessMetrics;
  #rendering: Promise<string> | null = null;

  constructor(core: Core, schema: GraphQLSchema, alarms: (() => Promise<AlarmCounts>) | undefined) {
    this.#engine = new EngineMetrics(this.#registry, core, alarms);
    this.#sla = new SlaMetrics(this.#registry, core);
    this.operations = new OperationMetrics(this.#registry, schema);
    this.#process = new ProcessMetrics(this.#registry);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text format of Prometheus. Who asks while another waits gets the same answer. */
  render(): Promise<string> {
    this.#rendering ??= this.#render().finally(() => (this.#rendering = null));
    return this.#rendering;
  }

  stop(): void {
    this.#process.stop();
  }

  async #render(): Promise<string> {
    await Promise.all([this.#engine.collect(), this.#sla.collect()]);
    this.#process.collect();
    return this.#registry.metrics();
  }
}

import type { Metric, Registry } from '@prometheus-io/client';
import { countBelow, countOf, type Histogram } from '../../core/index.js';

/** A histogram in ms, with the labels under which it is told. */
export interface StoredSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly histogram: Histogram;
  readonly sumMs: number;
}

/** One line. */
interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * From 1 ms to more than an hour. Powers of two, because the stored histograms have an edge at each of them: what is
 * below one is exact.
 */
const BOUNDS_MS = Array.from({ length: 23 }, (_, power) => 2 ** power);

/**
 * A Prometheus histogram whose counts are kept by the database and not by this process. (The library's own can only
 * observe one value after the other.)
 */
export class StoredHistogram {
  readonly type = 'histogram';
  readonly aggregator = 'omit';
  #samples: readonly Sample[] = [];

  constructor(
    readonly name: string,
    readonly help: string,
    registry: Registry,
  ) {
    // The registry wants what has a name and a `get`; its types know only the library's own classes.
    registry.registerMetric(this as unknown as Metric<string>);
  }

  /** Tells these from now on. */
  set(series: readonly StoredSeries[]): void {
    this.#samples = series.flatMap((one) => this.#samplesOf(one));
  }

  get(): Promise<object> {
    const { name, help, type, aggregator } = this;
    return Promise.resolve({ name, help, type, aggregator, values: this.#samples });
  }

  #samplesOf({ labels, histogram, sumMs }: StoredSeries): Sample[] {
    const bucket = (le: string, value: number): Sample => ({
      metricName: `${this.name}_bucket`,
      labels: { ...labels, le },
      value,
    });
    const count = countOf(histogram);
    return [
      ...BOUNDS_MS.map((ms) => bucket(String(ms / 1_000), countBelow(histogram, ms))),
      bucket('+Inf', count),
      { metricName: `${this.name}_sum`, labels, value: sumMs / 1_000 },
      { metricName: `${this.name}_count`, labels, value: count },
    ];
  }
}

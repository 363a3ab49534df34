import type { Defer } from './endings.js';
import type { BenchServers } from './servers.js';

/** A number that may be set on the command line, as `--count 2000`. */
export interface BenchmarkOption {
  readonly default: number;
  readonly about: string;
}

/** One benchmark. Its file's name is its name. */
export interface Benchmark {
  readonly name: string;
  /** One line. */
  readonly about: string;
  readonly options: Readonly<Record<string, BenchmarkOption>>;
  run(context: BenchmarkContext): Promise<Report>;
}

/** What a benchmark is given. */
export interface BenchmarkContext {
  /** The numbers of the command line, by the option's name; the default where none was given. */
  option(name: string): number;
  /** Throw-away servers of this run. */
  readonly servers: BenchServers;
  /** A folder for CPU profiles of the processes that are measured; null: none are made, and the figures are true. */
  readonly profileFolder: string | null;
  readonly defer: Defer;
  /** A line about what is being done, on stderr. */
  progress(line: string): void;
}

/** What was measured. */
export interface Report {
  /** The head first. Numbers are shown as they are: round them. */
  readonly table: readonly (readonly (string | number)[])[];
  /** Remarks under the table. */
  readonly notes: readonly string[];
  /** The same and more, for programs. */
  readonly figures: Readonly<Record<string, unknown>>;
  readonly wanted: readonly Wanted[];
}

/** A promise of spec/quality.md, or a condition without which the figures mean nothing. */
export interface Wanted {
  readonly what: string;
  readonly wanted: string;
  readonly measured: string;
  readonly met: boolean;
}

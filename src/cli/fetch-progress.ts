import type { ProgressStream } from './progress-bar.js';
import { ProgressBar } from './progress-bar.js';

/** How far a fetch has come, as the finders of MongoDB and Redis report it. */
interface FetchProgress {
  readonly what: string;
  readonly receivedBytes: number;
  readonly totalBytes?: number;
}

/** One bar after the other for whatever the start has to fetch. `end` when the start is over, well or not. */
export class FetchProgressBars {
  #bar: ProgressBar | undefined;
  #what = '';

  /** @param stream omitted: stderr */
  constructor(private readonly stream: ProgressStream = process.stderr) {}

  /** A function, so that it can be handed on. */
  readonly update = ({ what, receivedBytes, totalBytes }: FetchProgress): void => {
    if (what !== this.#what) {
      this.end();
      this.#what = what;
      this.#bar = new ProgressBar({ label: `Fetching ${what}`, stream: this.stream, format: megabytes });
    }
    // What lies on disk may be more than what was announced, while it is unpacked.
    this.#bar?.update(Math.min(receivedBytes, totalBytes ?? receivedBytes), totalBytes ?? null);
  };

  end(): void {
    this.#bar?.end();
    this.#bar = undefined;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

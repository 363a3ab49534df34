import { monotonicMs } from '../core/clock.js';

/** Where a bar is drawn. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressBarOptions {
  readonly label: string;
  /** Omitted: stderr, because stdout belongs to what a command answers. */
  readonly stream?: ProgressStream;
  /** How an amount is written. Omitted: as a plain number. */
  readonly format?: (amount: number) => string;
  /** Milliseconds that only go up. Omitted: this process's monotonic clock. */
  readonly nowMs?: () => number;
}

const WIDTH = 30;
const REDRAW_MS = 100;
/** Without a terminal, a line for each tenth, and one after this much silence, so that nobody thinks it hangs. */
const SILENCE_MS = 10_000;

/**
 * A progress bar: drawn over itself on a terminal, a line now and then elsewhere. `update` may be called as often
 * as one likes.
 */
export class ProgressBar {
  readonly #options: Required<ProgressBarOptions>;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #tenth = -1;
  #last = '';
  #ended = false;

  constructor(options: ProgressBarOptions) {
    this.#options = { stream: process.stderr, format: String, nowMs: monotonicMs, ...options };
  }

  /** @param total null while it is not known; `note` stands behind the figures */
  update(done: number, total: number | null, note = ''): void {
    if (this.#ended) return;
    const { stream, label, format, nowMs } = this.#options;
    const share = total === null || total <= 0 ? null : Math.min(1, Math.max(0, done / total));
    const figures = total === null ? format(done) : `${format(done)} of ${format(total)}`;
    const percent = share === null ? '' : `${String(Math.floor(share * 100)).padStart(3)} % `;
    const text = [label, ...(stream.isTTY === true ? [drawn(share)] : []), `${percent}${figures}`, note]
      .join(' ')
      .trimEnd();
    const sinceMs = nowMs() - this.#drawnAt;
    if (stream.isTTY === true) {
      this.#last = text;
      if (sinceMs >= REDRAW_MS) this.#redraw();
      return;
    }
    const tenth = share === null ? 0 : Math.floor(share * 10);
    if (text !== this.#last && (tenth > this.#tenth || sinceMs >= SILENCE_MS)) {
      this.#tenth = Math.max(tenth, this.#tenth);
      this.#last = text;
      this.#drawnAt = nowMs();
      stream.write(`${text}\n`);
    }
  }

  /** Leaves the last figures standing and goes to the next line. Calling it twice does nothing. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#options.stream.isTTY !== true || this.#last === '') return;
    this.#redraw();
    this.#options.stream.write('\n');
  }

  #redraw(): void {
    const { stream, nowMs } = this.#options;
    this.#drawnAt = nowMs();
    // A line that wraps cannot be drawn over: cut it.
    stream.write(`\r\u001b[K${this.#last.slice(0, (stream.columns ?? 80) - 1)}`);
  }
}

function drawn(share: number | null): string {
  const full = share === null ? 0 : Math.floor(share * WIDTH);
  return `[${'='.repeat(full).padEnd(WIDTH, ' ')}]`;
}

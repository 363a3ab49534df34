import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';

/** How a request ended, as `spec/outside.md` names it. */
export type LedgerAnswer =
  'ACCEPTED' | 'DEDUPLICATED' | 'REJECTED' | 'THROTTLED' | 'ERROR' | 'HUNG' | 'RESET' | 'RESET_AFTER_ACCEPT';

/** What is known of a request once its fate is decided. */
export interface Outcome {
  /** E.164 with plus for phones; null where the request names nobody. */
  readonly to: string | null;
  /** The delivery's key as the protocol carries it; null where it carries none. */
  readonly key: string | null;
  readonly answer: LedgerAnswer;
  /** Status that is answered; null where nothing is (HUNG, RESET, or a client that broke off). */
  readonly status: number | null;
  /** The provider's id for what it has accepted. */
  readonly messageId: string | null;
}

/** A request that has arrived; its line follows when `decide` is called, once. */
export interface OpenLine {
  readonly seq: number;
  decide(outcome: Outcome): void;
}

interface Waiting {
  readonly seq: number;
  readonly at: number;
  readonly channel: string;
  outcome: Outcome | undefined;
}

/** Lines of one stretch of the ledger: as text while it grows, as one buffer outside the heap when it is full. */
interface Block {
  readonly firstSeq: number;
  readonly channels: string[];
  lines: string[];
  sealed: { readonly bytes: Buffer; readonly ends: Uint32Array } | undefined;
}

const BLOCK_LINES = 1024;

/**
 * The append-only list of all requests that have arrived, in the order in which they arrived.
 *
 * A line is readable when its own fate and that of every earlier arrival is decided, so that a reader who goes on
 * from the last `seq` he has seen misses nothing. A fate is decided as soon as the request's body has been read
 * (latency and hanging come after it: HUNG is a decision like the others), so only a client that is still sending
 * its body holds back the lines behind it, at most until the server's request timeout ends it. Whoever has an
 * answer in his hands finds its line, but for that case.
 *
 * `seq` goes on when the ledger is emptied and never comes twice within a run.
 */
export class Ledger {
  #blocks: Block[] = [];
  #waiting: Waiting[] = [];
  #nextSeq = 1;
  #nextReadable = 1;
  readonly #file: WriteStream | undefined;

  /** @param file where the lines are appended too, as they become readable. Errors of the file reach `onError`. */
  constructor(file?: string, onError?: (error: Error) => void) {
    if (file === undefined) return;
    this.#file = createWriteStream(file, { flags: 'a' });
    if (onError) this.#file.on('error', onError);
  }

  /** How many requests have arrived in this run: the last `seq` that was given out, readable yet or not. */
  get arrived(): number {
    return this.#nextSeq - 1;
  }

  /** @param at in milliseconds since 1970 */
  arrive(channel: string, at: number): OpenLine {
    const waiting: Waiting = { seq: this.#nextSeq++, at, channel, outcome: undefined };
    this.#waiting.push(waiting);
    return {
      seq: waiting.seq,
      decide: (outcome) => {
        waiting.outcome = outcome;
        if (this.#waiting[0] === waiting) this.#release();
      },
    };
  }

  /** Empties the ledger. Requests that have arrived but are not decided yet belong to what is emptied. */
  clear(): void {
    this.#blocks = [];
    this.#waiting = [];
    this.#nextReadable = this.#nextSeq;
  }

  /** The lines after `after` that are readable now, as NDJSON in pieces of many lines; of one channel if it is named. */
  *read(after: number, channel?: string): Generator<Buffer> {
    const blocks = this.#blocks;
    const end = this.#nextReadable;
    for (const block of blocks) {
      const count = Math.min(block.channels.length, end - block.firstSeq);
      const skip = Math.max(0, after + 1 - block.firstSeq);
      if (skip >= count) continue;
      const piece = readBlock(block, skip, count, channel);
      if (piece.length > 0) yield piece;
    }
  }

  async close(): Promise<void> {
    if (!this.#file || this.#file.destroyed) return;
    this.#file.end();
    await once(this.#file, 'close');
  }

  #release(): void {
    let released = 0;
    for (const { seq, at, channel, outcome } of this.#waiting) {
      if (!outcome) break;
      const { to, key, answer, status, messageId } = outcome;
      const line = `${JSON.stringify({ seq, at, channel, to, key, answer, status, messageId })}\n`;
      this.#append(seq, channel, line);
      this.#file?.write(line);
      released += 1;
    }
    this.#waiting.splice(0, released);
  }

  #append(seq: number, channel: string, line: string): void {
    let block = this.#blocks.at(-1);
    if (!block || block.sealed) {
      block = { firstSeq: seq, channels: [], lines: [], sealed: undefined };
      this.#blocks.push(block);
    }
    block.channels.push(channel);
    block.lines.push(line);
    this.#nextReadable = seq + 1;
    if (block.lines.length === BLOCK_LINES) seal(block);
  }
}

function seal(block: Block): void {
  const ends = new Uint32Array(block.lines.length);
  let end = 0;
  for (const [index, line] of block.lines.entries()) {
    end += Buffer.byteLength(line);
    ends[index] = end;
  }
  block.sealed = { bytes: Buffer.from(block.lines.join('')), ends };
  block.lines = [];
}

/** The lines `from` (inclusive) to `to` (exclusive) of a block. */
function readBlock(block: Block, from: number, to: number, channel: string | undefined): Buffer {
  const wanted = (index: number): boolean => channel === undefined || block.channels[index] === channel;
  const { sealed } = block;
  if (!sealed) {
    return Buffer.from(
      block.lines
        .slice(from, to)
        .filter((_, index) => wanted(from + index))
        .join(''),
    );
  }
  const startOf = (index: number): number => (index === 0 ? 0 : (sealed.ends[index - 1] as number));
  if (channel === undefined) return sealed.bytes.subarray(startOf(from), startOf(to));
  const pieces: Buffer[] = [];
  for (let index = from; index < to; index += 1) {
    if (wanted(index)) pieces.push(sealed.bytes.subarray(startOf(index), startOf(index + 1)));
  }
  return Buffer.concat(pieces);
}

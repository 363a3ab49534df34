import type { ExecutionResult } from 'graphql';
import { PunctualError } from '../../core/index.js';
import { textOf } from './shared-text.js';

type Step = IteratorResult<ExecutionResult, void>;

/** Results that may wait for one member; one that falls further behind is cut off. They are shared: each costs a reference. */
const LONGEST = 10_000;

/** One subscriber's bounded queue in a crowd. */
export class Member {
  #waiting: ExecutionResult[] = [];
  #taker: { readonly resolve: (step: Step) => void; readonly reject: (error: unknown) => void } | null = null;
  #end: { readonly error: unknown } | 'DONE' | null = null;

  push(result: ExecutionResult): void {
    if (this.#end) return;
    const taker = this.#taker;
    if (taker) {
      this.#taker = null;
      taker.resolve({ done: false, value: result });
    } else if (this.#waiting.length < LONGEST) this.#waiting.push(result);
    else {
      this.#waiting = [];
      this.end(tooSlow());
    }
  }

  /** Nothing more comes: what waits can be taken, then it is over, or fails. @param error null: it is complete */
  end(error: unknown): void {
    if (this.#end) return;
    this.#end = error === null ? 'DONE' : { error };
    const taker = this.#taker;
    this.#taker = null;
    if (!taker) return;
    if (error === null) taker.resolve({ done: true, value: undefined });
    else taker.reject(error);
  }

  next(): Promise<Step> {
    const result = this.#waiting.shift();
    if (result) return Promise.resolve({ done: false, value: result });
    const end = this.#end;
    if (end === null) return new Promise((resolve, reject) => (this.#taker = { resolve, reject }));
    this.#end = 'DONE';
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
    if (end !== 'DONE') return Promise.reject(end.error);
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Takes what waits and has a text, so that it can be sent together. */
  waiting(): ExecutionResult[] {
    const untold = this.#waiting.findIndex((result) => textOf(result) === undefined);
    return this.#waiting.splice(0, untold < 0 ? this.#waiting.length : untold);
  }
}

function tooSlow(): PunctualError {
  return new PunctualError(
    'RATE_LIMITED',
    `the subscriber is more than ${LONGEST} events behind; resume from the last cursor`,
  );
}

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PunctualClientError } from '#sdk';
import { type Retry, waitMs, withRetry } from '../../sdk/src/retry.js';

const AT_ONCE = { minMs: 0, maxMs: 0 };
const failure = (code: PunctualClientError['code'], retryAfter?: number) =>
  new PunctualClientError(code, 'failed', { retryAfter });

/** Runs something that fails so many times with this error; tells how often it was tried. */
async function tries(
  error: Error,
  options: { repeatable?: boolean; retry?: Retry; times?: number; signal?: AbortSignal } = {},
): Promise<{ count: number; result: unknown }> {
  const { repeatable = true, retry = AT_ONCE, times = Infinity, signal } = options;
  let count = 0;
  const attempt = (): Promise<string> => {
    count += 1;
    return count > times ? Promise.resolve('done') : Promise.reject(error);
  };
  const result = await withRetry(attempt, { repeatable, retry, signal }).catch((thrown: unknown) => thrown);
  return { count, result };
}

describe('retries', () => {
  it.each(['NETWORK_ERROR', 'UNAVAILABLE', 'RATE_LIMITED', 'NO_CREDENTIALS'] as const)(
    '%s is tried again until it succeeds, 4 times at most',
    async (code) => {
      const error = failure(code);
      expect(await tries(error, { times: 3 })).toEqual({ count: 4, result: 'done' });
      expect(await tries(error)).toEqual({ count: 4, result: error });
    },
  );

  it.each(['VALIDATION_ERROR', 'UNAUTHENTICATED', 'FORBIDDEN', 'INTERNAL_ERROR', 'BAD_RESPONSE'] as const)(
    '%s is not',
    async (code) => {
      const error = failure(code);
      expect(await tries(error)).toEqual({ count: 1, result: error });
    },
  );

  it("an error that is not the client's is not", async () => {
    const error = new TypeError('a bug');
    expect(await tries(error)).toEqual({ count: 1, result: error });
  });

  it('what must not be done twice is tried again only where it was not begun', async () => {
    expect((await tries(failure('NETWORK_ERROR'), { repeatable: false })).count).toBe(1);
    expect((await tries(failure('UNAVAILABLE'), { repeatable: false })).count).toBe(1);
    expect((await tries(failure('RATE_LIMITED'), { repeatable: false })).count).toBe(4);
    expect((await tries(failure('NO_CREDENTIALS'), { repeatable: false })).count).toBe(4);
  });

  it('can be bounded otherwise, and switched off', async () => {
    expect((await tries(failure('UNAVAILABLE'), { retry: { ...AT_ONCE, attempts: 7 } })).count).toBe(7);
    expect((await tries(failure('UNAVAILABLE'), { retry: false })).count).toBe(1);
  });

  it('a server that asks for more patience than maxMs is not waited for', async () => {
    const error = failure('RATE_LIMITED', 16);
    expect(await tries(error, { retry: {} })).toEqual({ count: 1, result: error });
  });

  it('nothing is tried again once the caller has aborted, not even after a pause', async () => {
    const reason = new Error('enough');
    const before = await tries(failure('UNAVAILABLE'), { signal: AbortSignal.abort(reason) });
    expect(before).toEqual({ count: 0, result: reason });
    const controller = new AbortController();
    let count = 0;
    const running = withRetry(
      async () => {
        count += 1;
        // The pause of a minute that follows is cut short.
        setImmediate(() => controller.abort(reason));
        throw failure('UNAVAILABLE');
      },
      { repeatable: true, retry: { minMs: 60_000, maxMs: 60_000 }, signal: controller.signal },
    );
    await expect(running).rejects.toBe(reason);
    expect(count).toBe(1);
  });
});

describe('pauses', () => {
  const backoff = { minMs: 200, maxMs: 15_000 };

  it('double from the least to the longest, with jitter of half', () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 8, 100].map((failures) =>
      waitMs(failure('UNAVAILABLE'), failures, backoff, 1),
    );
    expect(longest).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000]);
    expect(waitMs(failure('UNAVAILABLE'), 1, backoff, 0)).toBe(100);
  });

  it('are never shorter than the server asks for, and never longer than that and maxMs', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 60 }),
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (retryAfter, failures, random) => {
          const wait = waitMs(failure('RATE_LIMITED', retryAfter), failures, backoff, random);
          if (retryAfter * 1_000 > backoff.maxMs) expect(wait).toBeNull();
          else {
            expect(wait).toBeGreaterThanOrEqual(retryAfter * 1_000);
            expect(wait).toBeLessThanOrEqual(retryAfter * 1_000 + backoff.maxMs);
          }
        },
      ),
    );
  });
});

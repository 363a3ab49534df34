import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { RateLimitedError } from './errors.js';
import type { ConnectionLimits } from './limits.js';

/**
 * Limits of the API itself, per process: they keep one caller from taking everything, so that they need not be
 * exact over several processes. What providers allow is counted in Redis, by the engine.
 */
export class RateLimits {
  readonly #requests: RateLimiterMemory;
  readonly #failures: RateLimiterMemory;

  constructor(limits: ConnectionLimits) {
    const duration = limits.windowSeconds;
    this.#requests = new RateLimiterMemory({
      keyPrefix: 'request',
      points: limits.requestsPerWindow,
      duration,
    });
    this.#failures = new RateLimiterMemory({
      keyPrefix: 'failure',
      points: limits.failuresPerWindow,
      duration,
    });
  }

  /** Counts a request or operation made with a key or a token. @throws RateLimitedError */
  request(credential: string): Promise<void> {
    return take(this.#requests, credential, 'too many requests with these credentials');
  }

  /** Counts a failed authentication from an address. @throws RateLimitedError */
  failure(address: string): Promise<void> {
    return take(this.#failures, address, 'too many requests with bad credentials');
  }
}

async function take(limiter: RateLimiterMemory, key: string, message: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    throw new RateLimitedError(message, Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000)));
  }
}

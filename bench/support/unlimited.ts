import type { RateLimiter } from '../../src/core/index.js';

/** Tokens without limit: for channels that have none, the limiter is never asked. */
export const unlimited: RateLimiter = {
  source: 'MEMORY',
  reserve: (_channel, _limits, recipients) =>
    Promise.resolve(recipients.map(() => ({ kind: 'SEND', delayMs: 0 }))),
  giveBack: () => Promise.resolve(),
  usedToday: () => Promise.resolve(0),
  close: () => Promise.resolve(),
};

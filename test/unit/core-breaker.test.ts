import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BREAKER_DEFAULTS, permission } from '../../src/core/dispatch/breaker.js';
import { BREAKERS } from '../../src/core/dispatch/channel-state.entity.js';

const now = fc.integer({ min: 0, max: 4_000_000_000_000 });
const breaker = fc.constantFrom(...BREAKERS);
const notClosed = fc.constantFrom('OPEN' as const, 'HALF_OPEN' as const);

describe('CORE-27 permission', () => {
  it('CORE-27 opens after five failures, for a minute', () => {
    expect(BREAKER_DEFAULTS).toEqual({ failures: 5, openMs: 60_000 });
  });

  it('a channel that nobody knows anything about, or that is closed, lets all through', () => {
    fc.assert(
      fc.property(now, fc.option(now), (at, retryAt) => {
        expect(permission(null, at)).toEqual({ kind: 'ALL' });
        const state = {
          breaker: 'CLOSED' as const,
          retryAt: retryAt === null ? null : new Date(retryAt),
          stopped: null,
        };
        expect(permission(state, at)).toEqual({ kind: 'ALL' });
      }),
    );
  });

  it('CORE-27 one that is not closed lets nothing through until its instant, and then one', () => {
    fc.assert(
      fc.property(notClosed, now, now, (own, at, retryAt) => {
        const told = permission({ breaker: own, retryAt: new Date(retryAt), stopped: null }, at);
        expect(told).toEqual(at >= retryAt ? { kind: 'PROBE' } : { kind: 'NONE', until: retryAt });
      }),
    );
  });

  it('CORE-24 one that is stopped lets nothing through until a person acts, whatever its breaker', () => {
    fc.assert(
      fc.property(breaker, now, now, (own, at, retryAt) => {
        const state = { breaker: own, retryAt: new Date(retryAt), stopped: 'credentials refused: 401' };
        expect(permission(state, at)).toEqual({ kind: 'NONE', until: null });
      }),
    );
  });
});

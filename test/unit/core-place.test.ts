import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CHANNELS } from '../../src/core/channel/channel.js';
import {
  FAILED_PLACES,
  failedPlace,
  lanePlace,
  LANES,
  NOWHERE,
  placeIn,
  RETRIES,
  retryPlace,
  waitingPlace,
} from '../../src/core/delivery/place.js';
import { FAILED_STATES, STATES } from '../../src/core/delivery/states.js';

/** With the mark that parts the words of a place, and its neighbours in the order of characters. */
const name = fc.string({ unit: fc.constantFrom('a', 'b', '|', '{', '}', '~', '-'), maxLength: 6 });
const channel = fc.constantFrom(...CHANNELS);
const delivery = fc.record({
  queue: name,
  channel,
  owner: name,
  readyAt: fc.date({ noInvalidDate: true }),
  rank: fc.integer(),
});

describe('place', () => {
  it('is where that state waits, in the order of that wait', () => {
    fc.assert(
      fc.property(delivery, (one) => {
        const ready = one.readyAt.getTime();
        expect(placeIn('SCHEDULED', one)).toEqual({ place: waitingPlace(one.queue), order: ready });
        expect(placeIn('RETRYING', one)).toEqual({ place: retryPlace(one.queue), order: ready });
        for (const state of FAILED_STATES)
          expect(placeIn(state, one)).toEqual({ place: failedPlace(one.owner), order: ready });
        for (const state of ['QUEUED', 'SENDING'] as const)
          expect(placeIn(state, one)).toEqual({ place: lanePlace(one.queue, one.channel), order: one.rank });
      }),
    );
  });

  it('is nowhere, and so in no index of the work, for what needs no more work', () => {
    fc.assert(
      fc.property(delivery, (one) => {
        for (const state of ['SENT', 'DELIVERED', 'READ', 'RESPONDED', 'CANCELLED', 'MISSED'] as const)
          expect(placeIn(state, one)).toBe(NOWHERE);
      }),
    );
  });

  it('is shared only by what waits for the same: the words of two never run together', () => {
    fc.assert(
      fc.property(delivery, delivery, (a, b) => {
        expect(lanePlace(a.queue, a.channel) === lanePlace(b.queue, b.channel)).toBe(
          a.queue === b.queue && a.channel === b.channel,
        );
        const kinds = new Set([
          waitingPlace(a.queue),
          retryPlace(a.queue),
          lanePlace(a.queue, a.channel),
          failedPlace(a.queue),
        ]);
        expect(kinds.size).toBe(4);
      }),
    );
  });

  it.each([
    ['CORE-26 the failed ones of all owners', FAILED_PLACES, FAILED_STATES],
    ['CORE-29 what is in the lanes', LANES, ['QUEUED', 'SENDING']],
    ['CORE-25 what waits for another try', RETRIES, ['RETRYING']],
  ] as const)('%s are one range, with nothing else in it', (_what, range, members) => {
    const within = (place: string | null): boolean =>
      place !== null && place >= range.$gte && place < range.$lt;
    fc.assert(
      fc.property(delivery, (one) => {
        for (const state of STATES)
          expect(within(placeIn(state, one).place)).toBe((members as readonly string[]).includes(state));
      }),
    );
  });
});

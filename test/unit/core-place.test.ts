import { describe, expect, it } from '@jest/globals';
import { ObjectId } from '@mikro-orm/mongodb';
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
  _id: fc.stringMatching(/^[0-9a-f]{24}$/).map((hex) => new ObjectId(hex)),
  queue: name,
  channel,
  owner: name,
  readyAt: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
  rank: fc.integer(),
});

describe('place', () => {
  it('is where that state waits, in the order of that wait', () => {
    fc.assert(
      fc.property(delivery, (one) => {
        const ready = one.readyAt.getTime();
        expect(placeIn('SCHEDULED', one)).toEqual({ place: waitingPlace(one.queue), order: ready });
        expect(placeIn('RETRYING', one)).toEqual({ place: retryPlace(one.queue), order: ready });
        for (const state of FAILED_STATES) {
          const { place, order } = placeIn(state, one);
          expect({ place, order: Math.floor(order) }).toEqual({
            place: failedPlace(one.owner),
            order: ready,
          });
        }
        for (const state of ['QUEUED', 'SENDING'] as const)
          expect(placeIn(state, one)).toEqual({ place: lanePlace(one.queue, one.channel), order: one.rank });
      }),
    );
  });

  it('CORE-26 keeps apart what failed alike, so that a page of it can go on from the last', () => {
    const readyAt = new Date('2026-11-23T00:30:00Z');
    const from = new ObjectId();
    const ids = Array.from({ length: 4_096 }, (_, i) => {
      const last = (Number.parseInt(from.toHexString().slice(-3), 16) + i) % 4_096;
      return new ObjectId(`${from.toHexString().slice(0, -3)}${last.toString(16).padStart(3, '0')}`);
    });
    const orders = ids.map(
      (_id) => placeIn('FAILED', { _id, readyAt, queue: 'q', channel: 'SMS', owner: 'o', rank: 0 }).order,
    );
    expect(new Set(orders).size).toBe(4_096);
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

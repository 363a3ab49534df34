import { describe, expect, it } from '@jest/globals';
import { ObjectId } from '@mikro-orm/mongodb';
import fc from 'fast-check';
import type { EventDoc, StreamedEvent } from '../../src/core/index.js';
import { Parter, readPlace } from '../../src/graphql/delivery-parts.js';

/** Events of so many deliveries each; ids count up, so that order shows. */
function eventsOf(sizes: readonly number[]): StreamedEvent[] {
  let next = 0;
  return sizes.map((size, index) => {
    const deliveries = Array.from(
      { length: size },
      () => new ObjectId((next++).toString(16).padStart(24, '0')),
    );
    const event: EventDoc = {
      _id: new ObjectId(),
      type: 'delivery.sent',
      at: new Date(0),
      writtenAt: new Date(0),
      owner: null,
      queue: null,
      channel: null,
      program: null,
      run: null,
      deliveries,
      reason: null,
      data: null,
    };
    return { cursor: `c${index}`, event };
  });
}

const numbers = (ids: readonly ObjectId[]) => ids.map((id) => parseInt(id.toHexString(), 16));
const all = (event: EventDoc) => event.deliveries;
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/** What a stream gives behind a cursor: events after that of the cursor. */
function after(events: readonly StreamedEvent[], cursor: string): readonly StreamedEvent[] {
  return events.slice(events.findIndex((event) => event.cursor === cursor) + 1);
}

describe('parts of changed deliveries', () => {
  it('API-7 hold a page at most, whatever the events hold, and miss and repeat nothing', () => {
    const parts = [...new Parter({ after: 's', told: 0 }, all).cut(eventsOf([3, 450, 1, 199]))];
    expect(parts.map(({ deliveries }) => deliveries.length)).toEqual([200, 200, 200, 53]);
    expect(numbers(parts.flatMap(({ deliveries }) => deliveries))).toEqual(upTo(653));
    expect(parts.map(({ cursor }) => cursor)).toEqual(['c0~197', 'c0~397', 'c2~146', 'c3']);
  });

  it('API-7 resuming behind any part gives exactly the rest, however the events are gathered then', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(sizes, fc.nat(), fc.boolean(), (drawn, pick, together) => {
        const events = eventsOf(drawn);
        const parts = [...new Parter({ after: 's', told: 0 }, all).cut(events)];
        const chosen = parts[pick % parts.length];
        const place = readPlace(chosen?.cursor ?? '');
        const rest = new Parter(place, all);
        const stream = after(events, place.after);
        const moments = together ? [stream] : stream.map((event) => [event]);
        const again = moments.flatMap((moment) => [...rest.cut(moment)]);
        const told = parts
          .slice(0, (pick % parts.length) + 1)
          .flatMap(({ deliveries }) => numbers(deliveries));
        const total = drawn.reduce((sum, size) => sum + size, 0);
        expect([...told, ...numbers(again.flatMap(({ deliveries }) => deliveries))]).toEqual(upTo(total));
      }),
    );
  });

  it('events without a delivery that is wanted move the place on, and make no part', () => {
    const parter = new Parter({ after: 's', told: 0 }, () => []);
    expect([...parter.cut(eventsOf([5, 5]))]).toEqual([]);
  });
});

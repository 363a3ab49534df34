import type { ObjectId } from '@mikro-orm/mongodb';
import type { EventDoc, StreamedEvent } from '../core/index.js';

/** Deliveries in one GraphQL event: a page's worth. */
const PART_SIZE = 200;

/** Some of the deliveries that changed: never more than a page, and a place to resume behind exactly these. */
export interface Part {
  readonly deliveries: readonly ObjectId[];
  /** The event that the last of them comes from. */
  readonly event: EventDoc;
  /** How many of that event's deliveries have been told, up to and with this part. */
  readonly told: number;
  readonly cursor: string;
}

/**
 * A place in the stream of changed deliveries. One stored event may stand for hundreds of deliveries, more than
 * one GraphQL event holds; so a cursor is that of the last event told in full, and the number told of the next.
 */
export interface Place {
  readonly after: string;
  readonly told: number;
}

/** Reads `TOKEN` or `TOKEN~NUMBER`. A token that is none is the event stream's to refuse. */
export function readPlace(cursor: string): Place {
  const match = /^(.*)~(\d{1,6})$/s.exec(cursor);
  return match ? { after: match[1] ?? '', told: Number(match[2]) } : { after: cursor, told: 0 };
}

/**
 * Cuts events into parts, and goes on where an earlier call for the same stream ended.
 * @param of the deliveries of an event that are wanted, always in the same order
 */
export class Parter {
  #after: string;
  #told: number;

  constructor(
    start: Place,
    private readonly of: (event: EventDoc) => readonly ObjectId[],
  ) {
    this.#after = start.after;
    this.#told = start.told;
  }

  *cut(events: readonly StreamedEvent[]): Generator<Part, void> {
    let part: ObjectId[] = [];
    for (const [index, { cursor, event }] of events.entries()) {
      const wanted = this.of(event);
      while (this.#told < wanted.length) {
        const taken = wanted.slice(this.#told, this.#told + PART_SIZE - part.length);
        part.push(...taken);
        this.#told += taken.length;
        if (part.length < PART_SIZE || this.#told === wanted.length) continue;
        yield { deliveries: part, event, told: this.#told, cursor: `${this.#after}~${this.#told}` };
        part = [];
      }
      const told = this.#told;
      this.#after = cursor;
      this.#told = 0;
      if (part.length < PART_SIZE && index < events.length - 1) continue;
      if (part.length > 0) yield { deliveries: part, event, told, cursor };
      part = [];
    }
  }
}

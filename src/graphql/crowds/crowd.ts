import type { ExecutionResult } from 'graphql';
import { Member } from './member.js';

/** What all members are told: the result of one event. */
export interface Item {
  /** Of the event: whoever was told of it stands here. */
  readonly id: string;
  readonly result: ExecutionResult;
}

/** A wait for a place, and how it is given up. */
export interface Admission {
  readonly member: Promise<Member>;
  cancel(): void;
}

/** Results that are kept for those who come: more than happens while a thousand of them get ready. */
const RECENT = 1_000;

/**
 * Subscribers who are told the same: each event is executed and written as text once for all of them. One joins where
 * it stands, behind the event that it was told of last, and so misses none and gets none twice.
 */
export class Crowd {
  readonly #members = new Set<Member>();
  /** Those who have been told of an event that the crowd has not come to yet. */
  readonly #early = new Map<string, Set<(member: Member) => void>>();
  readonly #recent: Item[] = [];
  #over = false;

  get over(): boolean {
    return this.#over;
  }

  /** A place behind the event `id`; null when the crowd has not come to it, or has left it far behind. */
  join(id: string): Member | null {
    const place = this.#over ? -1 : this.#recent.findLastIndex((item) => item.id === id);
    if (place < 0) return null;
    const member = this.#admit();
    for (const { result } of this.#recent.slice(place + 1)) member.push(result);
    return member;
  }

  /** What the members were told of an event; undefined when the crowd has not come to it, or has left it far behind. */
  told(id: string): ExecutionResult | undefined {
    return this.#recent.findLast((item) => item.id === id)?.result;
  }

  /** A place behind the event `id` once the crowd has come to it. */
  joinAt(id: string): Admission {
    const { promise, resolve } = Promise.withResolvers<Member>();
    let admitted: Member | null = null;
    const early = (member: Member): void => resolve((admitted = member));
    const others = this.#early.get(id) ?? new Set();
    this.#early.set(id, others.add(early));
    return {
      member: promise,
      cancel: () => {
        others.delete(early);
        if (others.size === 0 && this.#early.get(id) === others) this.#early.delete(id);
        if (admitted) this.leave(admitted);
      },
    };
  }

  leave(member: Member): void {
    this.#members.delete(member);
    member.end(null);
  }

  /** Tells all members of some events, in order. */
  tell(items: readonly Item[]): void {
    for (const { id, result } of items) {
      for (const member of this.#members) member.push(result);
      this.#recent.push({ id, result });
      if (this.#recent.length > RECENT) this.#recent.shift();
      for (const admit of this.#early.get(id) ?? []) admit(this.#admit());
      this.#early.delete(id);
    }
  }

  /** @param error null: it is complete */
  end(error: unknown): void {
    this.#over = true;
    for (const member of this.#members) member.end(error);
    this.#members.clear();
    this.#early.clear();
  }

  #admit(): Member {
    const member = new Member();
    this.#members.add(member);
    return member;
  }
}

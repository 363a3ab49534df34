import type { DelayCause } from '../delivery/delay.js';

/** How fast a channel can send, as far as can be told. */
export interface Capacity {
  /** Sends a second of real time; 0: nothing moves, and nobody can say for how long. */
  readonly perSecond: number;
  /** What keeps it from sending faster; null: nothing that is known. */
  readonly limitedBy: DelayCause | null;
  /** From when on it can send; engine ms. */
  readonly from: number;
}

/** Deliveries that are due at the same time. */
export interface Arrival<T> {
  /** Engine ms. */
  readonly dueAt: number;
  /** Engine ms; null: it has passed already, and cannot be missed again. */
  readonly deadline: number | null;
  readonly count: number;
  /** Whatever tells them apart; comes back with the result. */
  readonly of: T;
}

/** What is expected to become of an arrival. */
export interface Departure<T> extends Arrival<T> {
  /** How many are expected to miss their deadline. */
  readonly misses: number;
  /** When the last of them leaves, engine ms; null: cannot be told. */
  readonly leftAt: number | null;
  /** What keeps it from leaving sooner; null: nothing that is known. */
  readonly limitedBy: DelayCause | null;
}

/**
 * Sends what is due through a channel in the order of its instants, at the channel's pace: the backlog, the token rate, the
 * in-flight limit and the provider's latency together give when each will have left, and which of them come too late.
 * @param speed engine ms for each ms of real time
 */
export function simulate<T>(
  arrivals: readonly Arrival<T>[],
  capacity: Capacity,
  speed: number,
): Departure<T>[] {
  const inOrder = [...arrivals].sort((a, b) => a.dueAt - b.dueAt);
  const { limitedBy } = capacity;
  if (capacity.perSecond <= 0) {
    return inOrder.map((arrival) => ({
      ...arrival,
      misses: arrival.deadline === null ? 0 : arrival.count,
      leftAt: null,
      limitedBy,
    }));
  }
  const perMs = capacity.perSecond / 1_000 / speed;
  let free = capacity.from;
  return inOrder.map((arrival) => {
    const begins = Math.max(free, arrival.dueAt);
    const leftAt = begins + arrival.count / perMs;
    free = leftAt;
    const { deadline, count } = arrival;
    const inTime = deadline === null ? count : Math.max(0, Math.floor((deadline - begins) * perMs));
    return { ...arrival, misses: Math.max(0, count - inTime), leftAt, limitedBy };
  });
}

/** The one that leaves last: of which nobody can tell when, if there is such a one; null: there are none. */
export function lastOf<T>(departures: readonly Departure<T>[]): Departure<T> | null {
  const leaves = ({ leftAt }: Departure<T>): number => leftAt ?? Number.POSITIVE_INFINITY;
  return departures.reduce<Departure<T> | null>(
    (last, one) => (last === null || leaves(one) > leaves(last) ? one : last),
    null,
  );
}

/** What a channel's pace is made of. */
export interface Means {
  /** The provider's limit in any sliding second; null: none. */
  readonly perSecond: number | null;
  /** Attempts that may be under way at once. */
  readonly inFlight: number;
  /** How long the provider takes for an answer, in ms of real time. */
  readonly providerMs: number;
}

/** What is used of a limit a second: the spacing of send tokens keeps a margin (docs/decisions/0008). */
const USED_OF_LIMIT = 0.975;

/** Sends a second, and what limits them. */
export function paceOf({
  perSecond,
  inFlight,
  providerMs,
}: Means): Pick<Capacity, 'perSecond' | 'limitedBy'> {
  const byPlaces = (inFlight * 1_000) / Math.max(1, providerMs);
  const byTokens = perSecond === null ? Number.POSITIVE_INFINITY : perSecond * USED_OF_LIMIT;
  return byTokens <= byPlaces
    ? { perSecond: byTokens, limitedBy: 'TOKEN' }
    : { perSecond: byPlaces, limitedBy: 'IN_FLIGHT' };
}

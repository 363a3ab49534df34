/** One wall time of a rule. */
export interface WallOccurrence {
  /** As `wallMsOf` counts. */
  readonly wallMs: number;
  /** The month is too short for the rule's day: this is its last. */
  readonly clamped: boolean;
}

/** A rule's wall times, ascending, from one on (inclusive); found one by one, as they are asked for. */
export type WallTimes = (fromMs: number) => Iterable<WallOccurrence>;

/** Times are written with four digits for the year. */
export const LAST_WALL_MS = Date.UTC(9999, 11, 30);

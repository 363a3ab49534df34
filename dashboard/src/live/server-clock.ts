/** What the server said that it is in an event, and when the event came, by a clock of our own that only runs forward. */
export interface ClockReading {
  /** Engine time in ms since 1970. */
  readonly server: number;
  /** `performance.now()` at the event's arrival. */
  readonly arrived: number;
}

/**
 * The server's time now. The watcher's own clock is never asked: it may be off by minutes, and a deadline that is
 * shown by it would be wrong by as much.
 * @param monotonic `performance.now()`
 */
export function serverNow({ server, arrived }: ClockReading, monotonic: number): number {
  return server + Math.max(0, monotonic - arrived);
}

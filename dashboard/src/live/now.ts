import { useEffect, useState } from 'react';

/** Two clocks read at the same moment, in ms. */
export interface Now {
  /** `performance.now()`: only ever forward. */
  readonly monotonic: number;
  /** The watcher's own clock, since 1970; only for when the server has not said its time yet. */
  readonly wall: number;
}

function read(): Now {
  return { monotonic: performance.now(), wall: Date.now() };
}

/** The time, renewed once in a while: what it is read for is rendered anew with it. */
export function useNow(everyMs = 1_000): Now {
  const [now, setNow] = useState(read);
  useEffect(() => {
    const timer = setInterval(() => setNow(read()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

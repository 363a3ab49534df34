/** Between a figure and its unit: narrow, and never at a line's end. */
const GAP = '\u202f';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * A length of time as a person would say it: two units at most, and never more digits than matter.
 * @param ms 0 or more; what is below counts as 0
 * @example durationInWords(270_000) // 4 min 30 s
 */
export function durationInWords(ms: number): string {
  const whole = Math.round(Math.max(0, ms));
  if (whole < SECOND) return join(whole, 'ms');
  // Below ten seconds a tenth says something, unless there is none: a target of 2 s is not "2.0 s".
  const tenths = Math.round(whole / 100);
  if (tenths < 100 && whole % SECOND !== 0) return `${(tenths / 10).toFixed(1)}${GAP}s`;
  const seconds = Math.round(whole / SECOND);
  if (seconds < 60) return join(seconds, 's');
  if (seconds < HOUR / SECOND) return two(seconds, [60, 'min'], [1, 's']);
  const minutes = Math.round(whole / MINUTE);
  if (minutes < DAY / MINUTE) return two(minutes, [60, 'h'], [1, 'min']);
  return two(Math.round(whole / HOUR), [24, 'd'], [1, 'h']);
}

/** `amount` in the larger unit and the rest of it in the smaller one, which is left out when it is nothing. */
function two(
  amount: number,
  [size, large]: readonly [number, string],
  small: readonly [number, string],
): string {
  const rest = amount % size;
  const first = join(Math.floor(amount / size), large);
  return rest === 0 ? first : `${first} ${join(rest, small[1])}`;
}

function join(figure: number, unit: string): string {
  return `${figure}${GAP}${unit}`;
}

import { durationInWords } from './duration.js';

const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const SHORT_TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
const DATE = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });
const ZONE = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' });

/** The watcher's own wall clock, to the second: 06:04:30. @param instant ISO 8601, or ms since 1970 */
export function timeOfDay(instant: string | number): string {
  return TIME.format(new Date(instant));
}

/** 06:04 */
export function shortTime(instant: string | number): string {
  return SHORT_TIME.format(new Date(instant));
}

/** With the day where it is not today's: `06:04:30`, `Tue, 24 Nov, 06:04:30`. */
export function dayAndTime(instant: string | number, now: number): string {
  const date = DATE.format(new Date(instant));
  return date === DATE.format(new Date(now)) ? timeOfDay(instant) : `${date}, ${timeOfDay(instant)}`;
}

/** What the wall clock's zone is called: `IST`, `GMT+5:30`. */
export function zoneName(now: number): string {
  return ZONE.formatToParts(new Date(now)).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** `12 s ago`, `in 4 min`, `now`. */
export function relative(instant: string | number, now: number): string {
  const ms = new Date(instant).getTime() - now;
  if (Math.abs(ms) < 1_000) return 'now';
  // Whole seconds: a tenth that flickers by says nothing.
  const length = durationInWords(Math.round(Math.abs(ms) / 1_000) * 1_000);
  return ms < 0 ? `${length} ago` : `in ${length}`;
}

/**
 * A sentence of the server's, which tells times of day in UTC, by the watcher's wall clock: one page has one clock.
 * @param now ms since 1970, of the same day
 */
export function byWallClock(sentence: string, now: number): string {
  const day = new Date(now).toISOString().slice(0, 10);
  return sentence.replace(/\b(\d\d:\d\d:\d\d) UTC\b/g, (_, time: string) => timeOfDay(`${day}T${time}Z`));
}

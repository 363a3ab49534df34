const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const ZONE = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' });

/** The watcher's own wall clock, to the second: 06:04:30. @param instant ISO 8601, or ms since 1970 */
export function timeOfDay(instant: string | number): string {
  return TIME.format(new Date(instant));
}

/** What the wall clock's zone is called: `IST`, `GMT+5:30`. */
export function zoneName(now: number): string {
  return ZONE.formatToParts(new Date(now)).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

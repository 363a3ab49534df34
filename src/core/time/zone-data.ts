/** The version of the time zone database that this process reckons with, as `2026c`: it comes with Node. */
export const ZONE_DATA_VERSION: string = process.versions['tz'] ?? 'unknown';

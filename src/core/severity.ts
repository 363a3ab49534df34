/** How much something matters: worth knowing; worth a look today; worth waking somebody up. */
export const SEVERITIES = ['NOTICE', 'WARNING', 'CRITICAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

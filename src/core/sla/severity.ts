/** How much something matters, the least first: worth knowing, to be looked at soon, to be looked at now. */
export const SEVERITIES = ['NOTICE', 'WARNING', 'CRITICAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

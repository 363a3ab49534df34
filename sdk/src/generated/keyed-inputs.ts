/** Inputs that take an idempotency key. */
export const KEYED_INPUTS: ReadonlySet<string> = new Set([
  'CancelManyInput',
  'CleanQueueInput',
  'CleanupInput',
  'RetryFailedInput',
  'RunMaintenanceInput',
  'ScheduleBulkInput',
  'ScheduleInput',
  'SendImmediateBulkInput',
  'SendImmediateInput',
  'SendNowInput',
]);

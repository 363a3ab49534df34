import type { DelayCause, ProgressFieldsFragment } from '#sdk';

/** What a cause has cost. */
export interface Cause {
  readonly cause: DelayCause;
  readonly ms: number;
  /** Of all that was lost, 0 to 1. */
  readonly share: number;
}

/** The causes that cost anything, the dearest first. */
export function causesOf(lost: ProgressFieldsFragment['lost']): Cause[] {
  const spent = lost.filter(({ ms }) => ms > 0);
  const whole = spent.reduce((sum, { ms }) => sum + ms, 0);
  return spent.map(({ cause, ms }) => ({ cause, ms, share: ms / whole })).sort((a, b) => b.ms - a.ms);
}

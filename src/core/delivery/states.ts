/**
 * The states of a delivery (CORE-1). docs/lifecycle.md tells the story; this is the table that the code
 * moves by: a move names the states it may start from, and the database refuses any other.
 */
export const STATES = [
  'SCHEDULED',
  'QUEUED',
  'SENDING',
  'RETRYING',
  'SENT',
  'DELIVERED',
  'READ',
  'RESPONDED',
  'FAILED',
  'DEAD_LETTERED',
  'CANCELLED',
  'MISSED',
] as const;

/** One state of a delivery. */
export type DeliveryState = (typeof STATES)[number];

/** Waiting for an instant: an alarm stands for it. */
export const WAITING = ['SCHEDULED', 'RETRYING'] as const satisfies readonly DeliveryState[];

/** No attempt is under way: cancelling and rescheduling work here, and nowhere else (CORE-4). */
export const OPEN = ['SCHEDULED', 'QUEUED', 'RETRYING'] as const satisfies readonly DeliveryState[];

/** Given up, and may be tried again by hand (CORE-26). */
export const FAILED_STATES = ['FAILED', 'DEAD_LETTERED'] as const satisfies readonly DeliveryState[];

/** The provider has accepted it; later receipts move it forward within these. */
export const ACCEPTED = [
  'SENT',
  'DELIVERED',
  'READ',
  'RESPONDED',
] as const satisfies readonly DeliveryState[];

/** The moves, each with the states that it may start from and those it may lead to. */
export const MOVES = {
  accept: { from: [], to: ['SCHEDULED', 'QUEUED'] },
  ring: { from: ['SCHEDULED', 'RETRYING'], to: ['QUEUED'] },
  claim: { from: ['QUEUED'], to: ['SENDING'] },
  release: { from: ['SENDING'], to: ['QUEUED', 'SCHEDULED'] },
  send: { from: ['SENDING'], to: ['SENT'] },
  retry: { from: ['SENDING'], to: ['RETRYING'] },
  fail: { from: ['SENDING'], to: ['FAILED'] },
  deadLetter: { from: ['SENDING'], to: ['DEAD_LETTERED'] },
  reroute: { from: ['SENDING', 'QUEUED'], to: ['QUEUED'] },
  /** What waits for an instant is rung first, and what is held is released first. */
  expire: { from: ['QUEUED'], to: ['MISSED'] },
  cancel: { from: OPEN, to: ['CANCELLED'] },
  reschedule: { from: OPEN, to: ['SCHEDULED', 'QUEUED'] },
  revive: { from: FAILED_STATES, to: ['QUEUED'] },
  /**
   * From QUEUED, RETRYING and DEAD_LETTERED only where the last attempt's outcome is unknown: the report settles it. From
   * FAILED only where a report had said so: one that shows that it arrived is worth more, whichever comes first.
   */
  receive: {
    from: ['SENT', 'DELIVERED', 'READ', 'FAILED', 'QUEUED', 'RETRYING', 'DEAD_LETTERED'],
    to: ['SENT', 'DELIVERED', 'READ', 'RESPONDED', 'FAILED'],
  },
} as const satisfies Record<string, { from: readonly DeliveryState[]; to: readonly DeliveryState[] }>;

/** The name of a move. */
export type Move = keyof typeof MOVES;

import type { DelayCause } from '#sdk';

interface Words {
  /** In one or two words, for a legend. */
  readonly name: string;
  /** That it is what holds the pace, in a sentence. */
  readonly pace: string;
}

const CAUSES: Readonly<Record<DelayCause, Words>> = {
  WAKE: { name: 'woken late', pace: 'No worker is at work.' },
  TOKEN: { name: 'rate limit', pace: "The provider's rate limit sets the pace." },
  DAY_LIMIT: { name: "day's limit", pace: "The provider's limit for the day is reached." },
  RECIPIENT_LIMIT: { name: 'recipient limit', pace: 'The limit for one recipient sets the pace.' },
  IN_FLIGHT: { name: 'in-flight limit', pace: 'As many are under way as may be, and that sets the pace.' },
  BREAKER: { name: 'breaker open', pace: "The channel's breaker is open." },
  STOPPED: { name: 'channel stopped', pace: 'The channel is stopped.' },
  PAUSED: { name: 'queue paused', pace: 'The queue is paused.' },
  RETRY: { name: 'retries', pace: 'Retries set the pace.' },
  PROVIDER: { name: 'provider', pace: "The provider's answers set the pace." },
};

/** A cause of lateness in one or two words. */
export function causeName(cause: DelayCause): string {
  return CAUSES[cause].name;
}

/** What holds the pace, in a sentence. */
export function paceSentence(cause: DelayCause): string {
  return CAUSES[cause].pace;
}
